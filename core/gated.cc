// One pass over blocks: the activation of a block of gates, then the products.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>

#include <algorithm>

#include "core/quote.h"
#include "core/views.h"

namespace gradkeep {
namespace {

// Two views of one half each.
template <class T>
std::array<Strided<T>, 2> halves(Strided<T> x, int axis) {
  if (x.shape[axis] % 2 != 0) {
    throw Error("axis " + std::to_string(axis) + " has " + std::to_string(x.shape[axis]) +
                " elements; expected an even number, one half for the value and one for the gate");
  }
  x.shape[axis] /= 2;
  Strided<T> second = x;
  if (x.size() > 0) {
    second.data += static_cast<std::ptrdiff_t>(x.shape[axis]) * x.strides[axis];
  }
  return {x, second};
}

struct Name {
  const char* name;
  const char* activation;
  Gate gate;
};
constexpr Name kNames[] = {
    {"geglu", "gelu", Gate::first},   {"geglu_tanh", "gelu_tanh", Gate::first},
    {"glu", "sigmoid", Gate::second}, {"reglu", "relu", Gate::first},
    {"swiglu", "silu", Gate::first},
};

}  // namespace

std::vector<std::string> gated_function_names() {
  std::vector<std::string> all;
  const std::vector<std::string> known = names();
  for (const Name& n : kNames) {
    if (std::find(known.begin(), known.end(), n.activation) != known.end())
      all.emplace_back(n.name);
  }
  return all;
}

Gated gated_function(std::string_view name) {
  std::string known;
  for (const Name& n : kNames) {
    if (name == n.name) return {Activation(n.activation), n.gate};
    known += (known.empty() ? "" : ", ") + std::string(n.name);
  }
  throw Error(detail::quoted(name) + " is no gated function; expected one of " + known);
}

template <class T>
void gated(const Gated& g, Strided<const std::type_identity_t<T>> x, Strided<T> y, int axis) {
  detail::check_input(detail::Region(x), "x");
  detail::check_output(detail::Region(y), "y");
  axis = detail::checked_axis(axis, x.rank);
  const auto half = halves(x, axis);
  detail::check_same_shape(detail::Region(half[0]), detail::Region(y), "half of x", "y");
  detail::check_no_overlap(detail::Region(x), detail::Region(y), "x", "y");
  const auto &gate = half[g.gate == Gate::second], &value = half[g.gate == Gate::first];
  const auto work = [&](const std::array<T*, 3>& at, std::size_t n) {
    alignas(64) T opened[detail::kBlock];
    for (std::size_t i = 0; i < n; i += detail::kBlock) {
      const std::size_t m = std::min(detail::kBlock, n - i);
      g.f.value(std::span<const T>(at[1] + i, m), std::span<T>(opened, m));
      detail::multiply(at[0] + i, opened, at[2] + i, m);
    }
  };
  detail::walk_together<T, 2>(std::array<Strided<const T>, 3>{value, gate, y}, work);
}

template <class T>
void gated_backward(const Gated& g, Strided<const std::type_identity_t<T>> x,
                    Strided<const std::type_identity_t<T>> dy, Strided<T> dx, int axis) {
  detail::check_input(detail::Region(x), "x");
  detail::check_input(detail::Region(dy), "dy");
  detail::check_output(detail::Region(dx), "dx");
  axis = detail::checked_axis(axis, x.rank);
  detail::check_same_shape(detail::Region(x), detail::Region(dx), "x", "dx");
  const auto half = halves(x, axis);
  const auto half_dx = halves(dx, axis);
  detail::check_same_shape(detail::Region(half[0]), detail::Region(dy), "half of x", "dy");
  detail::check_apart(detail::Region(x), detail::Region(dx), "x", "dx");
  detail::check_no_overlap(detail::Region(dy), detail::Region(dx), "dy", "dx");
  const bool second = g.gate == Gate::second;
  const auto &gate = half[second], &value = half[!second];
  const auto &dgate = half_dx[second], &dvalue = half_dx[!second];
  const auto work = [&](const std::array<T*, 5>& at, std::size_t n) {
    alignas(64) T opened[detail::kBlock], slope[detail::kBlock];
    for (std::size_t i = 0; i < n; i += detail::kBlock) {
      const std::size_t m = std::min(detail::kBlock, n - i);
      g.f.value_and_slope(std::span<const T>(at[1] + i, m), std::span<T>(opened, m),
                          std::span<T>(slope, m));
      // dx may lie where x does: the gate's product needs the value first.
      detail::multiply(at[2] + i, at[0] + i, slope, slope, m);
      detail::multiply(at[2] + i, opened, at[3] + i, m);
      std::copy(slope, slope + m, at[4] + i);
    }
  };
  detail::walk_together<T, 3>(std::array<Strided<const T>, 5>{value, gate, dy, dvalue, dgate},
                              work);
}

#define GRADKEEP_INSTANTIATE(T)                                                                 \
  template void gated<T>(const Gated&, Strided<const T>, Strided<T>, int);                      \
  template void gated_backward<T>(const Gated&, Strided<const T>, Strided<const T>, Strided<T>, \
                                  int);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
