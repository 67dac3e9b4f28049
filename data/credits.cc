// Who made the embedded data: the paragraphs of credits.txt, one for each data set; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include "data/dataset.h"
#include "data/embedded.h"

namespace gradkeep::data {

std::string credits() { return std::string(embedded("credits")); }

std::string credits(std::string_view name) {
  const std::string first = "Data inside gradkeep, " + std::string(name) + ":";
  const std::string_view text = embedded("credits");
  const std::size_t start = text.find(first);
  if (start == text.npos) return {};
  const std::size_t end = text.find("\n\n", start);
  return std::string(text.substr(start, end == text.npos ? end : end + 1 - start));
}

}  // namespace gradkeep::data
