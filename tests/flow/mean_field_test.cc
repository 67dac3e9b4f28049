// Fixed points of the length and correlation maps against published and independently computed
// numbers, and every status that a fixed point can have.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/mean_field.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

namespace gradkeep {
namespace {

constexpr double kRootTwo = std::numbers::sqrt2;

using Status = FixedPointStatus;

MeanField field(const char* name) { return MeanField(Activation(name)); }

std::vector<Status> statuses(const char* name, double weight_std, double bias_std) {
  std::vector<Status> out;
  for (const FixedPoint& p : field(name).fixed_points({weight_std, bias_std})) {
    out.push_back(p.status);
  }
  return out;
}

TEST(FixedPoints, HaveTheStatusThatANumberAloneWouldHide) {
  using enum Status;
  EXPECT_EQ(statuses("tanh", 1, 0), std::vector{marginal});
  EXPECT_EQ(statuses("tanh", 0.9, 0), std::vector{zero});
  EXPECT_EQ(statuses("tanh", 1.1, 0), (std::vector{unstable, stable}));
  EXPECT_EQ(statuses("hard_tanh", 1, 0), std::vector{marginal});
  EXPECT_EQ(statuses("gelu", 1.5, 0.1), (std::vector{stable, unstable, diverging}));
  EXPECT_EQ(statuses("relu", kRootTwo, 0), std::vector{whole_line});
  EXPECT_EQ(statuses("relu", kRootTwo, 0.1), std::vector{diverging});
  EXPECT_EQ(statuses("relu", 1.5, 0), (std::vector{unstable, diverging}));
  EXPECT_EQ(statuses("relu", 1, 0.1), std::vector{stable});
  EXPECT_EQ(statuses("relu", 1, 0), std::vector{zero});
  EXPECT_EQ(statuses("sigmoid", 1, 0), std::vector{stable});
  EXPECT_EQ(statuses("gelu", 2, 0), (std::vector{marginal, diverging}));
  EXPECT_EQ(statuses("tanh", 0, 0), std::vector{zero});
  EXPECT_EQ(statuses("step", 1, 0.1), std::vector{stable});
  EXPECT_EQ(statuses("gaussian", 1e-8, 0), std::vector{stable});
  EXPECT_FALSE(field("gelu").fixed_points({2, 0}).front().attracting);
  EXPECT_TRUE(field("tanh").fixed_points({1, 0}).front().attracting);
}

TEST(FixedPoints, AgreeWithPublishedNumbers) {
  const auto at = [](const char* name, double w, double b, std::size_t i) {
    return field(name).fixed_points({w, b}).at(i);
  };
  EXPECT_NEAR(at("gelu", 1.5, 0.1, 0).q, 0.02424, 5e-6);
  EXPECT_NEAR(at("gelu", 1.5, 0.1, 1).q, 1.3154, 5e-5);
  EXPECT_NEAR(at("silu", 1.5, 0.1, 0).q, 0.02337, 5e-6);
  EXPECT_NEAR(at("silu", 1.5, 0.1, 1).q, 4.3302, 5e-5);
  EXPECT_NEAR(at("mish", 1.5, 0.1, 0).q, 0.06328, 5e-6);
  EXPECT_NEAR(at("mish", 1.5, 0.1, 1).q, 0.66672, 5e-6);
  EXPECT_NEAR(at("sigmoid", 1, 0, 0).q, 0.2647, 5e-5);
  EXPECT_NEAR(at("sigmoid", 1, 0, 0).chi_1, 0.05572, 5e-6);
  EXPECT_NEAR(at("sigmoid", 1 / std::sqrt(3.0), 0, 0).chi_1, 0.0200, 5e-5);
  EXPECT_NEAR(at("hard_tanh", 2, 0.3, 0).length_slope, 0.1965, 5e-5);
  // Klambauer et al. 2017: the fixed point (mean 0, variance 1) is built into selu.
  const FixedPoint selu = at("selu", 1, 0, 1);
  EXPECT_NEAR(selu.q, 1, 1e-12);
  EXPECT_NEAR(selu.chi_1, 1.0715750, 5e-8);
  EXPECT_NEAR(selu.length_slope, 0.7826479, 5e-8);
  EXPECT_NEAR(at("selu", 0.75, 0, 1).chi_1, 1.0037, 5e-5);
  EXPECT_NEAR(at("tanh", 5.0 / 3, 0, 1).q, 1.178, 5e-4);
  EXPECT_NEAR(at("tanh", 5.0 / 3, 0, 1).chi_1, 1.210, 5e-4);
  EXPECT_NEAR(at("sigmoid", 4.7226, 0, 0).q, 8.54, 5e-3);
  EXPECT_NEAR(at("sigmoid", 4.7226, 0, 0).chi_1, 0.474, 5e-4);
  EXPECT_NEAR(at("relu", 1, 0.1, 0).q, 0.02, 1e-15);
}

// sigma(x) = 1/2 + tanh(x/2) / 2, so a logistic net is a tanh net with other scales.
TEST(FixedPoints, OfTheLogisticAreThoseOfTanh) {
  for (const WeightScale& scale :
       {WeightScale{1, 0}, WeightScale{3, 0.7}, WeightScale{12, 0.1}, WeightScale{20, 2}}) {
    const double w = scale.weight_std, b = scale.bias_std;
    const auto logistic = field("sigmoid").fixed_points(scale);
    const auto tanh = field("tanh").fixed_points({w / 4, std::sqrt(w * w / 16 + b * b / 4)});
    ASSERT_EQ(logistic.size(), 1U);
    ASSERT_EQ(tanh.size(), 1U);
    EXPECT_NEAR(logistic[0].q / (4 * tanh[0].q), 1, 1e-12);
    EXPECT_NEAR(logistic[0].chi_1 / tanh[0].chi_1, 1, 1e-12);
    EXPECT_NEAR(logistic[0].length_slope / tanh[0].length_slope, 1, 1e-11);
    EXPECT_NEAR(logistic[0].xi_c / tanh[0].xi_c, 1, 1e-10);
    EXPECT_NEAR(logistic[0].c_star, tanh[0].c_star, 1e-11);
  }
}

// A fixed point is one, of both maps; and chi_1 and V' are the maps' slopes there.
TEST(FixedPoints, AreFixedForEveryActivation) {
  int found = 0;
  for (const std::string& name : names()) {
    if (name == "log1mexp") continue;
    const MeanField f{Activation(name)};
    for (const WeightScale& scale :
         {WeightScale{0.7, 0.2}, WeightScale{1.3, 0}, WeightScale{1.7, 0.5}}) {
      const std::vector<FixedPoint> points = f.fixed_points(scale);
      ASSERT_FALSE(points.empty()) << name;
      for (const FixedPoint& p : points) {
        if (!(p.q > 0) || std::isinf(p.q)) continue;
        ++found;
        EXPECT_NEAR(f.length(p.q, scale) / p.q, 1, 1e-12) << name;
        EXPECT_EQ(p.status == Status::stable, p.length_slope < 1) << name;
        const double c = p.c_star;
        EXPECT_NEAR(f.correlation(p.q, c, scale), c, 1e-9) << name << " c " << c;
        EXPECT_NEAR(1 - c, p.one_minus_c_star, 1e-15);
        if (p.chi_1 > 1.001) {
          EXPECT_LT(p.c_star, 1) << name;
          EXPECT_LT(p.correlation_slope, 1) << name;
        } else if (p.chi_1 < 0.999) {
          EXPECT_EQ(p.c_star, 1) << name;
        }
        const double h = 1e-5 * p.q;
        const double slope = (f.length(p.q + h, scale) - f.length(p.q - h, scale)) / (2 * h);
        EXPECT_NEAR(p.length_slope, slope, 1e-6 * (1 + std::abs(slope))) << name;
        EXPECT_NEAR(f.length_slope(p.q, scale), p.length_slope,
                    1e-12 * (1 + std::abs(p.length_slope)))
            << name;
      }
    }
  }
  EXPECT_GT(found, 100);
}

TEST(FixedPoints, NearTheCriticalLineKeepTheirDigits) {
  // 1 - c* = 2 (chi_1 - 1) / f''(1) to first order, f'' = weight_std^2 q E phi''^2.
  const MeanField tanh = field("tanh");
  const FixedPoint a = tanh.fixed_points({1.304150, 0.2}).front();
  const FixedPoint b = tanh.fixed_points({1.304147, 0.2}).front();
  EXPECT_GT(a.chi_1, b.chi_1);
  EXPECT_NEAR(a.one_minus_c_star / b.one_minus_c_star, (a.chi_1 - 1) / (b.chi_1 - 1), 1e-4);
}

TEST(MeanField, SeriesAndQuadratureAgree) {
  for (const char* name : {"tanh", "relu6", "gelu", "softsign", "step", "exponential", "lisht"}) {
    const MeanField f = field(name);
    for (double q = 1e-12; q < 80; q *= 7.3) {
      const MeanField::Averages a = f.averages(q);
      const Moments m = moments(f.phi(), q);
      EXPECT_NEAR(a.phi2 / m.phi2, 1, 2e-14) << name << q;
      if (std::isfinite(m.dphi2)) {
        EXPECT_NEAR(a.dphi2 / m.dphi2, 1, 2e-14) << name << q;
      }
      const double size = std::isfinite(m.dphi2) ? std::sqrt(m.phi2 * m.dphi2) : m.phi2;
      EXPECT_NEAR(a.z_phi_dphi, m.z_phi_dphi, 2e-14 * size) << name << q;
    }
  }
}

// Of two inputs too: smooth functions from series in log q, the others by quadrature.
TEST(MeanField, PairsFromSeriesAndFromQuadratureAgree) {
  for (const char* name : {"tanh", "gelu", "sine", "sigmoid", "hard_tanh"}) {
    const MeanField f = field(name);
    for (double q = 1e-4; q < 30; q *= 7.3) {
      const Moments one = moments(f.phi(), q);
      for (const double c : {-0.8, 0.0, 0.3, 0.99, 1.0}) {
        const PairMoments kept = f.pair_averages(q, c), direct = pair_moments(f.phi(), q, c);
        EXPECT_NEAR(kept.phi_phi, direct.phi_phi, 5e-14 * one.phi2) << name << q << " " << c;
        EXPECT_NEAR(kept.dphi_dphi, direct.dphi_dphi, 1e-13 * one.dphi2) << name << q << " " << c;
      }
    }
  }
  EXPECT_THROW(field("tanh").pair_averages(1, 1.5), Error);
  EXPECT_THROW(field("tanh").pair_averages(-1, 0.5), Error);
  EXPECT_EQ(field("exponential").pair_averages(1e4, 0.5).phi_phi, kInfinity);
}

TEST(MeanField, LayersRunToTheFixedPoint) {
  const MeanField tanh = field("tanh");
  const auto layers = tanh.propagate(60, {1.5, 0.1}, 1, 0);
  const FixedPoint p = tanh.fixed_points({1.5, 0.1}).back();
  ASSERT_EQ(layers.size(), 60U);
  EXPECT_NEAR(layers[0].q, 2.26, 1e-15);
  EXPECT_NEAR(layers[0].correlation, 0.01 / 2.26, 1e-15);
  EXPECT_NEAR(layers.back().q, p.q, 1e-12);
  EXPECT_NEAR(layers.back().chi_1, p.chi_1, 1e-12);
  const double left = p.c_star - layers.back().correlation;
  EXPECT_NEAR(left / (p.c_star - layers[58].correlation), p.correlation_slope, 2e-3);
  // relu at sqrt(2): 1 - c falls algebraically, 0.003577 after a hundred maps of c = 0.
  const auto relu = field("relu").propagate(101, {kRootTwo, 0}, 1, 0);
  EXPECT_NEAR(1 - relu.back().correlation, 0.003577, 5e-7);
  EXPECT_NEAR(relu.back().q, 2, 1e-12);
  // A net without a fixed point overflows, and says so.
  EXPECT_EQ(field("relu").propagate(1100, {2, 0}).back().q, kInfinity);
}

TEST(MeanField, RefusesWhatIsNoScale) {
  const MeanField tanh = field("tanh");
  EXPECT_THROW(tanh.fixed_points({-1, 0}), Error);
  EXPECT_THROW(tanh.fixed_points({1, std::nan("")}), Error);
  // Neither a wrong "diverging" nor a number that is noise.
  EXPECT_THROW(field("sine").fixed_points({1000, 0}), Error);
  EXPECT_EQ(statuses("sine", 20, 0), (std::vector{Status::unstable, Status::stable}));
  EXPECT_EQ(statuses("snake", 2, 0), (std::vector{Status::unstable, Status::diverging}));
  EXPECT_THROW(tanh.propagate(-1, {1, 0}), Error);
  EXPECT_THROW(tanh.propagate(1, {1, 0}, -1), Error);
  EXPECT_THROW(tanh.propagate(1, {1, 0}, 1, 2), Error);
}

// What is found once is found by whoever asks first.
TEST(MeanField, AnswersSeveralThreadsAtOnce) {
  const MeanField alone = field("gelu"), shared = field("gelu");
  std::vector<std::vector<FixedPoint>> answers(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] { answers[t] = shared.fixed_points({1.2 + 0.1 * t, 0.3}); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) {
    const auto expected = alone.fixed_points({1.2 + 0.1 * t, 0.3});
    ASSERT_EQ(answers[t].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(answers[t][i].q, expected[i].q);
  }
}

}  // namespace
}  // namespace gradkeep
