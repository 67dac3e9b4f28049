// How a gradient g becomes a change of the parameters w; formulas and defaults are torch.optim's:
//   sgd       w -= rate g
//   momentum  v = mu v + g (v = g in the first step);  w -= rate v
//   adam      m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
//             w -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
//   adamw     w -= rate decay w, then as adam (Loshchilov and Hutter 2019): the decay does not pass
//             through m and v, which would divide it by the size of the gradient
// adamw decays every parameter, biases too, as torch does unless told otherwise.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "nn/matrix.h"

namespace gradkeep::nn {

struct OptimiserSpec {
  enum class Kind { sgd, momentum, adam, adamw };
  Kind kind = Kind::sgd;
  double rate = 0.1;
  double momentum = 0.9;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0.01;  // of adamw
};
OptimiserSpec::Kind parse_optimiser(std::string_view text);  // Error with the known names

template <class T>
class Optimiser {
 public:
  // Throws Error for a rate that is not positive, a momentum or beta outside [0, 1), or a negative decay.
  Optimiser(const OptimiserSpec& spec, std::size_t parameters);
  // `share` of the rate, as nn/schedule.h says.
  void update(std::span<T> parameters, std::span<const T> gradients, double share = 1);
  std::span<const T> first_moment() const { return first_.span(); }  // v of momentum, m of adam(w)
  std::span<const T> second_moment() const { return second_.span(); }  // v of adam(w)

 private:
  OptimiserSpec spec_;
  std::int64_t steps_ = 0;
  Buffer<T> first_, second_;
};

// What gradients of this Euclidean norm are multiplied by, so that it is at most `limit`, as torch's
// clip_grad_norm_ does.
inline double clip_factor(double norm, double limit) {
  return std::min(1.0, limit / (norm + 1e-6));
}
// Does it; returns the norm before.
template <class T>
double clip_by_norm(std::span<T> gradients, double limit);

}  // namespace gradkeep::nn
