// The calls of Activation over strided arrays: checked as a whole, then in blocks through the spans.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/strided.h>

#include "core/views.h"

namespace gradkeep {
namespace {

// One input and one output.
template <class T, class Call>
void map(Strided<const T> x, Strided<T> out, const char* in_name, const char* out_name,
         const Call& call) {
  const detail::Region in(x), result(out);
  detail::check_input(in, in_name);
  detail::check_output(result, out_name);
  detail::check_same_shape(in, result, in_name, out_name);
  detail::check_apart(in, result, in_name, out_name);
  detail::walk_together<T, 1>(std::array<Strided<const T>, 2>{x, out},
                              [&](const std::array<T*, 2>& at, std::size_t n) {
                                call(std::span<const T>(at[0], n), std::span<T>(at[1], n));
                              });
}

// An input and a gradient on its way back through it.
template <class T, class Call>
void map_back(Strided<const T> from, Strided<const T> dy, Strided<T> dx, const char* name,
              const Call& call) {
  const detail::Region in(from), gradient(dy), result(dx);
  detail::check_input(in, name);
  detail::check_input(gradient, "dy");
  detail::check_output(result, "dx");
  detail::check_same_shape(in, gradient, name, "dy");
  detail::check_same_shape(in, result, name, "dx");
  detail::check_apart(in, result, name, "dx");
  detail::check_apart(gradient, result, "dy", "dx");
  detail::walk_together<T, 2>(std::array<Strided<const T>, 3>{from, dy, dx},
                              [&](const std::array<T*, 3>& at, std::size_t n) {
                                call(std::span<const T>(at[0], n), std::span<const T>(at[1], n),
                                     std::span<T>(at[2], n));
                              });
}

}  // namespace

template <class T>
void evaluate(const Activation& f, int order, Strided<const std::type_identity_t<T>> x,
              Strided<T> out, Tier tier) {
  f.evaluate(order, std::span<const T>(), std::span<T>(), tier);  // is there such an order?
  map<T>(x, out, "x", "the output",
         [&](std::span<const T> in, std::span<T> result) { f.evaluate(order, in, result, tier); });
}

template <class T>
void from_output(const Activation& f, int order, Strided<const std::type_identity_t<T>> y,
                 Strided<T> out) {
  if (order != 1 && order != 2) {
    throw Error("order " + std::to_string(order) + " from the output: expected 1 or 2");
  }
  f.slope_from_output(std::span<const T>(), std::span<T>());  // is there such a form?
  map<T>(y, out, "y", "the output", [&](std::span<const T> in, std::span<T> result) {
    if (order == 1) {
      f.slope_from_output(in, result);
    } else {
      f.curvature_from_output(in, result);
    }
  });
}

template <class T>
void parameter_slope(const Activation& f, int k, Strided<const std::type_identity_t<T>> x,
                     Strided<T> out) {
  f.parameter_slope(k, std::span<const T>(), std::span<T>());  // is there such a parameter?
  map<T>(x, out, "x", "the output",
         [&](std::span<const T> in, std::span<T> result) { f.parameter_slope(k, in, result); });
}

template <class T>
void value_and_slope(const Activation& f, Strided<const std::type_identity_t<T>> x, Strided<T> y,
                     Strided<T> dy) {
  const detail::Region in(x), value(y), slope(dy);
  detail::check_input(in, "x");
  detail::check_output(value, "y");
  detail::check_output(slope, "dy");
  detail::check_same_shape(in, value, "x", "y");
  detail::check_same_shape(in, slope, "x", "dy");
  detail::check_apart(in, value, "x", "y");
  detail::check_apart(in, slope, "x", "dy");
  detail::check_no_overlap(value, slope, "y", "dy");
  detail::walk_together<T, 1>(std::array<Strided<const T>, 3>{x, y, dy},
                              [&](const std::array<T*, 3>& at, std::size_t n) {
                                f.value_and_slope(std::span<const T>(at[0], n),
                                                  std::span<T>(at[1], n), std::span<T>(at[2], n));
                              });
}

template <class T>
void backward(const Activation& f, Strided<const std::type_identity_t<T>> x,
              Strided<const std::type_identity_t<T>> dy, Strided<T> dx) {
  map_back<T>(x, dy, dx, "x", [&](std::span<const T> in, std::span<const T> g, std::span<T> out) {
    f.backward(in, g, out);
  });
}

template <class T>
void backward_from_output(const Activation& f, Strided<const std::type_identity_t<T>> y,
                          Strided<const std::type_identity_t<T>> dy, Strided<T> dx) {
  f.slope_from_output(std::span<const T>(), std::span<T>());  // is there such a form?
  map_back<T>(y, dy, dx, "y", [&](std::span<const T> in, std::span<const T> g, std::span<T> out) {
    f.backward_from_output(in, g, out);
  });
}

#define GRADKEEP_INSTANTIATE(T)                                                                  \
  template void evaluate<T>(const Activation&, int, Strided<const T>, Strided<T>, Tier);         \
  template void value_and_slope<T>(const Activation&, Strided<const T>, Strided<T>, Strided<T>); \
  template void from_output<T>(const Activation&, int, Strided<const T>, Strided<T>);            \
  template void backward<T>(const Activation&, Strided<const T>, Strided<const T>, Strided<T>);  \
  template void backward_from_output<T>(const Activation&, Strided<const T>, Strided<const T>,   \
                                        Strided<T>);                                             \
  template void parameter_slope<T>(const Activation&, int, Strided<const T>, Strided<T>);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
