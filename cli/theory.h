// What the verbs about theory share: their options for weights and biases, and tables of numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/critical.h>

#include <string>
#include <vector>

#include "cli/json.h"
#include "cli/verbs.h"

namespace gradkeep::cli {

// The largest --depth and --width.
inline constexpr int kDeepest = 10000, kWidest = 1'000'000'000;

// An option that is a number of at least 0 (above 0 where `positive`), or an Error that names it.
double parse_size(const std::string& text, const char* option, bool positive = false);
// An option that is a whole number from 1 to `most`.
int parse_count(const std::string& text, const char* option, int most);

void add_weight_std(Verb verb, std::string& text);
void add_bias_std(Verb verb, std::string& text);

// Columns under their titles, numbers to the right, the first column and words to the left.
void print_table(Output& out, const std::vector<std::string>& titles,
                 const std::vector<std::vector<std::string>>& rows);

// A number, or null where there is none.
void field_or_null(Json& json, const char* name, double v);

}  // namespace gradkeep::cli
