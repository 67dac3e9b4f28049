// Activation: checks what a caller passes, then hands the arrays to the kernels of the target that
// was chosen when the library loaded.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "core/definition.h"
#include "core/passes.h"
#include "core/piecewise.h"
#include "core/scalar.h"
#include "core/storage.h"
#include "core/tables.h"

namespace gradkeep {
namespace {

void check_sizes(std::size_t in, std::size_t out, const char* what) {
  if (in != out) {
    throw Error(std::string(what) + " has " + std::to_string(out) + " elements, x has " +
                std::to_string(in) + "; expected equal sizes");
  }
}

template <class A, class B>
bool share_memory(std::span<A> s, std::span<B> t) {
  const auto *a = reinterpret_cast<const char*>(s.data()),
             *b = reinterpret_cast<const char*>(t.data());
  return a < b + t.size_bytes() && b < a + s.size_bytes();
}

// Two arrays may be the same or apart; a partial overlap would read what was just written.
template <class T>
void check_overlap(std::span<const T> in, std::span<T> out) {
  if (in.data() != out.data() && share_memory(in, out)) {
    throw Error("the output overlaps the input without being the same array");
  }
}

// More at a time than elsewhere: for polynomials by segment each call gathers what lies outside.
constexpr std::size_t kBlock = 4 * detail::kBlock;

template <class T>
detail::Loop<T> loop_for(const detail::KernelTable<T>& table, detail::Form form, int index) {
  switch (form) {
    case detail::Form::from_output:
      return table.from_output[index];
    case detail::Form::parameter_slope:
      return table.parameter_slope[index];
    case detail::Form::evaluate:
      break;
  }
  return table.evaluate[index];
}

// Calls step(first, size) for one block after the other.
template <class Step>
void for_blocks(std::size_t n, const Step& step) {
  for (std::size_t i = 0; i < n; i += kBlock) step(i, std::min(kBlock, n - i));
}

template <class T>
inline constexpr bool kIsHalf = sizeof(T) == 2;

void unpack(const float* x, double* out, std::size_t n) { std::copy(x, x + n, out); }
void pack(const double* x, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<float>(x[i]);
}
using detail::pack;
using detail::unpack;

// out[i] = the result for x[i], by the loops that were made for T wherever the parameters allow it; by
// double lanes, or number by number, where a product with them would leave the range of T. The 16-bit
// types go through float lanes, or look it up.
template <class T>
struct Runner {
  using Wide = std::conditional_t<kIsHalf<T>, float, double>;

  const detail::Definition& definition;
  detail::Arithmetic arithmetic;
  const double* p;

  void operator()(detail::Form form, int index, const T* x, T* out, std::size_t n) const {
    if (form == detail::Form::evaluate && tabulated(index, x, out, n)) return;
    compute(form, index, x, out, n);
  }

  // By a table, if there is one.
  bool tabulated(int order, const T* x, T* out, std::size_t n) const {
    if constexpr (kIsHalf<T>) {
      const auto fill = [&](const T* in, T* result, std::size_t m) {
        compute_exactly(order, in, result, m);
      };
      if (const auto* table = detail::table<T>(definition, order, p, fill)) {
        detail::look_up(table, x, out, n);
        return true;
      }
    }
    return false;
  }

  void compute(detail::Form form, int index, const T* x, T* out, std::size_t n) const {
    const bool narrow_lanes =
        sizeof(T) == sizeof(float) && arithmetic == detail::Arithmetic::double_lanes;
    if (!kIsHalf<T> && arithmetic == detail::Arithmetic::unbounded) {
      one_by_one(form, index, x, out, n);
    } else if (kIsHalf<T> || narrow_lanes) {
      wider(form, index, x, out, n);
    } else if constexpr (!kIsHalf<T>) {
      const detail::Loop<T> loop = loop_for(definition.kernels->table<T>(), form, index);
      if constexpr (std::is_same_v<T, float>) {
        if (const detail::Piecewise<float>* q = polynomials(form, index)) {
          detail::evaluate(*q, loop, p, x, out, n);
          return;
        }
      }
      loop(x, out, n, p);
    }
  }

  // Only float32 has polynomials by segment.
  const detail::Piecewise<float>* polynomials(detail::Form form, int order) const {
    const bool may_have = std::is_same_v<T, float> && form == detail::Form::evaluate;
    return may_have ? detail::fast_polynomials(definition, order, p) : nullptr;
  }

  void wider(detail::Form form, int index, const T* x, T* out, std::size_t n) const {
    if constexpr (sizeof(T) < sizeof(Wide)) {
      const Runner<Wide> run{definition, arithmetic, p};
      for_blocks(n, [&](std::size_t i, std::size_t m) {
        alignas(64) Wide block[kBlock];
        unpack(x + i, block, m);
        run(form, index, block, block, m);
        pack(block, out + i, m);
      });
    }
  }

  // dx = dy times the slope, for at most kBlock numbers. Where no table holds the slope of a 16-bit type, the
  // product is rounded once.
  void times_slope(detail::Form form, const T* x, const T* dy, T* dx, std::size_t n) const {
    alignas(64) T slope[kBlock];
    if constexpr (kIsHalf<T>) {
      if (form != detail::Form::evaluate || !tabulated(1, x, slope, n)) {
        alignas(64) float wide[kBlock];
        unpack(x, wide, n);
        Runner<float>{definition, arithmetic, p}(form, 1, wide, wide, n);
        detail::pack_product(dy, wide, dx, n);
        return;
      }
    } else {
      (*this)(form, 1, x, slope, n);
    }
    detail::multiply(dy, slope, dx, n);
  }

  void one_by_one(detail::Form form, int index, const T* x, T* out, std::size_t n) const {
    constexpr bool to_odd = sizeof(T) < sizeof(double);
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = T(definition.unbounded(form, index, static_cast<double>(x[i]), p, to_odd));
    }
  }

  // Whether lanes of T round each result correctly.
  bool lanes_are_exact() const {
    bool exact = !kIsHalf<T> && definition.rounds_once && arithmetic == detail::Arithmetic::lanes;
    for (std::size_t k = 0; k < definition.info.parameters.size(); ++k) {
      exact = exact && static_cast<double>(T(p[k])) == p[k];
    }
    return exact;
  }

  void exact(int order, const T* x, T* out, std::size_t n) const {
    if (!tabulated(order, x, out, n)) compute_exactly(order, x, out, n);
  }

  // float64 has no wider lanes: every element takes the 106-bit scalar.
  void compute_exactly(int order, const T* x, T* out, std::size_t n) const {
    if (arithmetic == detail::Arithmetic::unbounded) {
      one_by_one(detail::Form::evaluate, order, x, out, n);
    } else if (lanes_are_exact()) {
      (*this)(detail::Form::evaluate, order, x, out, n);
    } else if constexpr (sizeof(T) == sizeof(double)) {
      for (std::size_t i = 0; i < n; ++i) out[i] = definition.scalar(x[i], order, p).hi;
    } else {
      const detail::Decider decide{definition, order, p};
      if constexpr (std::is_same_v<T, float>) {
        if (const detail::Piecewise<double>* q = detail::exact_polynomials(definition, order, p)) {
          detail::evaluate(*q, decide, x, out, n);
          return;
        }
      }
      for_blocks(n, [&](std::size_t i, std::size_t m) {
        alignas(64) float wide[kBlock];
        alignas(64) double result[kBlock];
        const float* in = wide;
        if constexpr (kIsHalf<T>) {
          detail::widen(x + i, wide, m);
        } else {
          in = x + i;
        }
        definition.kernels->rough[order](in, result, m, p);
        detail::round_exactly(in, result, out + i, m, decide);
      });
    }
  }

  void value_and_slope(const T* x, T* y, T* dy, std::size_t n) const {
    if constexpr (!kIsHalf<T>) {
      const bool by_segment =
          polynomials(detail::Form::evaluate, 0) || polynomials(detail::Form::evaluate, 1);
      if (arithmetic == detail::Arithmetic::lanes && !by_segment) {
        definition.kernels->table<T>().value_and_slope(x, y, dy, n, p);
        return;
      }
    }
    // x may be the same array as y or dy.
    for_blocks(n, [&](std::size_t i, std::size_t m) {
      T value[kBlock];
      (*this)(detail::Form::evaluate, 0, x + i, value, m);
      (*this)(detail::Form::evaluate, 1, x + i, dy + i, m);
      std::copy(value, value + m, y + i);
    });
  }
};

// y was rounded to its type, and so a parameter that y is compared with has to be.
template <class T>
std::array<double, kMaxParameters> as_output_knows(std::span<const double> parameters) {
  std::array<double, kMaxParameters> p{};
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const auto rounded = static_cast<double>(T(parameters[k]));
    p[k] = rounded == 0 || std::isinf(rounded) ? parameters[k] : rounded;
  }
  return p;
}

template <class T>
void multiply_by_slope(const Runner<T>& run, detail::Form form, std::span<const T> x,
                       std::span<const T> dy, std::span<T> dx) {
  check_sizes(x.size(), dy.size(), "dy");
  check_sizes(x.size(), dx.size(), "dx");
  check_overlap(x, dx);
  check_overlap(dy, dx);
  for_blocks(x.size(), [&](std::size_t i, std::size_t n) {
    run.times_slope(form, x.data() + i, dy.data() + i, dx.data() + i, n);
  });
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
Interval Activation::domain() const { return definition_->domain(parameters_.data()); }
Interval Activation::range() const { return definition_->range(parameters_.data()); }
Limits Activation::limits() const {
  Limits l = definition_->limits(parameters_.data());
  for (double& v : l.minus) v += 0.0;  // -0 + 0 is 0
  for (double& v : l.plus) v += 0.0;
  return l;
}

bool Activation::has_output_form() const { return definition_->invertible(parameters_.data()); }

std::vector<double> Activation::kinks() const {
  std::vector<double> at;
  for (const Kink& k : info().kinks) at.push_back(k.position(parameters()));
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
  const Runner<T> run{*definition_, arithmetic_, parameters_.data()};
  if (tier == Tier::exact) {
    run.exact(order, x.data(), out.data(), x.size());
  } else {
    run(detail::Form::evaluate, order, x.data(), out.data(), x.size());
  }
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
  if (share_memory(y, dy)) throw Error("y and dy share memory; expected two arrays");
  Runner<T>{*definition_, arithmetic_, parameters_.data()}.value_and_slope(x.data(), y.data(),
                                                                           dy.data(), x.size());
}

namespace {
void check_output_form(const Activation& f) {
  if (!f.has_output_form()) {
    throw Error(f.text() + ": its derivatives are no function of its output; use the input");
  }
}
}  // namespace

template <class T>
void Activation::slope_from_output(std::span<const T> y, std::span<T> dy) const {
  check_output_form(*this);
  check_sizes(y.size(), dy.size(), "dy");
  check_overlap(y, dy);
  const auto p = as_output_knows<T>(parameters());
  const Runner<T> run{*definition_, arithmetic_, p.data()};
  run(detail::Form::from_output, 1, y.data(), dy.data(), y.size());
}
template <class T>
void Activation::curvature_from_output(std::span<const T> y, std::span<T> d2y) const {
  check_output_form(*this);
  check_sizes(y.size(), d2y.size(), "d2y");
  check_overlap(y, d2y);
  const auto p = as_output_knows<T>(parameters());
  const Runner<T> run{*definition_, arithmetic_, p.data()};
  run(detail::Form::from_output, 2, y.data(), d2y.data(), y.size());
}

template <class T>
void Activation::backward(std::span<const T> x, std::span<const T> dy, std::span<T> dx) const {
  multiply_by_slope({*definition_, arithmetic_, parameters_.data()}, detail::Form::evaluate, x, dy,
                    dx);
}
template <class T>
void Activation::backward_from_output(std::span<const T> y, std::span<const T> dy,
                                      std::span<T> dx) const {
  check_output_form(*this);
  const auto p = as_output_knows<T>(parameters());
  multiply_by_slope({*definition_, arithmetic_, p.data()}, detail::Form::from_output, y, dy, dx);
}

template <class T>
void Activation::parameter_slope(int k, std::span<const T> x, std::span<T> out) const {
  if (k < 0 || k >= static_cast<int>(info().parameters.size())) {
    throw Error(info().name + ": no parameter number " + std::to_string(k) + "; it has " +
                std::to_string(info().parameters.size()));
  }
  check_sizes(x.size(), out.size(), "the output");
  check_overlap(x, out);
  const Runner<T> run{*definition_, arithmetic_, parameters_.data()};
  run(detail::Form::parameter_slope, k, x.data(), out.data(), x.size());
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
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
