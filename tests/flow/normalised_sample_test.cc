// What normalisation does to the gradient, in sampled networks: weights in matrices, batches of examples
// and the whole chain rule of mean and deviation, against <gradkeep/blocks.h> and predict().
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/blocks.h>
#include <gradkeep/prediction.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace gradkeep {
namespace {

using Normalisation = LayerParts::Normalisation;
using Values = std::vector<double>;  // of units (rows) under examples (columns)

double square_norm(const Values& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return sum;
}

struct Network {
  int units, examples;
  Normalisation over;  // batch: along a unit's row; layer: along an example's column

  // Calls f(first, step, count) for every group of values that is normalised together.
  template <class F>
  void each_group(const F& f) const {
    const bool batch = over == Normalisation::batch;
    for (int g = 0; g < (batch ? units : examples); ++g) {
      batch ? f(g * examples, 1, examples) : f(g, examples, units);
    }
  }

  // Puts mean 0 and variance 1 in place of h's; returns each value's former deviation.
  Values normalise(Values& h) const {
    Values deviations(h.size());
    each_group([&](int first, int step, int count) {
      double mean = 0, variance = 0;
      for (int i = 0; i < count; ++i) mean += h[first + i * step] / count;
      for (int i = 0; i < count; ++i) {
        variance += (h[first + i * step] - mean) * (h[first + i * step] - mean) / count;
      }
      for (int i = 0; i < count; ++i) {
        double& v = h[first + i * step];
        v = (v - mean) / std::sqrt(variance);
        deviations[first + i * step] = std::sqrt(variance);
      }
    });
    return deviations;
  }

  // The gradient with respect to what was normalised to y.
  void back(const Values& y, const Values& deviations, Values& delta) const {
    each_group([&](int first, int step, int count) {
      double mean = 0, along = 0;
      for (int i = first; i < first + count * step; i += step) {
        mean += delta[i] / count;
        along += delta[i] * y[i] / count;
      }
      for (int i = first; i < first + count * step; i += step) {
        delta[i] = (delta[i] - mean - y[i] * along) / deviations[i];
      }
    });
  }

  // The mean over layers but the last of the logarithm by which the squared gradient grows in one.
  double log_growth(const Activation& f, int layers, unsigned seed) const {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<Values> w(layers), y(layers), deviations(layers), slope(layers);
    Values x(units * examples);
    for (double& v : x) v = normal(random);
    for (int l = 0; l < layers; ++l) {
      w[l].resize(units * units);
      for (double& v : w[l]) v = normal(random) / std::sqrt(units);
      y[l].assign(x.size(), 0);
      for (int i = 0; i < units; ++i) {
        for (int j = 0; j < units; ++j) {
          const double weight = w[l][i * units + j];
          const double* from = &x[j * examples];
          double* to = &y[l][i * examples];
          for (int k = 0; k < examples; ++k) to[k] += weight * from[k];
        }
      }
      deviations[l] = normalise(y[l]);
      slope[l].resize(x.size());
      f.value_and_slope<double>(y[l], x, slope[l]);
    }
    Values delta(x.size());
    for (double& v : delta) v = normal(random);
    double last = 0;
    for (int l = layers - 1; l > 0; --l) {
      back(y[l], deviations[l], delta);
      Values below(x.size(), 0.0);
      for (int i = 0; i < units; ++i) {
        for (int j = 0; j < units; ++j) {
          const double weight = w[l][i * units + j];
          const double* from = &delta[i * examples];
          double* to = &below[j * examples];
          for (int k = 0; k < examples; ++k) to[k] += weight * from[k];
        }
      }
      for (std::size_t i = 0; i < below.size(); ++i) delta[i] = slope[l - 1][i] * below[i];
      // Later gradients have lost their mean, this one had it still.
      if (l == layers - 1) last = square_norm(delta);
    }
    return std::log(square_norm(delta) / last) / (layers - 2);
  }
};

struct Estimate {
  double mean = 0, error2 = 0;
};

Estimate estimate(const Activation& f, const Network& network, unsigned networks) {
  constexpr int kLayers = 7;
  Values all;
  for (unsigned seed = 1; seed <= networks; ++seed) {
    all.push_back(network.log_growth(f, kLayers, seed));
  }
  Estimate out;
  for (const double v : all) out.mean += v / networks;
  for (const double v : all) {
    out.error2 += (v - out.mean) * (v - out.mean) / (networks * (networks - 1.0));
  }
  return out;
}

// From networks of a size and of twice that size, so that what goes like its inverse cancels.
void expect_growth(const char* name, Network small, Network large, unsigned networks,
                   double growth) {
  const Activation f(name);
  const Estimate of_small = estimate(f, small, 3 * networks),
                 of_large = estimate(f, large, networks);
  const double error = std::sqrt(4 * of_large.error2 + of_small.error2);
  EXPECT_NEAR(2 * of_large.mean - of_small.mean, std::log(growth), 3.5 * error) << name;
  EXPECT_LT(error, 0.012) << name;
}

TEST(NormalisedSample, BatchesMakeTheGradientGrow) {
  const double relu = std::numbers::pi / (std::numbers::pi - 1);  // 1.467
  const Network small{128, 128, Normalisation::batch}, large{256, 256, Normalisation::batch};
  expect_growth("relu", small, large, 5, relu);
  EXPECT_NEAR(batch_norm_growth(Activation("relu")), relu, 1e-13);
  expect_growth("tanh", small, large, 3, batch_norm_growth(Activation("tanh")));
}

// Even a straight line, in a batch of B examples: (B - 2) / (B - 3).
TEST(NormalisedSample, SmallBatches) {
  expect_growth("identity", {128, 8, Normalisation::batch}, {256, 8, Normalisation::batch}, 30,
                6.0 / 5);
}

TEST(NormalisedSample, LayersKeepRelu) {
  const Network small{64, 4, Normalisation::layer}, large{128, 4, Normalisation::layer};
  for (const char* name : {"relu", "sigmoid"}) {
    const double growth = layer_norm_growth(Activation(name), {1, 0});
    expect_growth(name, small, large, 150, growth);
    NetworkShape shape{.scale = {1, 0}, .parts = {.normalisation = Normalisation::layer}};
    EXPECT_NEAR(predict(MeanField(Activation(name)), shape).layers[0].signal.chi_1, growth, 1e-12);
  }
}

}  // namespace
}  // namespace gradkeep
