// Numbers as a user types and reads them. A typed number is rounded to its type once, straight from
// the text; a printed one is the shortest decimal that reads back to the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::cli {

// Decimal, hexadecimal with an exponent, inf, -inf, nan, .5, -.5, or bits:0xff800000.
bool looks_like_number(std::string_view text);

// T is float or double, of which bits must have the full width. Throws Error that names `what` the
// number was for.
template <class T>
T parse_number(std::string_view text, std::string_view what);
// "0.5,-1,inf": at least one.
template <class T>
std::vector<T> parse_numbers(std::string_view text, std::string_view what);

template <class T>
std::string shortest(T value);  // "0.1", "-0", "1e-45", "inf", "-inf", "nan"
template <class T>
std::string json_number(T value);  // the same, with "inf", "-inf", "nan" quoted and -0 as -0.0
template <class T>
std::string bits_text(T value);  // "0x3f800000"
// For reading, not for reading back: so many significant digits, no trailing zeros.
std::string rounded(double value, int digits = 6);
// The same of a computed quantity: an infinite one is a number too large for double, and says so.
std::string in_double(double value, int digits = 6);

}  // namespace gradkeep::cli
