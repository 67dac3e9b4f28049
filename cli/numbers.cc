// Numbers as a user types and reads them.
// SPDX-License-Identifier: Apache-2.0
#include "cli/numbers.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <type_traits>

namespace gradkeep::cli {
namespace {

template <class T>
constexpr const char* kOne = sizeof(T) == 4 ? "bits:0x3f800000" : "bits:0x3ff0000000000000";

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex_digit(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Blanks around a number are no part of it: a list may be written "1, 2".
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Consumes a run of digits; tells whether there was one.
template <class Accepts>
bool take_digits(std::string_view& text, Accepts accepts) {
  const std::size_t n = std::find_if_not(text.begin(), text.end(), accepts) - text.begin();
  text.remove_prefix(n);
  return n > 0;
}

// digits[.digits] or .digits, then an exponent introduced by `mark`.
template <class Accepts>
bool significand_and_exponent(std::string_view text, Accepts accepts, char mark) {
  bool any = take_digits(text, accepts);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    any = take_digits(text, accepts) || any;
  }
  if (!any) return false;
  if (!text.empty() && (text.front() | 0x20) == mark) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (!take_digits(text, digit)) return false;
  }
  return text.empty();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

bool has_bits_prefix(std::string_view text) { return lower(text.substr(0, 7)) == "bits:0x"; }

bool floating(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::string word = lower(text);
  if (word == "inf" || word == "infinity" || word == "nan") return true;
  if (word.starts_with("0x")) return significand_and_exponent(text.substr(2), hex_digit, 'p');
  return significand_and_exponent(text, digit, 'e');
}

// The full width of the type, so that the bits of a float are never read as those of a double.
template <class T>
T from_bits(std::string_view digits, std::string_view text, std::string_view what) {
  constexpr std::size_t width = 2 * sizeof(T);
  if (digits.size() != width || !std::all_of(digits.begin(), digits.end(), hex_digit)) {
    throw Error(std::string(what) + " " + std::string(text) + ": expected " +
                std::to_string(width) + " hexadecimal digits, the bits of a float" +
                std::to_string(8 * sizeof(T)) + ", as in " + kOne<T>);
  }
  Bits<T> bits = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  return std::bit_cast<T>(bits);
}

}  // namespace

bool looks_like_number(std::string_view text) {
  text = trimmed(text);
  return floating(text) || has_bits_prefix(text);
}

template <class T>
T parse_number(std::string_view raw, std::string_view what) {
  const std::string text(trimmed(raw));
  if (has_bits_prefix(text)) return from_bits<T>(std::string_view(text).substr(7), text, what);
  if (!floating(text)) {
    throw Error(std::string(what) + " '" + text +
                "' is not a number: expected a decimal, 0x1.8p-3, inf, -inf, nan or " + kOne<T>);
  }
  // glibc rounds correctly from any number of digits, and to inf, 0 and subnormal numbers.
  if constexpr (sizeof(T) == 4) return std::strtof(text.c_str(), nullptr);
  return static_cast<T>(std::strtod(text.c_str(), nullptr));
}

template <class T>
std::vector<T> parse_numbers(std::string_view text, std::string_view what) {
  std::vector<T> out;
  while (true) {
    const std::size_t comma = text.find(',');
    out.push_back(parse_number<T>(text.substr(0, comma), what));
    if (comma == text.npos) return out;
    text.remove_prefix(comma + 1);
  }
}

template <class T>
std::string shortest(T value) {
  if (std::isnan(value)) return "nan";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

template <class T>
std::string json_number(T value) {
  if (!std::isfinite(value)) return '"' + shortest(value) + '"';
  // Python reads -0 as the integer 0.
  if (value == 0 && std::signbit(value)) return "-0.0";
  return shortest(value);
}

template <class T>
std::string bits_text(T value) {
  const auto bits = std::bit_cast<Bits<T>>(value);
  std::string out(2 + 2 * sizeof(T), '0');
  out[1] = 'x';
  for (std::size_t i = 0; i < 2 * sizeof(T); ++i) {
    out[out.size() - 1 - i] = "0123456789abcdef"[(bits >> (4 * i)) & 15];
  }
  return out;
}

std::string rounded(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return shortest(value);
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, digits).ptr;
  return {buffer, end};
}

std::string in_double(double value, int digits) {
  const double largest = std::copysign(std::numeric_limits<double>::max(), value);
  if (!std::isinf(value)) return rounded(value, digits);
  return (value > 0 ? "over " : "under ") + rounded(largest, 3);
}

template float parse_number<float>(std::string_view, std::string_view);
template double parse_number<double>(std::string_view, std::string_view);
template std::vector<float> parse_numbers<float>(std::string_view, std::string_view);
template std::vector<double> parse_numbers<double>(std::string_view, std::string_view);
template std::string shortest<float>(float);
template std::string shortest<double>(double);
template std::string json_number<float>(float);
template std::string json_number<double>(double);
template std::string bits_text<float>(float);
template std::string bits_text<double>(double);

}  // namespace gradkeep::cli
