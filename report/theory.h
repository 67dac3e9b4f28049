// What the general report has to say of theory: see theory.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/gather.h"
#include "report/model.h"
#include "report/reading.h"

namespace gradkeep::report {

// Predicted rows of a cell, or why there are none.
Json foresight_json(const Cell& cell);
// For each activation chi_1 over weight_std and bias_std, row by row of equal bias_std, and where the
// study's networks lie.
Json maps(const Gathered& g);
std::vector<TextTable> theory_tables(const Gathered& g);
std::vector<Figure> theory_figures(const Gathered& g);
void add_foresight(const Gathered& g, std::vector<Finding>& out);
void add_treatments(const Gathered& g, std::vector<Finding>& out);

}  // namespace gradkeep::report
