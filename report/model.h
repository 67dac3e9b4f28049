// The parts of a model (JSON) that every report has, whatever kind of study it tells of. Measured
// numbers are rounded to four significant digits, more than any of them deserves; a number that is
// not finite is null.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "nlohmann/json.hpp"
#include "report/account.h"
#include "report/compare.h"
#include "report/statements.h"

namespace gradkeep::report {

using Json = nlohmann::ordered_json;

Json rounded(double v);
Json spread(const Spread& s);
Json spread_row(const std::vector<Spread>& row);

// Study, verdict, key table, findings, method and credits.
Json common_model(const Account& account, const Verdict& verdict, const TextTable& key,
                  const std::vector<Finding>& findings);
Json table_json(const TextTable& table);

// The report of a study without a reading of its own: activations against depth and settings.
Json general_model(const lab::Store& store);

}  // namespace gradkeep::report
