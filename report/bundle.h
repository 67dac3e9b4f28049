// The charts' script and style sheet, carried in the program; the build generates bundle.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gradkeep::report {

std::string_view bundle_js();
std::string_view bundle_css();

}  // namespace gradkeep::report
