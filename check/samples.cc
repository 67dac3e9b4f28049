// SPDX-License-Identifier: Apache-2.0

#include "check/samples.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <type_traits>

namespace gradkeep::check {

namespace {

template <class T>
using Ordinal = decltype(ordinal(T()));

template <class T>
void sort_unique(std::vector<T>& x) {
  std::sort(x.begin(), x.end(), [](T a, T b) { return ordinal(a) < ordinal(b); });
  x.erase(std::unique(x.begin(), x.end(), [](T a, T b) { return same_bits(a, b); }), x.end());
}

template <class T>
void add_both_signs(std::vector<T>& x, T v) {
  x.push_back(v);
  x.push_back(-v);
}

// m * 2^e for all odd and even m of exactly `bits` bits, and all exponents.
template <class T>
void add_short_mantissas(std::vector<T>& x, int bits) {
  const Format& format = kFormatOf<T>;
  const int least = format.least_exponent();
  for (int e = least; e <= format.max_exponent; ++e) {
    for (int m = 1 << (bits - 1); m < 1 << bits; ++m) {
      const double v = std::ldexp(m, e - bits + 1);
      if (v == static_cast<T>(v) && v != 0) add_both_signs(x, static_cast<T>(v));
    }
  }
}

template <class T>
void add_neighbours(std::vector<T>& x, T centre, int steps) {
  const auto middle = ordinal(centre);
  for (int k = -steps; k <= steps; ++k) {
    const T v = from_ordinal(static_cast<Ordinal<T>>(middle + k));
    if (std::isfinite(v)) x.push_back(v);
  }
}

void add_hard_case(std::vector<float>& x, const std::string& type, double v) {
  if (type == "f32") x.push_back(static_cast<float>(v));
}
void add_hard_case(std::vector<double>& x, const std::string& type, double v) {
  if (type == "f64" || type == "f32") x.push_back(v);
}

constexpr struct {
  const char *name, *text;
} kFiles[] = {
#include "check/hard_cases.inc"
};

int sign_of(const Truth& truth, Ask ask, double x) {
  const double rounded = truth.at(ask, x, kBinary64).rounded;
  return (rounded > 0) - (rounded < 0);
}

}  // namespace

template <class T>
std::vector<T> hard_cases() {
  std::vector<T> x;
  std::istringstream lines(kFiles[0].text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string type, value;
    words >> type >> value;
    add_hard_case(x, type, std::strtod(value.c_str(), nullptr));
  }
  return x;
}

template <class T>
std::vector<T> common_samples(const SampleSize& size, std::uint32_t shift) {
  using Limits = std::numeric_limits<T>;
  const Format& format = kFormatOf<T>;
  std::vector<T> x = hard_cases<T>();
  // A number with fewer bits is one with exactly `mantissa_bits` bits, the last of them zeros,
  // except among the least subnormals.
  add_short_mantissas(x, size.mantissa_bits);
  for (int bits = 1; bits < size.mantissa_bits; ++bits) {
    for (int m = 1 << (bits - 1); m < 1 << bits; ++m) {
      add_both_signs(x, static_cast<T>(std::ldexp(m, format.least_exponent())));
    }
  }
  for (int e = format.least_exponent(); e <= format.max_exponent; ++e) {
    add_neighbours(x, static_cast<T>(std::ldexp(1.0, e)), size.steps);
    add_neighbours(x, static_cast<T>(-std::ldexp(1.0, e)), size.steps);
  }
  add_neighbours(x, T(0), size.steps);
  for (T v : {T(0), Limits::denorm_min(), Limits::min(), Limits::max(), Limits::infinity()}) {
    add_both_signs(x, v);
  }
  std::mt19937_64 random(20220613 + shift);
  if constexpr (std::is_same_v<T, float>) {
    if (size.stride > 0) {
      for (std::uint64_t bits = shift % static_cast<std::uint32_t>(size.stride); bits >> 32 == 0;
           bits += static_cast<std::uint64_t>(size.stride)) {
        const float v = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        if (!std::isnan(v)) x.push_back(v);
      }
    }
  } else {
    for (int k = 0; k < size.random; ++k) {
      x.push_back(std::ldexp(static_cast<double>(random() >> 11), -53) * 100 - 50);
    }
    for (int k = 0; k < size.random_bits; ++k) {
      const double v = std::bit_cast<double>(random());
      if (!std::isnan(v)) x.push_back(v);
    }
  }
  sort_unique(x);
  x.push_back(Limits::quiet_NaN());
  return x;
}

template <class T>
std::vector<T> own_samples(const Truth& truth, Ask ask, const std::vector<double>& kinks,
                           int steps) {
  std::vector<T> x;
  for (double kink : kinks) add_neighbours(x, static_cast<T>(kink), steps);
  // Zeros: sign changes along a grid of a few thousand numbers, then bisection between neighbours.
  std::vector<float> grid;
  add_short_mantissas(grid, 5);
  sort_unique(grid);
  T before = grid.front();
  int sign_before = sign_of(truth, ask, before);
  for (float point : grid) {
    const int sign = sign_of(truth, ask, point);
    if (sign * sign_before < 0) {
      auto low = ordinal(before), high = ordinal(T(point));
      while (high - low > 1) {
        const auto middle = static_cast<Ordinal<T>>(low + (high - low) / 2);
        (sign_of(truth, ask, from_ordinal(middle)) == sign_before ? low : high) = middle;
      }
      add_neighbours(x, from_ordinal(low), steps);
    }
    before = point;
    sign_before = sign;
  }
  sort_unique(x);
  return x;
}

template std::vector<float> hard_cases();
template std::vector<double> hard_cases();
template std::vector<float> common_samples(const SampleSize&, std::uint32_t);
template std::vector<double> common_samples(const SampleSize&, std::uint32_t);
template std::vector<float> own_samples(const Truth&, Ask, const std::vector<double>&, int);
template std::vector<double> own_samples(const Truth&, Ask, const std::vector<double>&, int);

}  // namespace gradkeep::check
