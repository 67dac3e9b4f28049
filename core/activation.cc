// Activation: checks what a caller passes, then hands the arrays to the kernels of the target that
// was chosen when the library loaded.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/definition.h"
#include "core/passes.h"

namespace gradkeep {
namespace {

void check_sizes(std::size_t in, std::size_t out, const char* what) {
  if (in != out) {
    throw Error(std::string(what) + " has " + std::to_string(out) + " elements, x has " +
                std::to_string(in) + "; expected equal sizes");
  }
}

// Two arrays may be the same or apart; a partial overlap would read what was just written.
template <class A, class B>
void check_overlap(std::span<const A> in, std::span<B> out) {
  const auto *a = reinterpret_cast<const char*>(in.data()),
             *b = reinterpret_cast<const char*>(out.data());
  if (a != b && a < b + out.size_bytes() && b < a + in.size_bytes()) {
    throw Error("the output overlaps the input without being the same array");
  }
}

// Derivatives of one block stay in the first-level cache while they are multiplied.
constexpr std::size_t kBlock = 256;

template <class T, class Slope>
void multiply_by_slope(std::span<const T> x, std::span<const T> dy, std::span<T> dx,
                       const Slope& slope) {
  check_sizes(x.size(), dy.size(), "dy");
  check_sizes(x.size(), dx.size(), "dx");
  check_overlap(x, dx);
  check_overlap(dy, dx);
  alignas(64) T block[kBlock];
  for (std::size_t i = 0; i < x.size(); i += kBlock) {
    const std::size_t n = std::min(kBlock, x.size() - i);
    slope(x.data() + i, block, n);
    detail::multiply(dy.data() + i, block, dx.data() + i, n);
  }
}

}  // namespace

Activation::Activation(std::string_view name, std::span<const double> parameters, Bounds bounds)
    : Activation(name) {
  set_parameters(parameters, bounds);
}

const Info& Activation::info() const { return definition_->info; }
const std::vector<Claim>& Activation::claims() const { return definition_->claims; }
std::span<const double> Activation::parameters() const {
  return {parameters_.data(), info().parameters.size()};
}
Interval Activation::range() const { return definition_->range(parameters_.data()); }
Limits Activation::limits() const { return definition_->limits(parameters_.data()); }

bool Activation::has_output_form() const { return definition_->invertible(parameters_.data()); }

std::vector<double> Activation::kinks() const {
  std::vector<double> at;
  for (const Kink& k : info().kinks) {
    at.push_back(k.at_parameter >= 0 ? parameters_[k.at_parameter] : k.at);
  }
  std::sort(at.begin(), at.end());
  return at;
}

template <class T>
void Activation::evaluate(int order, std::span<const T> x, std::span<T> out, Tier tier) const {
  if (order < 0 || order > 2) {
    throw Error("order " + std::to_string(order) + ": expected 0, 1 or 2");
  }
  check_sizes(x.size(), out.size(), "the output");
  check_overlap(x, out);
  const auto& table = definition_->kernels->table<T>();
  const auto loop = tier == Tier::exact ? table.exact[order] : table.evaluate[order];
  loop(x.data(), out.data(), x.size(), parameters_.data());
}
template <class T>
void Activation::value(std::span<const T> x, std::span<T> y, Tier tier) const {
  evaluate(0, x, y, tier);
}
template <class T>
void Activation::slope(std::span<const T> x, std::span<T> dy, Tier tier) const {
  evaluate(1, x, dy, tier);
}
template <class T>
void Activation::curvature(std::span<const T> x, std::span<T> d2y, Tier tier) const {
  evaluate(2, x, d2y, tier);
}

template <class T>
void Activation::value_and_slope(std::span<const T> x, std::span<T> y, std::span<T> dy) const {
  check_sizes(x.size(), y.size(), "y");
  check_sizes(x.size(), dy.size(), "dy");
  check_overlap(x, y);
  check_overlap(x, dy);
  if (!y.empty() && y.data() == dy.data()) throw Error("y and dy are the same array");
  definition_->kernels->table<T>().value_and_slope(x.data(), y.data(), dy.data(), x.size(),
                                                   parameters_.data());
}

namespace {
template <class T>
detail::Loop<T> from_output(const Activation& f, int order) {
  if (!f.has_output_form()) {
    throw Error(f.text() + ": its derivatives are no function of its output; use the input");
  }
  return f.definition().kernels->table<T>().from_output[order];
}
}  // namespace

template <class T>
void Activation::slope_from_output(std::span<const T> y, std::span<T> dy) const {
  const auto loop = from_output<T>(*this, 1);
  check_sizes(y.size(), dy.size(), "dy");
  check_overlap(y, dy);
  loop(y.data(), dy.data(), y.size(), parameters_.data());
}
template <class T>
void Activation::curvature_from_output(std::span<const T> y, std::span<T> d2y) const {
  const auto loop = from_output<T>(*this, 2);
  check_sizes(y.size(), d2y.size(), "d2y");
  check_overlap(y, d2y);
  loop(y.data(), d2y.data(), y.size(), parameters_.data());
}

template <class T>
void Activation::backward(std::span<const T> x, std::span<const T> dy, std::span<T> dx) const {
  const auto loop = definition_->kernels->table<T>().evaluate[1];
  multiply_by_slope(
      x, dy, dx, [&](const T* in, T* out, std::size_t n) { loop(in, out, n, parameters_.data()); });
}
template <class T>
void Activation::backward_from_output(std::span<const T> y, std::span<const T> dy,
                                      std::span<T> dx) const {
  const auto loop = from_output<T>(*this, 1);
  multiply_by_slope(
      y, dy, dx, [&](const T* in, T* out, std::size_t n) { loop(in, out, n, parameters_.data()); });
}

template <class T>
void Activation::parameter_slope(int k, std::span<const T> x, std::span<T> out) const {
  if (k < 0 || k >= static_cast<int>(info().parameters.size())) {
    throw Error(info().name + ": no parameter number " + std::to_string(k) + "; it has " +
                std::to_string(info().parameters.size()));
  }
  check_sizes(x.size(), out.size(), "the output");
  check_overlap(x, out);
  definition_->kernels->table<T>().parameter_slope[k](x.data(), out.data(), x.size(),
                                                      parameters_.data());
}

double Activation::operator()(double x, int order) const {
  double y;
  evaluate<double>(order, std::span(&x, 1), std::span(&y, 1), Tier::exact);
  return y;
}

#define GRADKEEP_INSTANTIATE(T)                                                                \
  template void Activation::evaluate<T>(int, std::span<const T>, std::span<T>, Tier) const;    \
  template void Activation::value<T>(std::span<const T>, std::span<T>, Tier) const;            \
  template void Activation::slope<T>(std::span<const T>, std::span<T>, Tier) const;            \
  template void Activation::curvature<T>(std::span<const T>, std::span<T>, Tier) const;        \
  template void Activation::value_and_slope<T>(std::span<const T>, std::span<T>, std::span<T>) \
      const;                                                                                   \
  template void Activation::slope_from_output<T>(std::span<const T>, std::span<T>) const;      \
  template void Activation::curvature_from_output<T>(std::span<const T>, std::span<T>) const;  \
  template void Activation::backward<T>(std::span<const T>, std::span<const T>, std::span<T>)  \
      const;                                                                                   \
  template void Activation::backward_from_output<T>(std::span<const T>, std::span<const T>,    \
                                                    std::span<T>) const;                       \
  template void Activation::parameter_slope<T>(int, std::span<const T>, std::span<T>) const;

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)

}  // namespace gradkeep
