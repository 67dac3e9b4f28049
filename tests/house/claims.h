// The numbers that docs/claims.md quotes, by the names in the last column of its tables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

namespace gradkeep::claims {

using Numbers = std::map<std::string, std::function<double()>>;

Numbers by_theory();    // random networks without end in width, and functions on paper
Numbers by_networks();  // networks that are built and, where need be, trained

}  // namespace gradkeep::claims
