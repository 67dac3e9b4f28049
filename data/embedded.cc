// SPDX-License-Identifier: Apache-2.0
#include "data/embedded.h"

#include <algorithm>
#include <iterator>

namespace gradkeep::data {
namespace {

constexpr struct {
  const char *name, *text;
} kTexts[] = {
#include "data/texts.inc"
};

}  // namespace

std::string_view embedded(std::string_view name) {
  return std::find_if(std::begin(kTexts), std::end(kTexts),
                      [&](const auto& file) { return file.name == name; })
      ->text;
}

}  // namespace gradkeep::data
