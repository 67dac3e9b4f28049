// Plain gradient descent, momentum, Adam and AdamW, each a loop over all parameters; see optimiser.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/optimiser.h"

#include <gradkeep/core.h>

#include <array>
#include <cmath>
#include <string>

#include "data/words.h"

namespace gradkeep::nn {
namespace {

void expect(bool fine, const char* what, double value, const char* expected) {
  if (!fine) {
    throw Error(std::string("optimiser: ") + what + " is " + std::to_string(value) + ", expected " +
                expected);
  }
}

std::size_t size_if(bool needed, std::size_t size) { return needed ? size : 0; }

}  // namespace

OptimiserSpec::Kind parse_optimiser(std::string_view text) {
  using Kind = OptimiserSpec::Kind;
  return data::parse_word<Kind>("optimiser", text,
                                {{"sgd", Kind::sgd},
                                 {"momentum", Kind::momentum},
                                 {"adam", Kind::adam},
                                 {"adamw", Kind::adamw}});
}

template <class T>
Optimiser<T>::Optimiser(const OptimiserSpec& spec, std::size_t parameters)
    : spec_(spec),
      first_(size_if(spec.kind != OptimiserSpec::Kind::sgd, parameters)),
      second_(
          size_if(spec.kind == OptimiserSpec::Kind::adam || spec.kind == OptimiserSpec::Kind::adamw,
                  parameters)) {
  const auto fraction = [](double v) { return v >= 0 && v < 1; };
  expect(spec.rate > 0 && std::isfinite(spec.rate), "the learning rate", spec.rate,
         "a positive number");
  expect(fraction(spec.momentum), "momentum", spec.momentum, "a number in [0, 1)");
  expect(fraction(spec.beta1), "beta1", spec.beta1, "a number in [0, 1)");
  expect(fraction(spec.beta2), "beta2", spec.beta2, "a number in [0, 1)");
  expect(spec.epsilon > 0, "epsilon", spec.epsilon, "a positive number");
  expect(spec.weight_decay >= 0 && std::isfinite(spec.weight_decay), "weight_decay",
         spec.weight_decay, "0 or a positive number");
}

template <class T>
void Optimiser<T>::update(std::span<T> parameters, std::span<const T> gradients, double share) {
  ++steps_;
  const T* __restrict g = gradients.data();
  T* __restrict w = parameters.data();
  T* __restrict m = first_.data();
  T* __restrict v = second_.data();
  const std::size_t n = parameters.size();
  const T rate = static_cast<T>(share * spec_.rate);
  switch (spec_.kind) {
    case OptimiserSpec::Kind::sgd:
      for (std::size_t i = 0; i < n; ++i) w[i] -= rate * g[i];
      break;
    case OptimiserSpec::Kind::momentum: {
      const T mu = static_cast<T>(spec_.momentum);
      for (std::size_t i = 0; i < n; ++i) {
        m[i] = mu * m[i] + g[i];  // the first step gives g, as m starts at 0
        w[i] -= rate * m[i];
      }
      break;
    }
    case OptimiserSpec::Kind::adamw: {
      const T keep = static_cast<T>(1 - share * spec_.rate * spec_.weight_decay);
      for (std::size_t i = 0; i < n; ++i) w[i] *= keep;
      [[fallthrough]];
    }
    case OptimiserSpec::Kind::adam: {
      const double steps = static_cast<double>(steps_);
      const double correction1 = 1 - std::pow(spec_.beta1, steps);
      const double correction2 = std::sqrt(1 - std::pow(spec_.beta2, steps));
      const T take1 = static_cast<T>(1 - spec_.beta1);
      const T keep2 = static_cast<T>(spec_.beta2), take2 = static_cast<T>(1 - spec_.beta2);
      const T size = static_cast<T>(share * spec_.rate / correction1);
      const T root = static_cast<T>(correction2), epsilon = static_cast<T>(spec_.epsilon);
      for (std::size_t i = 0; i < n; ++i) {
        m[i] += take1 * (g[i] - m[i]);
        v[i] = keep2 * v[i] + take2 * g[i] * g[i];
        w[i] -= size * (m[i] / (std::sqrt(v[i]) / root + epsilon));
      }
      break;
    }
  }
}

template <class T>
double clip_by_norm(std::span<T> gradients, double limit) {
  // Eight sums side by side, in double: one would wait for each addition to finish.
  std::array<double, 8> sums{};
  const std::size_t whole = gradients.size() - gradients.size() % sums.size();
  for (std::size_t i = 0; i < whole; i += sums.size()) {
    for (std::size_t j = 0; j < sums.size(); ++j) {
      const double g = gradients[i + j];
      sums[j] += g * g;
    }
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  for (std::size_t i = whole; i < gradients.size(); ++i) {
    total += static_cast<double>(gradients[i]) * gradients[i];
  }
  const double norm = std::sqrt(total);
  if (const double factor = clip_factor(norm, limit); factor < 1) {
    for (T& g : gradients) g *= static_cast<T>(factor);
  }
  return norm;
}

template class Optimiser<float>;
template class Optimiser<double>;
template double clip_by_norm(std::span<float>, double);
template double clip_by_norm(std::span<double>, double);

}  // namespace gradkeep::nn
