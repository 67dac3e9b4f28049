// Averages of every activation against identities that hold for all functions, and of a few against
// their closed forms (shared by no code with the quadrature).
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/moments.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kVariances[] = {1e-8, 0.01, 0.3, 1, 10, 100, 1e4};

double square(double v) { return v * v; }

double cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

std::vector<std::string> everywhere_defined() {
  std::vector<std::string> out;
  for (const std::string& name : names()) {
    if (Activation(name).domain().low == -kInfinity) out.push_back(name);
  }
  return out;
}

// E |phi|, the scale of what rounding can do to E phi.
double size(const Moments& m) { return std::sqrt(m.phi2); }

TEST(Moments, SteinAndPriceHoldForEveryActivation) {
  for (const std::string& name : everywhere_defined()) {
    const Activation f(name);
    const Nonlinearity phi{f};
    // Averages of a growing exponential are not for these variances, those of an oscillation slow.
    const bool wild = name == "exponential" || name == "sine" || name == "snake";
    for (const double q : kVariances) {
      if (wild && q > 10) continue;
      const double s = std::sqrt(q);
      const Moments m = moments(phi, q);
      const Nonlinearity z_phi(
          "z phi", [&](double x) { return x / s * f(x); }, [](double) { return 0.0; }, phi.kinks());
      if (phi.jumps().empty()) {
        EXPECT_NEAR(moments(z_phi, q).phi, s * m.dphi, 3e-14 * size(m)) << name << " q " << q;
      }
      const double h = 1e-3;
      const double derivative =
          (8 * (moments(phi, q * (1 + h)).phi2 - moments(phi, q * (1 - h)).phi2) -
           moments(phi, q * (1 + 2 * h)).phi2 + moments(phi, q * (1 - 2 * h)).phi2) /
          (12 * h);
      const double right = s * m.z_phi_dphi;
      EXPECT_NEAR(derivative, right, 1e-10 * m.phi2 + 1e-6 * std::abs(right)) << name << " q " << q;
      EXPECT_EQ(m.error, 0);
    }
  }
}

TEST(Moments, SoftplusSigmoidAndSiluAreRelated) {
  const Nonlinearity sigmoid{Activation("sigmoid")}, softplus{Activation("softplus")},
      silu{Activation("silu")};
  for (const double q : kVariances) {
    const Moments m = moments(sigmoid, q);
    EXPECT_NEAR(moments(softplus, q).dphi2 / m.phi2, 1, 4e-15) << q;
    EXPECT_NEAR(m.phi2, 0.5 - m.dphi, 2e-15) << q;
    const Moments n = moments(silu, q);
    EXPECT_NEAR(n.phi, q * m.dphi, 4e-15 * size(n)) << q;
  }
}

TEST(Moments, ClosedFormsOfSixFunctions) {
  for (const double q : {0.01, 0.3, 1.0, 10.0, 100.0}) {
    const double s = std::sqrt(q);
    const Moments relu = moments(Nonlinearity(Activation("relu")), q);
    EXPECT_NEAR(relu.phi / std::sqrt(q / (2 * kPi)), 1, 2e-15);
    EXPECT_NEAR(relu.phi2 / (q / 2), 1, 2e-15);
    EXPECT_NEAR(relu.dphi2, 0.5, 1e-15);
    EXPECT_NEAR(relu.dphi4, 0.5, 1e-15);

    const Moments leaky = moments(Nonlinearity(Activation("leaky_relu(0.2)")), q);
    EXPECT_NEAR(leaky.phi / (0.8 * std::sqrt(q / (2 * kPi))), 1, 4e-15);
    EXPECT_NEAR(leaky.phi2 / (q * 1.04 / 2), 1, 2e-15);

    const Moments erf = moments(Nonlinearity(Activation("erf")), q);
    EXPECT_NEAR(erf.phi2 / (2 / kPi * std::asin(2 * q / (1 + 2 * q))), 1, 4e-15) << q;
    EXPECT_NEAR(erf.dphi2 / (4 / kPi / std::sqrt(1 + 4 * q)), 1, 4e-15) << q;

    const Moments gelu = moments(Nonlinearity(Activation("gelu")), q);
    const double root = std::sqrt(1 + 2 * q), arc = std::asin(q / (1 + q));
    EXPECT_NEAR(gelu.phi / (q / std::sqrt(2 * kPi * (1 + q))), 1, 4e-15) << q;
    EXPECT_NEAR(gelu.phi2 / (q / 4 + q / (2 * kPi) * arc + q * q / (kPi * (1 + q) * root)), 1,
                4e-15);
    EXPECT_NEAR(gelu.dphi2 / (0.25 + arc / (2 * kPi) + q / (kPi * (1 + q) * root) +
                              q / (2 * kPi) / (root * root * root)),
                1, 4e-15);

    const Moments hard = moments(Nonlinearity(Activation("hard_tanh")), q);
    const double inside = std::erf(1 / std::sqrt(2 * q)), edge = std::exp(-1 / (2 * q));
    EXPECT_NEAR(hard.phi2, q * (inside - std::sqrt(2 / (kPi * q)) * edge) + 1 - inside, 4e-15) << q;
    EXPECT_NEAR(hard.dphi2 / inside, 1, 4e-15) << q;
    EXPECT_NEAR(hard.z_phi_dphi / s, inside - 2 * edge / std::sqrt(2 * kPi * q), 4e-15) << q;

    if (q > 10) continue;  // e^(2 q) Phi(-2 s) as written overflows in its factors
    const Moments elu = moments(Nonlinearity(Activation("elu")), q);
    const double one = std::exp(q / 2) * cdf(-s), two = std::exp(2 * q) * cdf(-2 * s);
    EXPECT_NEAR(elu.phi / (std::sqrt(q / (2 * kPi)) + one - 0.5), 1, q < 0.1 ? 1e-13 : 1e-14) << q;
    EXPECT_NEAR(elu.phi2 / (q / 2 + two - 2 * one + 0.5), 1, q < 0.1 ? 1e-12 : 1e-13) << q;
    EXPECT_NEAR(elu.dphi2 / (0.5 + two), 1, 1e-14) << q;
  }
}

TEST(Moments, OfAJumpIncludeItsMass) {
  // step: E phi = 1/2, phi^2 = phi, and E phi' is the density at the jump.
  const Moments step = moments(Nonlinearity(Activation("step")), 4);
  EXPECT_NEAR(step.phi, 0.5, 1e-15);
  EXPECT_NEAR(step.dphi, 1 / (2 * std::sqrt(2 * kPi)), 1e-15);
  EXPECT_EQ(step.dphi2, kInfinity);
  // hard_shrink's jumps at +-0.5 make E phi^2 grow faster than its pieces do.
  const Nonlinearity shrink{Activation("hard_shrink")};
  const double h = 1e-4;
  const double slope = (moments(shrink, 1 + h).phi2 - moments(shrink, 1 - h).phi2) / (2 * h);
  EXPECT_NEAR(moments(shrink, 1).z_phi_dphi, slope, 1e-7);
  EXPECT_EQ(shrink.jumps().size(), 2U);
  EXPECT_TRUE(Nonlinearity(Activation("hard_sigmoid")).jumps().empty());
}

TEST(Moments, AtZeroAndFarOut) {
  const Moments relu = moments(Nonlinearity(Activation("relu")), 0);
  EXPECT_EQ(relu.phi2, 0);
  EXPECT_EQ(relu.dphi2, 0.5);
  EXPECT_EQ(Nonlinearity(Activation("leaky_relu(0.5)")).mean_square_slope_at_infinity(), 0.625);
  EXPECT_TRUE(std::isnan(Nonlinearity(Activation("sine")).mean_square_slope_at_infinity()));
  EXPECT_EQ(Nonlinearity(Activation("relu_squared")).mean_square_slope_at_zero(), 0);
  // At large q only the area under phi'^2 counts: 4/3 for tanh.
  EXPECT_NEAR(moments(Nonlinearity(Activation("tanh")), 1e10).dphi2 * std::sqrt(2 * kPi * 1e10),
              4.0 / 3, 1e-9);
}

TEST(Moments, ReachAsFarAsTheFunctionNeeds) {
  // What counts lies at z = 20 here, where the fourth power of the slope overflows a little further on.
  const Moments steep = moments(Nonlinearity(Activation("exponential")), 25);
  EXPECT_NEAR(std::log(steep.dphi4), 8 * 25, 1e-12);
  // And at z = 16 here, nothing nearer.
  const Moments dead = moments(Nonlinearity(Activation("soft_shrink")), 1e-3);
  EXPECT_NEAR(dead.dphi2 / std::erfc(0.5 / std::sqrt(2e-3)), 1, 1e-12);
}

TEST(Moments, OfAUsersFunctionComeWithAnError) {
  const auto tanh = [](double x) { return std::tanh(x); };
  const auto sech2 = [](double x) { return 1 / square(std::cosh(x)); };
  const Moments mine = moments(Nonlinearity("mine", tanh, sech2), 1);
  const Moments theirs = moments(Nonlinearity(Activation("tanh")), 1);
  EXPECT_NEAR(mine.phi2 / theirs.phi2, 1, 1e-14);
  EXPECT_LT(mine.error, 1e-14);
  // A kink that nobody declared is found by halving, and its remainder told.
  const auto ramp = [](double x) { return std::max(0.0, x - 0.3); };
  const auto above = [](double x) { return x > 0.3 ? 1.0 : 0.0; };
  const Moments hidden = moments(Nonlinearity("hidden", ramp, above), 1);
  const Moments declared = moments(Nonlinearity("declared", ramp, above, {0.3}), 1);
  EXPECT_NEAR(hidden.dphi2, declared.dphi2, 1e-11);
  EXPECT_LE(std::abs(hidden.dphi2 - declared.dphi2), 4 * hidden.error * declared.dphi2 + 1e-15);
}

TEST(Moments, RefuseWhatHasNone) {
  EXPECT_THROW(Nonlinearity(Activation("log1mexp")), Error);
  const Nonlinearity tanh{Activation("tanh")};
  EXPECT_THROW(moments(tanh, -1), Error);
  EXPECT_THROW(moments(tanh, kInfinity), Error);
  EXPECT_THROW(pair_moments(tanh, 1, 1.5), Error);
  EXPECT_THROW(pair_moments(tanh, 1, std::nan("")), Error);
}

// E sin u sin v and E cos u cos v are e^-q sinh(qc) and e^-q cosh(qc). Most of a sine of so many waves lies
// beyond the first 384 Hermite polynomials.
TEST(PairMoments, OfManyWaves) {
  const Nonlinearity sine{Activation("sine")};
  for (const double q : {3.0, 300.0, 900.0, 2000.0}) {
    for (const double c : {0.3, 0.9, 0.99, 0.9999}) {
      const PairMoments m = pair_moments(sine, q, c);
      const double alike = std::exp(-q * (1 - c)) / 2, opposite = std::exp(-q * (1 + c)) / 2;
      EXPECT_NEAR(m.phi_phi, alike - opposite, 1e-13) << q << " " << c;
      EXPECT_NEAR(m.dphi_dphi, alike + opposite, 1e-13) << q << " " << c;
    }
  }
}

// E phi(u) phi(v) of relu is an arc-cosine kernel, erf's an arcsine.
TEST(PairMoments, ClosedFormsOfReluAndErf) {
  const Nonlinearity relu{Activation("relu")}, erf{Activation("erf")};
  for (const double q : {0.01, 1.0, 30.0}) {
    for (const double c : {-1.0, -0.99, -0.3, 0.0, 0.5, 0.9, 0.95, 0.99, 0.9999, 1.0}) {
      const double theta = std::acos(c);
      const PairMoments r = pair_moments(relu, q, c);
      EXPECT_NEAR(r.phi_phi / q, (std::sin(theta) + (kPi - theta) * c) / (2 * kPi), 2e-15) << c;
      EXPECT_NEAR(r.dphi_dphi, (kPi - theta) / (2 * kPi), 2e-15) << c;
      const PairMoments e = pair_moments(erf, q, c);
      EXPECT_NEAR(e.phi_phi, 2 / kPi * std::asin(2 * q * c / (1 + 2 * q)), 4e-15) << c;
      const double slope = 4 / kPi / std::sqrt(square(1 + 2 * q) - square(2 * q * c));
      EXPECT_NEAR(e.dphi_dphi / slope, 1, 1e-13) << q << " " << c;
    }
  }
}

TEST(PairMoments, OfASteepFunctionAreThoseOfAStep) {
  // tanh at q = 1e8 is a sign to all but one input in ten thousand.
  const Nonlinearity tanh{Activation("tanh")};
  const double c = 1 - 1e-4;
  const PairMoments m = pair_moments(tanh, 1e8, c);
  EXPECT_NEAR(m.phi_phi, 2 / kPi * std::asin(c), 1e-4);
  EXPECT_LT(m.phi_phi, moments(tanh, 1e8).phi2);
  EXPECT_NEAR(pair_moments(tanh, 1e8, -1).phi_phi, -moments(tanh, 1e8).phi2, 1e-13);
}

TEST(PairMoments, SlopesAreTheDerivativeInTheCorrelation) {
  for (const std::string& name : everywhere_defined()) {
    if (name == "exponential") continue;
    const Nonlinearity phi{Activation(name)};
    for (const double c : {-0.95, 0.2, 0.85, 0.97}) {
      const double h = 3e-4, q = 1.7;
      const auto at = [&](double d) { return pair_moments(phi, q, c + d).phi_phi; };
      const double derivative = (8 * (at(h) - at(-h)) - at(2 * h) + at(-2 * h)) / (12 * h);
      const double size = moments(phi, q).phi2;
      EXPECT_NEAR(q * pair_moments(phi, q, c).dphi_dphi, derivative, 1e-8 * size) << name << c;
    }
  }
}

// tanh is the logistic sigmoid of twice the input, stretched and lowered.
TEST(Moments, RaisedMovesValuesAndNoSlope) {
  const Nonlinearity centred = Nonlinearity(Activation("sigmoid")).raised(-0.5);
  const Moments m = moments(centred, 4), t = moments(Nonlinearity(Activation("tanh")), 1);
  EXPECT_NEAR(m.phi, 0, 1e-15);
  EXPECT_NEAR(m.phi2 / (t.phi2 / 4), 1, 1e-14);
  EXPECT_NEAR(m.dphi2 / (t.dphi2 / 16), 1, 1e-14);
  EXPECT_EQ(centred.at_zero(), 0);
  EXPECT_EQ(centred.mean_square_slope_at_infinity(), 0);
  EXPECT_EQ(Nonlinearity(Activation("relu")).raised(2).mean_square_slope_at_infinity(), 0.5);
}

}  // namespace
}  // namespace gradkeep
