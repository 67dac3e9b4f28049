// The text files that the build carries into the library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gradkeep::data {

extern const std::string_view kDigitsText;        // data/digits.txt
extern const std::string_view kCreditText;        // data/credit.txt
extern const std::string_view kBreastCancerText;  // data/breast_cancer.txt
extern const std::string_view kCreditsText;       // data/credits.txt

}  // namespace gradkeep::data
