// SPDX-License-Identifier: Apache-2.0
#include "kit/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/c_call.h"
#include "data/words.h"

namespace gradkeep::kit {
namespace {

constexpr std::array<NumberType, 4> kTypes{
    {{Number::f32, "f32", "<f4", 4, GRADKEEP_F32, check::kBinary32},
     {Number::f64, "f64", "<f8", 8, GRADKEEP_F64, check::kBinary64},
     {Number::f16, "f16", "<f2", 2, GRADKEEP_F16, check::kBinary16},
     {Number::bf16, "bf16", "<V2", 2, GRADKEEP_BF16, check::kBfloat16}}};

std::uint64_t sign_bit(Number number) {
  return std::uint64_t{1} << (8 * type_of(number).bytes - 1);
}

}  // namespace

const NumberType& type_of(Number number) { return kTypes[static_cast<std::size_t>(number)]; }
std::span<const NumberType> number_types() { return kTypes; }

Number number_named(std::string_view word) {
  std::vector<std::string> known;
  for (const NumberType& type : kTypes) {
    if (type.name == word) return type.number;
    known.emplace_back(type.name);
  }
  data::unknown_word("number format", word, known);
}

std::uint64_t bits_of(Number number, double v) {
  std::uint64_t bits = 0;
  c::with_type(type_of(number).c, [&](auto typed) {
    typed = static_cast<decltype(typed)>(v);
    std::memcpy(&bits, &typed, sizeof typed);  // little endian
  });
  return bits;
}

double number_of(Number number, std::uint64_t bits) {
  double v = 0;
  c::with_type(type_of(number).c, [&](auto typed) {
    std::memcpy(static_cast<void*>(&typed), &bits, sizeof typed);
    v = static_cast<double>(typed);
  });
  return v;
}

bool same_number(Number number, double one, double other) {
  return (std::isnan(one) && std::isnan(other)) || bits_of(number, one) == bits_of(number, other);
}

std::string bits_text(Number number, double v) {
  const std::size_t digits = 2 * type_of(number).bytes;
  std::array<char, 16> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), bits_of(number, v), 16).ptr;
  const std::string hex(text.data(), end);
  return "0x" + std::string(digits - hex.size(), '0') + hex;
}

std::string shortest_text(Number number, double v) {
  if (std::isnan(v)) return "nan";
  std::array<char, 40> text{};
  char *const begin = text.data(), *const end = text.data() + text.size();
  if (number == Number::f64) return {begin, std::to_chars(begin, end, v).ptr};
  if (number == Number::f32) return {begin, std::to_chars(begin, end, static_cast<float>(v)).ptr};
  for (int digits = 1;; ++digits) {
    const char* stop = std::to_chars(begin, end, v, std::chars_format::general, digits).ptr;
    double back = 0;
    const bool read = std::from_chars(begin, stop, back).ec == std::errc();
    if (!read || bits_of(number, back) == bits_of(number, v))
      return {begin, static_cast<std::size_t>(stop - begin)};
  }
}

std::int64_t ordinal(Number number, double v) {
  const std::uint64_t bits = bits_of(number, v), sign = sign_bit(number);
  const auto size = static_cast<std::int64_t>(bits & (sign - 1));
  return bits & sign ? -size - 1 : size;
}

double from_ordinal(Number number, std::int64_t n) {
  return number_of(number, n < 0 ? static_cast<std::uint64_t>(-(n + 1)) | sign_bit(number)
                                 : static_cast<std::uint64_t>(n));
}

std::vector<char> to_bytes(Number number, std::span<const double> v) {
  const std::size_t bytes = type_of(number).bytes;
  std::vector<char> out(v.size() * bytes);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::uint64_t bits = bits_of(number, v[i]);
    std::memcpy(out.data() + i * bytes, &bits, bytes);
  }
  return out;
}

std::vector<double> from_bytes(Number number, std::span<const char> bytes) {
  const std::size_t size = type_of(number).bytes;
  std::vector<double> out(bytes.size() / size);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * size, size);
    out[i] = number_of(number, bits);
  }
  return out;
}

}  // namespace gradkeep::kit
