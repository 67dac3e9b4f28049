// Numbers of docs/claims.md that need no network: what a random network without end in width does to
// a signal and its gradient, layer by layer (Poole and others 2016, Schoenholz and others 2017), and
// functions on paper. With weights N(0, s^2/n) the pre-activations of a layer are N(0, q), q moves as
// q' = s^2 E f(h)^2, and the squared norm of the gradient is multiplied by s^2 E f'(h)^2 on its way
// back through a layer.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/flow.h>

#include <algorithm>
#include <cmath>

#include "claims.h"

namespace gradkeep::claims {
namespace {

double square(double v) { return v * v; }

// E f^2 or E f'^2 under N(0, q). `shift` is added to the value.
double mean_square(const Activation& f, int order, double q, double shift = 0) {
  const double s = std::sqrt(q);
  std::vector<double> edges = f.kinks();
  for (double& edge : edges) edge /= s;
  return gaussian_mean([&](double z) { return square(f(s * z, order) + (order ? 0 : shift)); },
                       edges);
}

// The variance at which pre-activations settle for weights of variance s2 / n.
double settled(const Activation& f, double s2) {
  double q = 1;
  for (double next = 0; std::abs(next - q) > 1e-13 * q; std::swap(q, next)) {
    next = s2 * mean_square(f, 0, q);
  }
  return q;
}

// What a layer does to the norm of the gradient, pre-activations having settled.
double norm_factor(const char* name, double s2) {
  const Activation f(name);
  return std::sqrt(s2 * mean_square(f, 1, settled(f, s2)));
}

// The share of E f^2 that is (E f)^2 for inputs N(0, 1): the same number in every unit.
double constant_share(const char* name) {
  const Activation f(name);
  return square(gaussian_mean(f, 0)) / mean_square(f, 0, 1);
}

// Batch normalisation of N(0, 1) followed by f: the factor on the squared norm of the gradient.
double batch_norm_factor(const char* name) {
  const Activation f(name);
  return mean_square(f, 1, 1) / (mean_square(f, 0, 1) - square(gaussian_mean(f, 0)));
}

// Where g changes its sign in [low, high].
double root(const std::function<double(double)>& g, double low, double high) {
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    ((g(low) < 0) == (g(middle) < 0) ? low : high) = middle;
  }
  return low;
}

// dL/dz at p = f(z) for a positive example under cross-entropy, as a share of the error p - 1.
double error_share(const char* name, double z) {
  const Activation f(name);
  return f(z, 1) / (f(z) * f(-z));  // f(-z) = 1 - f(z)
}

// The largest singular value of the triangular matrix [[d, t], [0, d]].
double largest_singular(double d, double t) {
  const double sum = 2 * d * d + t * t, product = square(d * d);
  return std::sqrt((sum + std::sqrt(sum * sum - 4 * product)) / 2);
}

}  // namespace

Numbers by_theory() {
  const auto sigmoid = [](double x, int order = 0) { return Activation("sigmoid")(x, order); };
  const auto improved_zero = [] {
    return root([f = Activation("improved_sigmoid")](double x) { return f(x); }, -2, 0);
  };
  return {
      {"sigmoid_glorot", [] { return norm_factor("sigmoid", 1); }},
      {"sigmoid_glorot_10", [] { return std::pow(norm_factor("sigmoid", 1), 10); }},
      {"sigmoid_he", [] { return norm_factor("sigmoid", 2); }},
      {"tanh_he", [] { return norm_factor("tanh", 2); }},
      {"tanh_scale_3", [] { return norm_factor("tanh", 9); }},
      {"tanh_scale_3_20", [] { return std::pow(norm_factor("tanh", 9), 20); }},
      {"relu_mean_square", [] { return mean_square(Activation("relu"), 1, 1); }},
      {"relu_he", [] { return 2 * mean_square(Activation("relu"), 1, 1); }},
      {"relu_plain_20", [] { return std::pow(mean_square(Activation("relu"), 1, 1), 10); }},
      {"leaky_mean_square", [] { return mean_square(Activation("leaky_relu"), 1, 1); }},
      {"leaky_plain_20", [] { return std::pow(mean_square(Activation("leaky_relu"), 1, 1), 10); }},
      {"selu_forward", [] { return mean_square(Activation("selu"), 0, 1); }},
      {"selu_backward", [] { return mean_square(Activation("selu"), 1, 1); }},
      {"selu_backward_100", [] { return std::pow(mean_square(Activation("selu"), 1, 1), 100); }},
      {"batch_norm_relu", [] { return batch_norm_factor("relu"); }},
      {"batch_norm_tanh", [] { return batch_norm_factor("tanh"); }},
      {"batch_norm_sigmoid", [] { return batch_norm_factor("sigmoid"); }},
      {"batch_norm_relu_50", [] { return std::pow(batch_norm_factor("relu"), 25); }},
      {"constant_share_sigmoid", [] { return constant_share("sigmoid"); }},
      {"constant_share_relu", [] { return constant_share("relu"); }},
      {"constant_share_tanh", [] { return constant_share("tanh"); }},
      {"steeper_until",
       [=] {
         return root([&](double x) { return 2 * sigmoid(2 * x, 1) - sigmoid(x, 1); }, 0.5, 3);
       }},
      {"improved_zero", [=] { return improved_zero(); }},
      {"improved_outside", [=] { return std::erfc(-improved_zero() / std::sqrt(2.0)); }},
      {"mean_slope_bound", [] { return 1 / std::sqrt(2 * std::acos(-1.0)); }},
      {"mean_slope_sigmoid", [] { return gaussian_mean(Activation("sigmoid"), 1); }},
      {"mean_slope_arctan", [] { return gaussian_mean(Activation("arctan_sigmoid"), 1); }},
      {"tail_ratio", [=] { return Activation("arctan_sigmoid")(10, 1) / sigmoid(10, 1); }},
      {"error_share_sigmoid", [] { return error_share("sigmoid", -10); }},
      {"error_share_arctan", [] { return error_share("arctan_sigmoid", -10); }},
      {"error_cross_entropy", [=] { return 1 - sigmoid(-8); }},
      {"error_squared", [=] { return (1 - sigmoid(-8)) * sigmoid(-8, 1); }},
      {"sum_of_sigmoids", [=] { return sigmoid(2) + sigmoid(1) + sigmoid(0); }},
      {"sum_of_softmax",
       [] {
         const double all = std::exp(2) + std::exp(1) + 1;
         return std::exp(2) / all + std::exp(1) / all + 1 / all;
       }},
      {"skip_factor", [] { return 1 + 2 * mean_square(Activation("relu"), 1, 1); }},
      {"skip_factor_32", [] { return std::pow(2.0, 32 / 2.0); }},
      {"skip_scaled_32", [] { return std::pow(1 + 1.0 / 32, 32 / 2.0); }},
      {"triangular_singular", [] { return largest_singular(0.5, 4); }},
      {"triangular_10", [] { return std::pow(largest_singular(0.5, 4), 10); }},
      {"eigenvalue_10", [] { return std::pow(0.5, 10); }},
  };
}

}  // namespace gradkeep::claims
