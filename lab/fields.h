// The keys of a study, in one table: what each is called, where it lives in RunSpec, what may stand
// there and whether a list of it spans an axis of the grid. Reading TOML, writing a run's identity
// and reading it back all walk this table, so a new key is one line here and one member there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lab/spec.h"

namespace gradkeep::lab {

struct Field {
  using Member = std::variant<std::string RunSpec::*, int RunSpec::*, std::int64_t RunSpec::*,
                              double RunSpec::*, bool RunSpec::*,
                              std::vector<std::string> RunSpec::*, std::vector<double> RunSpec::*>;
  std::string_view key;
  Member member;
  bool axis = false;                      // a list means: try each
  Interval range = {};                    // of numbers
  std::vector<std::string> choices = {};  // of texts; empty: checked elsewhere
  bool written_by_user = true;
  bool or_number = false;  // of texts: a number in `range` may stand there too

  std::string expected() const;  // "a whole number in [1, 1000]"
};

std::span<const Field> fields();
const Field* find_field(std::string_view key);

// The value of a field as text, for labels: "16", "relu", "0.001".
std::string field_text(const Field& field, const RunSpec& run);

}  // namespace gradkeep::lab
