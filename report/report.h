// The report: what a store's study found, as one model (JSON), as one HTML file that needs nothing
// else, and as a few lines for the terminal. The same store gives the same bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lab/store.h"
#include "nlohmann/json.hpp"

namespace gradkeep::report {

// As docs/schema/report.schema.json describes. Throws Error for a store without a finished run.
nlohmann::ordered_json make_model(const lab::Store& store);

// The page made from a model, which it carries inside.
std::string make_html(const nlohmann::ordered_json& model);
std::string make_html(const lab::Store& store);

// Verdict and a small table, in `columns` columns of plain text.
std::string summary_text(const nlohmann::ordered_json& model, int columns = 80);

}  // namespace gradkeep::report
