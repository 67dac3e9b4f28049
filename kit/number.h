// The four number formats that the kit asks about. A number of any of them is a double exactly, so
// everything between a question and its judgement is arrays of doubles, and only what goes to a
// target and comes from it has the format's own bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "check/format.h"

namespace gradkeep::kit {

enum class Number { f32, f64, f16, bf16 };

struct NumberType {
  Number number;
  std::string_view name;  // "f32"
  std::string_view npy;   // "<f4", in .npy files; "<V2" is what ml_dtypes writes for bfloat16
  std::size_t bytes;
  std::int32_t c;  // GRADKEEP_F32 and so on
  check::Format format;
};
const NumberType& type_of(Number number);
Number number_named(std::string_view word);  // throws Error for another word
std::span<const NumberType> number_types();

// The bits of v, which must be a number of the format; and back.
std::uint64_t bits_of(Number number, double v);
double number_of(Number number, std::uint64_t bits);
// Whether bits are the same, or both are NaN.
bool same_number(Number number, double one, double other);
// 0x and all the digits of the format.
std::string bits_text(Number number, double v);
// The shortest decimal that reads back to the same number of the format.
std::string shortest_text(Number number, double v);

// Integers in the order of the numbers: neighbours differ by 1.
std::int64_t ordinal(Number number, double v);
double from_ordinal(Number number, std::int64_t n);

std::vector<char> to_bytes(Number number, std::span<const double> v);
// `bytes` holds whole numbers.
std::vector<double> from_bytes(Number number, std::span<const char> bytes);

}  // namespace gradkeep::kit
