// Who made the embedded data: the paragraphs of credits.txt, one for each data set; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include "data/dataset.h"
#include "data/embedded.h"

namespace gradkeep::data {

std::string credits() { return std::string(kCreditsText); }

std::string credits(std::string_view name) {
  const std::string first = "Data inside gradkeep, " + std::string(name) + ":";
  const std::size_t start = kCreditsText.find(first);
  if (start == kCreditsText.npos) return {};
  const std::size_t end = kCreditsText.find("\n\n", start);
  return std::string(kCreditsText.substr(start, end == kCreditsText.npos ? end : end + 1 - start));
}

}  // namespace gradkeep::data
