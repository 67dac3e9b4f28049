// SPDX-License-Identifier: Apache-2.0
#include "kit/inputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "check/samples.h"

namespace gradkeep::kit {
namespace {

// Where somebody's implementation switches, saturates, underflows or has been caught; either sign.
constexpr std::array<double, 47> kProbes{
    0.1,      0.2,      0.5,      0.7,        1.0,     1.5,  // cuts, bf16's 0.7
    2.5,      3.0,      6.0,      20.0,       13.9424,       // hard_sigmoid, relu6, softplus
    0.751792, 1.278465, 1.192431, 1.41421356, 2.39936, 2.70,   2.27,  // gelu, silu, mish
    5.5,      6.15,     8.0,      9.0,        9.011,   11.5,          // lost tails of gelu and tanh
    16.0,     16.636,   17.0,     17.33,      18.0,    3.47,   6.25,  // sigmoid, bf16
    13.15,    37.6,     14.5,     38.6,       26.5,    10.06,  // ends of gelu's and erfc's tails
    87.3,     88.72,    91.8,     103.97,     11.09,   709.78, 745.13,  // of e^x
    1e-6,     1e-8,     1e-38};                                         // expm1, tanh

constexpr int kNeighbours = 64;

void sort_unique(Number number, std::vector<double>& x) {
  std::erase_if(x, [](double v) { return std::isnan(v); });
  std::sort(x.begin(), x.end(),
            [&](double a, double b) { return ordinal(number, a) < ordinal(number, b); });
  x.erase(std::unique(x.begin(), x.end(),
                      [&](double a, double b) { return bits_of(number, a) == bits_of(number, b); }),
          x.end());
}

double rounded(Number number, double v) { return number_of(number, bits_of(number, v)); }

void add_around(Number number, double centre, int steps, std::vector<double>& x) {
  const std::int64_t middle = ordinal(number, rounded(number, centre));
  for (int k = -steps; k <= steps; ++k) {
    const double v = from_ordinal(number, middle + k);
    if (std::isfinite(v)) x.push_back(v);
  }
}

void add_uniform(Number number, int count, std::uint32_t seed, std::vector<double>& x) {
  std::mt19937_64 random(seed);
  for (const double reach : {1.0, 8.0, 100.0}) {
    for (int k = 0; k < count; ++k) {
      x.push_back(
          rounded(number, std::ldexp(static_cast<double>(random() >> 11), -52) * reach - reach));
    }
  }
}

std::vector<double> all_numbers(Number number) {
  std::vector<double> x;
  for (std::uint64_t bits = 0; bits < 65536; ++bits) x.push_back(number_of(number, bits));
  return x;
}

template <class T>
void add_samples(const Activation& f, const check::Truth& truth, check::Ask ask, Number number,
                 int round, std::vector<double>& x) {
  check::SampleSize size = check::full_size<T>();
  const auto shift = static_cast<std::uint32_t>(round);
  if (round == 0) {
    size.stride = 65521;
    if (sizeof(T) == 4) size.mantissa_bits = 8;
    const std::vector<T> own = check::own_samples<T>(truth, ask, f.kinks(), kNeighbours);
    x.insert(x.end(), own.begin(), own.end());
  } else if (sizeof(T) == 4 && round == 1) {
    size.stride = 0;  // all 12-bit mantissas
  } else {
    size = {.mantissa_bits = 1, .steps = 0, .stride = 16381, .random = 40000, .random_bits = 40000};
  }
  const std::vector<T> common = check::common_samples<T>(size, shift);
  x.insert(x.end(), common.begin(), common.end());
  add_uniform(number, 10000, shift, x);
}

}  // namespace

std::vector<double> inputs(const Activation& f, const check::Truth& truth, check::Ask ask,
                           Number number, int round) {
  std::vector<double> x;
  if (type_of(number).bytes == 2) {
    if (round > 0) return x;
    x = all_numbers(number);
  } else {
    if (round == 0) {
      for (const double probe : kProbes) {
        for (const double v : {probe, -probe}) add_around(number, v, 4, x);
      }
    }
    number == Number::f32 ? add_samples<float>(f, truth, ask, number, round, x)
                          : add_samples<double>(f, truth, ask, number, round, x);
  }
  sort_unique(number, x);
  if (round == 0) {
    x.push_back(std::numeric_limits<double>::quiet_NaN());
    // One that carries something, in the bits that every wider format has.
    if (type_of(number).bytes > 2)
      x.push_back(number_of(number, bits_of(number, x.back()) | 0x2345));
  }
  return x;
}

std::vector<double> all_floats(int part) {
  constexpr std::uint64_t kSize = (std::uint64_t{1} << 32) / kParts;
  std::vector<double> x;
  x.reserve(kSize);
  for (std::uint64_t k = 0; k < kSize; ++k) {
    const double v = number_of(Number::f32, static_cast<std::uint64_t>(part) * kSize + k);
    if (!std::isnan(v)) x.push_back(v);
  }
  if (!x.empty() && x.front() > x.back()) std::reverse(x.begin(), x.end());
  return x;
}

std::vector<double> few_inputs(const Activation& f, Number number) {
  const check::Format& format = type_of(number).format;
  std::vector<double> x;
  for (const double v : {0.0,
                         1e-30,
                         1e-4,
                         0.01,
                         0.3,
                         0.77,
                         1.3,
                         2.2,
                         4.5,
                         5.7,
                         7.0,
                         9.5,
                         12.0,
                         17.0,
                         19.5,
                         25.0,
                         60.0,
                         90.0,
                         200.0,
                         1e5,
                         1e30,
                         std::ldexp(1.0, format.least_exponent()),
                         std::ldexp(1.0, format.min_exponent),
                         std::ldexp(1.5, format.max_exponent),
                         kInfinity}) {
    for (const double signed_v : {v, -v}) x.push_back(rounded(number, signed_v));
  }
  for (const double kink : f.kinks()) add_around(number, kink, 1, x);
  sort_unique(number, x);
  x.push_back(std::numeric_limits<double>::quiet_NaN());
  return x;
}

}  // namespace gradkeep::kit
