// Jacobians of random networks, multiplied out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/jacobian.h>

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace gradkeep {

inline JacobianSetting critical(const Nonlinearity& phi, Weights weights, double q,
                                std::int64_t layers) {
  return {weights, critical_weight_std(phi, q), q, layers};
}

using Matrix = std::vector<double>;  // n x n, by rows
// Simulated networks are square; GRADKEEP_WIDTH=1000 takes minutes.
inline const int kWidth =
    std::getenv("GRADKEEP_WIDTH") ? std::stoi(std::getenv("GRADKEEP_WIDTH")) : 300;

inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix out(a.size(), 0.0);
  for (int i = 0; i < kWidth; ++i) {
    for (int k = 0; k < kWidth; ++k) {
      const double v = a[i * kWidth + k];
      if (v == 0) continue;
      for (int j = 0; j < kWidth; ++j) out[i * kWidth + j] += v * b[k * kWidth + j];
    }
  }
  return out;
}

// Gram and Schmidt's rows, each taken off the others at once.
inline void orthogonalise(Matrix& w) {
  for (int i = 0; i < kWidth; ++i) {
    double* row = &w[i * kWidth];
    const double norm = std::sqrt(std::inner_product(row, row + kWidth, row, 0.0));
    for (int j = 0; j < kWidth; ++j) row[j] /= norm;
    for (int k = i + 1; k < kWidth; ++k) {
      double* other = &w[k * kWidth];
      const double along = std::inner_product(row, row + kWidth, other, 0.0);
      for (int j = 0; j < kWidth; ++j) other[j] -= along * row[j];
    }
  }
}

// J J^T of a network whose inputs are scaled to variance q before each nonlinearity. With gelu and its like the
// signal's own direction makes one singular value stand out, which counts at 300 units; with these it
// does not.
inline Matrix sampled_gram(const Nonlinearity& phi, const JacobianSetting& setting, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(kWidth), h(kWidth), slope(kWidth);
  for (double& v : x) v = normal(random);
  Matrix j(kWidth * kWidth, 0.0);
  for (int i = 0; i < kWidth; ++i) j[i * kWidth + i] = 1;
  for (std::int64_t layer = 0; layer < setting.layers; ++layer) {
    Matrix w(kWidth * kWidth);
    for (double& v : w) v = normal(random) / std::sqrt(static_cast<double>(kWidth));
    if (setting.weights == Weights::orthogonal) orthogonalise(w);
    for (double& v : w) v *= setting.weight_std;
    for (int i = 0; i < kWidth; ++i) {
      h[i] = std::inner_product(x.begin(), x.end(), &w[i * kWidth], 0.0);
    }
    const double size = std::inner_product(h.begin(), h.end(), h.begin(), 0.0) / kWidth;
    for (double& v : h) v *= std::sqrt(setting.q / size);
    phi.evaluate(h, x, slope);
    for (int i = 0; i < kWidth * kWidth; ++i) w[i] *= slope[i / kWidth];
    j = product(w, j);
  }
  Matrix transposed(j.size());
  for (int i = 0; i < kWidth * kWidth; ++i) transposed[i % kWidth * kWidth + i / kWidth] = j[i];
  return product(j, transposed);
}

}  // namespace gradkeep
