// Between a study's text and its runs: what stands at each key, with the place that an error has to
// name, and the combinations made of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lab/fields.h"
#include "lab/spec.h"

namespace gradkeep::lab {

// The alternatives at one key: one value, unless it is a list of an axis.
struct Choice {
  const Field* field = nullptr;
  std::vector<RunSpec> values = {};      // only the field's member counts
  std::vector<std::string> places = {};  // of each value: "my.toml:3", "--set depth=4"
  bool list = false;
};

// What one grid is made of, in the order of the file.
struct Grid {
  std::vector<Choice> choices;
  bool chosen = false;       // the learning rate is chosen, not spanned
  std::string choose_place;  // where that is said
};

// Throws the Error "PLACE: WHAT".
[[noreturn]] void refuse(const std::string& place, const std::string& what);
// The same for a word that is none of the known ones.
[[noreturn]] void refuse_unknown(const std::string& place, const std::string& what,
                                 const std::string& word, const std::vector<std::string>& known);

// Multiplies the grids out into axes, runs and choosing of `study`; checks every run. `base` holds
// what no key says. Equal runs of two grids become one; within a grid they are an error.
void expand(const std::vector<Grid>& grids, const RunSpec& base, Study& study);

}  // namespace gradkeep::lab
