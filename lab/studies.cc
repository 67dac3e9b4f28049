// The studies inside the program: the files of lab/studies/, written into the build.
// SPDX-License-Identifier: Apache-2.0
#include "lab/spec.h"

namespace gradkeep::lab {

const std::vector<BuiltIn>& built_in_studies() {
  static const std::vector<BuiltIn> studies = [] {
    constexpr struct {
      const char *name, *text;
    } kFiles[] = {
#include "lab/studies.inc"
    };
    std::vector<BuiltIn> result;
    for (const auto& file : kFiles) {
      auto study = parse_study(file.text, "built-in");
      result.push_back({study.name, study.title, study.text});
    }
    return result;
  }();
  return studies;
}

}  // namespace gradkeep::lab
