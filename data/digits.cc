// The embedded digits, unpacked; data/README.md says where they come from.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "data/dataset.h"
#include "data/embedded.h"

namespace gradkeep::data {
namespace {

constexpr std::size_t kPixels = 64;
constexpr std::size_t kLine = kPixels + 3;  // class, space, pixels, end of line

int base17(char symbol) { return symbol <= '9' ? symbol - '0' : symbol - 'a' + 10; }

}  // namespace

Dataset digits() {
  Dataset set;
  set.name = "digits";
  const std::string_view text = embedded("digits");
  set.rows = text.size() / kLine;
  set.features = kPixels;
  set.classes = 10;
  set.x.reserve(set.rows * kPixels);
  for (std::size_t r = 0; r < set.rows; ++r) {
    const std::string_view line = text.substr(r * kLine, kLine);
    set.label.push_back(line[0] - '0');
    for (const char symbol : line.substr(2, kPixels)) set.x.push_back(base17(symbol));
  }
  for (std::size_t p = 0; p < kPixels; ++p) {
    set.feature_names.push_back("pixel " + std::to_string(p / 8) + "," + std::to_string(p % 8));
  }
  for (int c = 0; c < set.classes; ++c) set.class_names.push_back(std::to_string(c));
  check(set);
  return set;
}

}  // namespace gradkeep::data
