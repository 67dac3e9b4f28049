// Numbers, lists and HTML text.
// SPDX-License-Identifier: Apache-2.0
#include "report/words.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace gradkeep::report {
namespace {

std::string print(const char* format, int digits, double v) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, v);
  return text;
}

}  // namespace

std::string superscript(int n) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (const char c : std::to_string(n)) text += c == '-' ? "⁻" : kDigits[c - '0'];
  return text;
}

std::string number(double v, int digits) {
  if (!std::isfinite(v)) return "–";
  if (v == 0) return "0";
  const std::string sign = v < 0 ? "−" : "";
  v = std::abs(v);
  const int exponent = static_cast<int>(std::floor(std::log10(v)));
  if (exponent < -3 || exponent > 5) {
    const std::string text = print("%.*e", digits > 2 ? 1 : digits - 1, v);
    const auto e = text.find('e');
    return sign + text.substr(0, e) + "×10" + superscript(std::atoi(text.c_str() + e + 1));
  }
  // Rounded to significant digits first, then written without an exponent.
  const double rounded = std::strtod(print("%.*g", digits, v).c_str(), nullptr);
  std::string text = print("%.*f", std::max(0, digits - 1 - exponent), rounded);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return sign + text;
}

std::string percent(double share, int decimals) {
  return std::isfinite(share) ? print("%.*f", decimals, 100 * share) + " %" : "–";
}

std::string points(double difference) {
  return print("%.*f", 1, std::abs(100 * difference)) + " points";
}

std::string seconds(double v) {
  if (!std::isfinite(v)) return "–";
  if (v < 1e-3) return number(1e6 * v) + " µs";
  if (v < 1) return number(1e3 * v) + " ms";
  return number(v) + " s";
}

std::string thousands(long long n) {
  std::string text = std::to_string(n);
  for (int i = static_cast<int>(text.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3) text.insert(i, ",");
  return text;
}

std::string join(const std::vector<std::string>& items, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? std::string(last) : ", ";
    text += items[i];
  }
  return text;
}

std::string count(int n, std::string_view noun) {
  return thousands(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::string format_name(std::string_view precision) {
  if (precision == "bf16") return "bfloat16";
  return "float" + std::string(precision.substr(1));
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::vector<bool> number_columns(const std::vector<std::vector<std::string>>& rows) {
  const auto is_number = [](std::string_view cell) {
    for (const std::string_view sign : {"−", "-", "+", "<", "≈", "×", "≥", "≤"})
      if (cell.starts_with(sign)) cell.remove_prefix(sign.size());
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    return !cell.empty() && std::isdigit(static_cast<unsigned char>(cell.front()));
  };
  std::vector<bool> result(rows.empty() ? 0 : rows.front().size(), false);
  for (std::size_t i = 1; i < result.size(); ++i) {
    int numbers = 0, texts = 0;
    for (const auto& row : rows)
      if (row[i] != "–" && !row[i].empty()) ++(is_number(row[i]) ? numbers : texts);
    result[i] = numbers >= texts;
  }
  return result;
}

int width(std::string_view text) {
  int columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

std::string padded(std::string text, int columns, bool right) {
  const int missing = columns - width(text);
  if (missing <= 0) return text;
  const std::string space(static_cast<std::size_t>(missing), ' ');
  return right ? space + text : text + space;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case ' ':
        out += text.substr(i, 2) == " %" ? "&nbsp;" : " ";
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

}  // namespace gradkeep::report
