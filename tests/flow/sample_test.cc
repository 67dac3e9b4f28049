// Predictions held against sampled networks: for every activation at 20 pairs of scales, the variance of
// the pre-activations, the correlation of two inputs and the gradient's way back over some layers.
//
// Weights are drawn without being stored. A matrix of independent normal entries, seen along orthonormal
// directions, gives independent normal vectors: along the two directions that a layer's two inputs span
// it gives the pre-activations, and the way back adds what it sends into all other directions. So a
// network of n units costs n and not n^2, and is the same at finite width, not only in the limit.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/critical.h>
#include <gradkeep/flow.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace gradkeep {
namespace {

double square(double v) { return v * v; }

// Normal numbers by rejection from 128 boxes of equal area under the bell (Marsaglia and Tsang's
// ziggurat): the distributions of <random> differ between libraries and are ten times as slow.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : state_(seed) {
    constexpr double kEdge = 3.442619855899, kArea = 9.91256303526217e-3;
    edge_[0] = kArea / std::exp(-0.5 * kEdge * kEdge);
    edge_[1] = kEdge;
    for (int i = 2; i < kBoxes; ++i) {
      edge_[i] = std::sqrt(-2 * std::log(kArea / edge_[i - 1] + bell(edge_[i - 1])));
    }
    edge_[kBoxes] = 0;
  }
  double operator()() {
    for (;;) {
      const std::uint64_t bits = next();
      const int box = static_cast<int>(bits & (kBoxes - 1));
      const double x = (2 * unit(bits) - 1) * edge_[box];
      if (std::abs(x) < edge_[box + 1]) return x;
      if (box == 0) return x < 0 ? -tail() : tail();
      const double low = bell(edge_[box]), high = bell(edge_[box + 1]);
      if (low + unit(next()) * (high - low) < bell(x)) return x;
    }
  }
  void fill(std::vector<float>& out) {
    for (float& v : out) v = static_cast<float>((*this)());
  }

 private:
  static constexpr int kBoxes = 128;
  static double bell(double x) { return std::exp(-0.5 * x * x); }
  static double unit(std::uint64_t bits) {
    return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
  }
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double tail() {
    for (;;) {
      const double x = -std::log(unit(next())) / edge_[1], y = -std::log(unit(next()));
      if (2 * y > x * x) return edge_[1] + x;
    }
  }

  std::uint64_t state_;
  std::array<double, kBoxes + 1> edge_{};
};

// Variances and covariance of a layer's pre-activations under two inputs, given what feeds it.
struct Pair {
  double s11 = 0, s12 = 0, s22 = 0;
};

// One layer of several networks side by side.
struct Layer {
  std::vector<float> a1, a2;  // what W sends along the two directions, in units of its entries
  std::vector<float> x1, x2, slope;  // phi of either input, phi' of the first
  std::vector<Pair> pair;            // for each network
};

struct Sample {
  std::vector<double> log_q, c, log_gain;  // for each network
};

class Networks {
 public:
  Networks(const Activation& f, const WeightScale& scale, int width, std::uint64_t seed)
      : f_(f), w_(square(scale.weight_std)), b_(square(scale.bias_std)), n_(width), normal_(seed) {}

  // From inputs of mean square 1 and the correlation given to the pre-activations of layer `depth`.
  Sample draw(int networks, int depth, double correlation) {
    Sample out;
    for (int from = 0; from < networks; from += kTogether) {
      forward(depth, correlation);
      backward(out.log_gain);
      for (const Pair& p : layers_.back().pair) {
        out.log_q.push_back(std::log(p.s11));
        out.c.push_back(p.s12 / std::sqrt(p.s11 * p.s22));
      }
    }
    return out;
  }

 private:
  static constexpr int kTogether = 16;

  void forward(int depth, double correlation) {
    layers_.resize(depth);
    layers_[0].pair.assign(kTogether, {w_ + b_, w_ * correlation + b_, w_ + b_});
    std::vector<float> h1(kTogether * n_), h2(kTogether * n_);
    for (int l = 0; l + 1 < depth; ++l) {
      Layer& layer = layers_[l];
      for (auto* v : {&layer.a1, &layer.a2, &layer.x1, &layer.x2, &layer.slope}) {
        v->resize(kTogether * n_);
      }
      normal_.fill(layer.a1);
      normal_.fill(layer.a2);
      for (int k = 0; k < kTogether; ++k) {
        const Pair& p = layer.pair[k];
        const auto first = static_cast<float>(std::sqrt(p.s11));
        const auto along = static_cast<float>(p.s12 / std::sqrt(p.s11));
        const auto across = static_cast<float>(std::sqrt(left(p)));
        for (int i = k * n_; i < (k + 1) * n_; ++i) {
          h1[i] = first * layer.a1[i];
          h2[i] = along * layer.a1[i] + across * layer.a2[i];
        }
      }
      f_.value_and_slope<float>(h1, layer.x1, layer.slope);
      f_.value<float>(h2, layer.x2);
      layers_[l + 1].pair.clear();
      for (int k = 0; k < kTogether; ++k) {
        double s11 = 0, s12 = 0, s22 = 0;
        for (int i = k * n_; i < (k + 1) * n_; ++i) {
          const double u = layer.x1[i], v = layer.x2[i];
          s11 += u * u;
          s12 += u * v;
          s22 += v * v;
        }
        const double scale = w_ / n_;
        layers_[l + 1].pair.push_back({scale * s11 + b_, scale * s12 + b_, scale * s22 + b_});
      }
    }
  }

  // What of the second input's variance the first one does not explain.
  static double left(const Pair& p) { return std::max(0.0, p.s22 - square(p.s12) / p.s11); }

  // A gradient that comes to the last layer from outside meets fresh weights; below, the weights are
  // those that made the pre-activations.
  void backward(std::vector<double>& log_gain) {
    const int last = static_cast<int>(layers_.size()) - 2;
    std::vector<float> xi(kTogether * n_), delta(kTogether * n_);
    const double entry = std::sqrt(w_ / n_);
    normal_.fill(xi);
    for (std::size_t i = 0; i < xi.size(); ++i) {
      delta[i] = static_cast<float>(entry) * layers_[last].slope[i] * xi[i];
    }
    for (int l = last - 1; l >= 0; --l) {
      normal_.fill(xi);
      for (int k = 0; k < kTogether; ++k) through(layers_[l], layers_[l + 1], k, xi, delta);
    }
    for (int k = 0; k < kTogether; ++k) {
      double sum = 0;
      for (int i = k * n_; i < (k + 1) * n_; ++i) sum += square(delta[i]);
      log_gain.push_back(std::log(sum));
    }
  }

  // delta = phi' W^T delta for network k, with biases as the weights of one more input, `constant`.
  void through(const Layer& below, const Layer& above, int k, const std::vector<float>& xi,
               std::vector<float>& delta) {
    const Pair& p = above.pair[k];
    const double constant = std::sqrt(n_ * b_ / w_), across = left(p);
    const double e1 = 1 / std::sqrt(n_ * p.s11 / w_);
    const double e2 = across > 1e-12 * p.s22 ? 1 / std::sqrt(n_ * across / w_) : 0;
    const double share = p.s12 / p.s11;
    const double bias_xi = normal_();
    double norm = 0, p1 = 0, p2 = 0;
    double xi1 = constant * bias_xi, xi2 = constant * bias_xi;
    for (int i = k * n_; i < (k + 1) * n_; ++i) {
      norm += square(delta[i]);
      p1 += above.a1[i] * delta[i];
      p2 += above.a2[i] * delta[i];
      xi1 += below.x1[i] * xi[i];
      xi2 += below.x2[i] * xi[i];
    }
    norm = std::sqrt(norm);
    const double c1 = e1 * (p1 - norm * e1 * xi1);
    const double c2 = e2 * (p2 - norm * e2 * (xi2 - share * xi1));
    const double entry = std::sqrt(w_ / n_);
    const auto of1 = static_cast<float>(entry * (c1 - share * c2));
    const auto of2 = static_cast<float>(entry * c2), of_xi = static_cast<float>(entry * norm);
    for (int i = k * n_; i < (k + 1) * n_; ++i) {
      delta[i] = below.slope[i] * (of1 * below.x1[i] + of2 * below.x2[i] + of_xi * xi[i]);
    }
  }

  const Activation& f_;
  double w_, b_;
  int n_;
  Normal normal_;
  std::vector<Layer> layers_;
};

struct Estimate {
  double mean, error2;
  double freedom;
};

Estimate estimate(const std::vector<double>& of) {
  const double n = static_cast<double>(of.size());
  double mean = 0, variance = 0;
  for (const double v : of) mean += v / n;
  for (const double v : of) variance += square(v - mean) / (n - 1);
  return {mean, variance / n, n - 1};
}

// What is left where terms in 1 / n cancel, from samples at widths n and 2 n.
Estimate without_bias(const std::vector<double>& at_n, const std::vector<double>& at_2n) {
  const Estimate a = estimate(at_n), b = estimate(at_2n);
  const double error2 = 4 * b.error2 + a.error2;
  return {2 * b.mean - a.mean, error2,
          square(error2) / (square(4 * b.error2) / b.freedom + square(a.error2) / a.freedom)};
}

// Student's t as the normal number that is as unlikely (Wallace 1959).
double z_of(const Estimate& e, double predicted) {
  const double t = (e.mean - predicted) / std::sqrt(e.error2), f = e.freedom;
  return std::copysign((8 * f + 1) / (8 * f + 3) * std::sqrt(f * std::log1p(t * t / f)), t);
}

// E phi^2 and E phi^4 to the few digits that are needed of them.
struct Spread {
  double square_mean = 0, fourth_mean = 0;
};
Spread spread_of(const Activation& f, double q) {
  constexpr int kSteps = 600;
  constexpr double kStep = 9.0 / kSteps;
  std::vector<double> x(2 * kSteps + 1), y(x.size());
  for (int i = -kSteps; i <= kSteps; ++i) x[i + kSteps] = std::sqrt(q) * kStep * i;
  f.value<double>(x, y);
  Spread out;
  for (int i = -kSteps; i <= kSteps; ++i) {
    const double share =
        kStep * std::exp(-0.5 * square(kStep * i)) / std::sqrt(2 * std::numbers::pi);
    const double y2 = square(y[i + kSteps]);
    out.square_mean += share * y2;
    out.fourth_mean += share * y2 * y2;
  }
  return out;
}

constexpr int kWidth = 128, kNetworks = 128, kDepth = 4;
constexpr double kCorrelation = 0.3;

// How many layers can be compared: as long as the logarithms of q and of the gradient are predicted to
// have a variance below 1/4 from one network to the next. Where it is larger, terms in 1 / n^2 count.
int comparable_depth(const Activation& f, const Nonlinearity& phi, const WeightScale& scale) {
  const double w = square(scale.weight_std), b = square(scale.bias_std);
  double q = w + b, of_q = 0, of_gradient = 0;
  for (int depth = 1; depth < kDepth; ++depth) {
    const Spread s = spread_of(f, q);
    const Moments m = moments(phi, q);
    const double next = w * m.phi2 + b, elasticity = std::sqrt(q) * w * m.z_phi_dphi / next;
    of_q = square(elasticity) * of_q +
           square(w / next) * (s.fourth_mean - square(s.square_mean)) / kWidth;
    if (phi.jumps().empty()) of_gradient += (3 * m.dphi4 / square(m.dphi2) - 1) / kWidth;
    if (!(of_q < 0.25 && of_gradient < 0.25)) return depth;
    q = next;
  }
  return kDepth;
}

struct Predicted {
  double log_q, c, log_gain;
};
Predicted predicted(const MeanField& field, const WeightScale& scale, int depth) {
  const auto layers = field.propagate(depth, scale, 1, kCorrelation);
  Predicted out{std::log(layers.back().q), layers.back().correlation, 0};
  for (int l = 0; l + 1 < depth; ++l) out.log_gain += std::log(layers[l].chi_1);
  return out;
}

// All z of one quantity.
class Scores {
 public:
  explicit Scores(const char* name) : name_(name) {}
  void add(double z, const std::string& where) {
    if (!(std::abs(z) <= largest_)) {
      largest_ = std::abs(z);
      where_ = where;
    }
    squares_ += z * z;
    ++count_;
  }
  double mean_square() const { return squares_ / count_; }
  // 3.3 standard deviations of a mean of chi-squares: one in a thousand.
  double band() const { return 3.3 * std::sqrt(2.0 / count_); }
  int count() const { return count_; }
  // 4.7 leaves 1 % to the largest of some 3,300.
  void expect_standard() const {
    EXPECT_LE(largest_, 4.7) << name_ << " of " << where_;
    EXPECT_NEAR(mean_square(), 1, band()) << name_ << ", " << count_ << " of them";
  }
  void expect_seen() const { EXPECT_GT(mean_square(), 1 + band()) << name_; }

 private:
  const char* name_;
  std::string where_;
  double largest_ = 0, squares_ = 0;
  int count_ = 0;
};

TEST(Sample, EveryActivationAtTwentyScales) {
  Scores of_q("q"), of_c("c"), of_gain("the gradient");
  // What the test would see of predictions that are 1 % off, and of the bias of a finite width.
  Scores wrong_q("q x 1.01"), wrong_c("c x 0.99"), wrong_gain("chi_1 x 1.01"),
      biased("a finite width");
  int beyond = 0;
  std::uint64_t seed = 0;
  for (const std::string& name : names()) {
    if (name == "log1mexp") continue;  // not defined everywhere
    const Activation f(name);
    const MeanField field(f);
    const bool jumps = !field.phi().jumps().empty();
    const Gains g = gains(field.phi());
    for (const double factor : {0.5, 0.75, 1.0, 1.25, 1.5}) {
      for (const double bias_std : {0.0, 0.1, 0.3, 1.0}) {
        const WeightScale scale{factor * (jumps ? g.forward : g.backward), bias_std};
        const int depth = comparable_depth(f, field.phi(), scale);
        if (depth < 2) {
          ++beyond;
          continue;
        }
        const Predicted p = predicted(field, scale, depth);
        const Sample at_n = Networks(f, scale, kWidth, ++seed).draw(kNetworks, depth, kCorrelation);
        const Sample at_2n =
            Networks(f, scale, 2 * kWidth, ++seed).draw(kNetworks, depth, kCorrelation);
        const std::string where = name + " at " + std::to_string(scale.weight_std) + ", " +
                                  std::to_string(bias_std) + ", layer " + std::to_string(depth);
        const Estimate q = without_bias(at_n.log_q, at_2n.log_q);
        if (std::sqrt(q.error2) < 1e-7) {  // no unit is ever switched on: biases alone are left
          EXPECT_NEAR(q.mean, p.log_q, 1e-9) << where;
          continue;
        }
        const Estimate c = without_bias(at_n.c, at_2n.c);
        of_q.add(z_of(q, p.log_q), where);
        wrong_q.add(z_of(q, p.log_q + 0.01), where);
        of_c.add(z_of(c, p.c), where);
        wrong_c.add(z_of(c, 0.99 * p.c), where);
        if (jumps) continue;  // chi_1 is infinite
        const Estimate gain = without_bias(at_n.log_gain, at_2n.log_gain);
        of_gain.add(z_of(gain, p.log_gain), where);
        wrong_gain.add(z_of(gain, p.log_gain + 0.01 * (depth - 1)), where);
        biased.add(z_of(estimate(at_n.log_gain), p.log_gain), where);
      }
    }
  }
  for (const Scores* s : {&of_q, &of_c, &of_gain}) s->expect_standard();
  for (const Scores* s : {&wrong_q, &wrong_c, &wrong_gain, &biased}) s->expect_seen();
  // exponential with bias_std 1, whose mean square hangs on single units.
  EXPECT_EQ(beyond, 5);
  EXPECT_GT(of_gain.count(), 1050);
}

// Of networks of 8 units with weights in matrices.
Sample stored_weights(const Activation& f, const WeightScale& scale, int networks, int depth,
                      double correlation) {
  constexpr int n = 8;
  Normal normal(99);
  Sample out;
  std::vector<std::vector<float>> w(depth, std::vector<float>(n * n)), slopes(depth);
  for (int k = 0; k < networks; ++k) {
    std::vector<float> x1(n, 1), x2(n);
    const double off = std::sqrt(1 - square(correlation));
    for (int i = 0; i < n; ++i) x2[i] = static_cast<float>(correlation + (i % 2 ? off : -off));
    Pair p;
    for (int l = 0; l < depth; ++l) {
      const double entry = scale.weight_std / std::sqrt(n);
      std::vector<float> h1(n), h2(n);
      p = {square(scale.bias_std), square(scale.bias_std), square(scale.bias_std)};
      for (int i = 0; i < n; ++i) {
        double u = scale.bias_std * normal(), v = u;
        for (int j = 0; j < n; ++j) {
          const double weight = entry * normal();
          w[l][i * n + j] = static_cast<float>(weight);
          u += weight * x1[j];
          v += weight * x2[j];
        }
        h1[i] = static_cast<float>(u);
        h2[i] = static_cast<float>(v);
        p.s11 += square(entry * x1[i]);
        p.s12 += square(entry) * x1[i] * x2[i];
        p.s22 += square(entry * x2[i]);
      }
      slopes[l].resize(n);
      f.value_and_slope<float>(h1, x1, slopes[l]);
      f.value<float>(h2, x2);
    }
    out.log_q.push_back(std::log(p.s11));
    out.c.push_back(p.s12 / std::sqrt(p.s11 * p.s22));
    std::vector<double> delta(n);
    double norm = 0;
    for (double& v : delta) norm += square(v = normal());
    for (double& v : delta) v /= std::sqrt(norm);
    for (int l = depth - 1; l > 0; --l) {
      std::vector<double> below(n);
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) below[j] += slopes[l - 1][j] * w[l][i * n + j] * delta[i];
      }
      delta = below;
    }
    double left = 0;
    for (const double v : delta) left += square(v);
    out.log_gain.push_back(std::log(left));
  }
  return out;
}

// That drawing what is seen of the weights is drawing the weights, at any width.
TEST(Sample, IsThatOfStoredWeights) {
  constexpr int kMany = 20000;
  for (const char* name : {"tanh", "sigmoid", "softplus"}) {
    const Activation f(name);
    const WeightScale scale{1.5, 2};
    const Sample stored = stored_weights(f, scale, kMany, 4, kCorrelation);
    const Sample seen = Networks(f, scale, 8, 1).draw(kMany, 4, kCorrelation);
    const auto compare = [&](const std::vector<double>& a, const std::vector<double>& b,
                             const char* what) {
      const Estimate of_a = estimate(a), of_b = estimate(b);
      EXPECT_NEAR(of_a.mean, of_b.mean, 4 * std::sqrt(of_a.error2 + of_b.error2)) << name << what;
      EXPECT_NEAR(of_a.error2 / of_b.error2, 1, 0.1) << name << what;
    };
    compare(stored.log_q, seen.log_q, " q");
    compare(stored.c, seen.c, " c");
    compare(stored.log_gain, seen.log_gain, " gradient");
  }
}

// q falls like 1 / (2 l), and its logarithm scatters by 2 / n a layer, of which a share (k / l)^2 of layer
// k's is left at layer l: 2 l / (3 n) in all.
TEST(Sample, MarginalPointOfTanh) {
  constexpr int kLayers = 60, kMany = 400;
  const Activation tanh("tanh");
  const MeanField field(tanh);
  const WeightScale scale{1, 0};
  const Predicted p = predicted(field, scale, kLayers);
  EXPECT_NEAR(2 * kLayers * std::exp(p.log_q), 1, 0.1);
  const Sample at_n = Networks(tanh, scale, 128, 5).draw(kMany, kLayers, kCorrelation);
  const Sample at_2n = Networks(tanh, scale, 256, 6).draw(kMany, kLayers, kCorrelation);
  EXPECT_LT(std::abs(z_of(without_bias(at_n.log_q, at_2n.log_q), p.log_q)), 4);
  EXPECT_LT(std::abs(z_of(without_bias(at_n.log_gain, at_2n.log_gain), p.log_gain)), 4);
  const double variance = kMany * estimate(at_2n.log_q).error2;
  EXPECT_NEAR(variance / (2.0 * kLayers / (3 * 256)), 1, 4 * std::sqrt(2.0 / kMany));
}

// relu's q is no fixed point's: on the whole line and beyond it, q and the gradient are log-normal with
// variance 5 / n a layer, and their means are the prediction times e^(-variance / 2).
TEST(Sample, WholeLineAndDivergenceOfRelu) {
  constexpr int kLayers = 31, kMany = 1600;
  const Activation relu("relu");
  const MeanField field(relu);
  std::uint64_t seed = 10;
  for (const double factor : {1.0, 1.3}) {
    const WeightScale scale{factor * std::numbers::sqrt2, 0};
    const Predicted p = predicted(field, scale, kLayers);
    const Sample s = Networks(relu, scale, 256, ++seed).draw(kMany, kLayers, kCorrelation);
    const double variance = 5.0 * (kLayers - 1) / 256;
    EXPECT_NEAR(p.log_gain, 2 * (kLayers - 1) * std::log(factor), 1e-10);
    for (const auto& [sampled, expected] :
         {std::pair(&s.log_q, p.log_q), std::pair(&s.log_gain, p.log_gain)}) {
      const Estimate e = estimate(*sampled);
      EXPECT_LT(std::abs(z_of(e, expected - variance / 2)), 4) << factor;
      EXPECT_NEAR(kMany * e.error2 / variance, 1, 4 * std::sqrt(2.0 / kMany)) << factor;
    }
  }
}

}  // namespace
}  // namespace gradkeep
