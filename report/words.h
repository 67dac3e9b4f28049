// Numbers and lists as people read them: few digits, powers of ten as powers, "a, b and c".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::report {

std::string number(double v, int digits = 3);         // "0.236", "2.2×10⁻¹⁹", "–" if not finite
std::string percent(double share, int decimals = 1);  // "10.1 %"
std::string points(double difference);                // of two shares: "85.2 points"
std::string seconds(double v);                        // "310 µs", "1.74 s"
std::string superscript(int n);                       // "⁻¹⁹"
std::string thousands(long long n);                   // "1,797"
std::string join(const std::vector<std::string>& items, std::string_view last = " and ");
std::string count(int n, std::string_view noun);  // "1 network", "3 networks"
std::string capitalised(std::string text);
std::string format_name(std::string_view precision);  // "f16" is "float16"

// Which columns of a table hold numbers (in most of their cells) and are set to the right.
std::vector<bool> number_columns(const std::vector<std::vector<std::string>>& rows);

// Display columns of UTF-8 text, and the text padded to so many.
int width(std::string_view text);
std::string padded(std::string text, int columns, bool right = false);

// For HTML text and attribute values; a number and its percent sign stay on one line.
std::string escaped(std::string_view text);

}  // namespace gradkeep::report
