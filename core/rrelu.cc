// Slopes drawn from a counter, used and forgotten.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/rrelu.h>

#include <cmath>

#include "core/arithmetic.h"
#include "core/parallel.h"
#include "core/views.h"

namespace gradkeep {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd

// SplitMix64's finaliser: a bijection whose every output bit depends on every input bit.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// out[i] = combine(x[i], slope of i or 1, other[i]).
template <class T, class Combine>
void for_each(const RandomSlopes& r, std::span<const T> x, std::span<const T> other,
              std::span<T> out, const Combine& combine) {
  if (!(std::isfinite(r.lower) && std::isfinite(r.upper) && r.lower <= r.upper)) {
    throw Error("rrelu: slopes from " + std::to_string(r.lower) + " to " + std::to_string(r.upper) +
                "; expected finite bounds in this order");
  }
  const Strided<const T> in(x), factor(other);
  const Strided<T> result(out);
  for (const auto& array : {in, factor}) {
    detail::check_input(detail::Region(array), "an input");
    detail::check_same_shape(detail::Region(array), detail::Region(result), "an input",
                             "the output");
    detail::check_apart(detail::Region(array), detail::Region(result), "an input", "the output");
  }
  detail::check_output(detail::Region(result), "the output");
  detail::parallel(x.size(), 1, [&](std::size_t begin, std::size_t end) {
    using C = detail::Computed<T>;
    for (std::size_t i = begin; i < end; ++i) {
      const C v = detail::computed(x[i]);
      // A NaN is not above 0, and times any slope stays NaN.
      const C slope = v > 0 ? C{1} : detail::computed(T(static_cast<C>(r.slope(i))));
      out[i] = T(combine(v, slope, detail::computed(other[i])));
    }
  });
}

}  // namespace

double RandomSlopes::slope(std::uint64_t i) const {
  const std::uint64_t start = mix(mix(seed + kStep) + kStep);
  const double uniform = static_cast<double>(mix(start + kStep * (first + i + 1)) >> 11) * 0x1p-53;
  return lower + (upper - lower) * uniform;
}

template <class T>
void rrelu_value(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x,
                 std::span<T> y) {
  for_each<T>(r, x, x, y, [](auto v, auto slope, auto) { return slope * v; });
}
template <class T>
void rrelu_slope(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x,
                 std::span<T> slope) {
  for_each<T>(r, x, x, slope, [](auto, auto drawn, auto) { return drawn; });
}
template <class T>
void rrelu_backward(const RandomSlopes& r, std::span<const std::type_identity_t<T>> x,
                    std::span<const std::type_identity_t<T>> dy, std::span<T> dx) {
  for_each<T>(r, x, dy, dx, [](auto, auto slope, auto gradient) { return slope * gradient; });
}

#define GRADKEEP_INSTANTIATE(T)                                                                \
  template void rrelu_value<T>(const RandomSlopes&, std::span<const T>, std::span<T>);         \
  template void rrelu_slope<T>(const RandomSlopes&, std::span<const T>, std::span<T>);         \
  template void rrelu_backward<T>(const RandomSlopes&, std::span<const T>, std::span<const T>, \
                                  std::span<T>);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
