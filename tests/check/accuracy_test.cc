// The library against truth, function by function: the claims of the definition files checked as
// written, the exact tier bit for bit. GRADKEEP_SAMPLES=thin takes about a twentieth of the inputs.
// SPDX-License-Identifier: Apache-2.0

#include "check/accuracy.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "check/samples.h"

namespace gradkeep::check {
namespace {

// What this release promises of the fast tier, whatever a claim says.
double most_ulps(int order) { return order == 2 ? 4 : 2; }

bool thin() {
  const char* wish = std::getenv("GRADKEEP_SAMPLES");
  return wish && std::string(wish) == "thin";
}

template <class T>
const std::vector<T>& common() {
  static const std::vector<T> x = [] {
    SampleSize size = full_size<T>();
    if (thin()) {
      size.mantissa_bits = sizeof(T) == 4 ? 6 : 1;
      size.steps = sizeof(T) == 4 ? 8 : 0;
      size.stride *= 20;
      size.random /= 20;
      size.random_bits /= 40;
    }
    return common_samples<T>(size);
  }();
  return x;
}

template <class T>
std::vector<T> sample(const Activation& f, const Truth& truth, Ask ask) {
  std::vector<T> x = common<T>();
  const std::vector<T> own = own_samples<T>(truth, ask, f.kinks(), thin() ? 8 : 64);
  x.insert(x.end(), own.begin(), own.end());
  return x;
}

std::string describe(const Tally& tally) {
  std::array<char, 200> text{};
  std::snprintf(
      text.data(), text.size(),
      "worst %.3f ulp at %a: got %a, want %a; %ld of %ld misrounded, the first at %a: got "
      "%a, want %a",
      tally.max_ulp, tally.worst_x, tally.worst_got, tally.worst_want, tally.misrounded,
      tally.count, tally.misrounded_x, tally.misrounded_got, tally.misrounded_want);
  return text.data();
}

template <class T>
constexpr Type kType = sizeof(T) == 4 ? Type::f32 : Type::f64;

bool has_defaults(const Activation& f) {
  for (std::size_t k = 0; k < f.parameters().size(); ++k) {
    if (f.parameters()[k] != f.info().parameters[k].value) return false;
  }
  return true;
}

// A zero moves with the parameters, and the claim's interval was chosen at the defaults.
void stretch(Claim& claim) {
  claim.low *= claim.low < 0 ? 2.5 : 1 / 2.5;
  claim.high *= claim.high < 0 ? 1 / 2.5 : 2.5;
}

// What the exact tier promises in float64, which has no exhaustive proof.
constexpr double kNearlyExact = 0.51;

// Where addends cancel a claim counts in units of their size; the exact tier's unit is the result's own.
template <class T>
void check_cancellations(const Activation& f, int order, const std::vector<Claim>& claims) {
  const Truth truth(f);
  std::vector<T> x;
  for (const T v : sample<T>(f, truth, ask_order(order))) {
    for (const Claim& claim : claims) {
      if (claim.scale > 0 && v >= claim.low && v <= claim.high) x.push_back(v);
    }
  }
  const std::vector<Implementation<T>> exact{
      [&](std::span<const T> in, std::span<T> y) { f.evaluate<T>(order, in, y, Tier::exact); }};
  const Accuracy found = measure_accuracy<T>(truth, ask_order(order), x, exact);
  EXPECT_LE(found.tallies[0][0].max_ulp, kNearlyExact)
      << "exact tier: " << describe(found.tallies[0][0]);
}

template <class T>
void check_order(const Activation& f, int order) {
  const Truth truth(f);
  std::vector<Claim> claims;
  for (const Claim& claim : f.claims()) {
    if (claim.type != kType<T> || claim.order != order) continue;
    claims.push_back(claim);
    if (claim.scale > 0) {
      EXPECT_LE(claim.high - claim.low, 2) << "a scaled claim is for the neighbourhood of a zero";
    }
    if (claim.scale > 0 && !has_defaults(f)) stretch(claims.back());
  }
  Sweep sweep;  // its first band is the whole line, but for scaled claims
  for (const Claim& claim : claims) sweep.bands.push_back(band_of(claim));

  std::vector<Implementation<T>> tiers{
      [&](std::span<const T> x, std::span<T> y) { f.evaluate<T>(order, x, y, Tier::fast); },
      [&](std::span<const T> x, std::span<T> y) { f.evaluate<T>(order, x, y, Tier::exact); }};
  const Accuracy found = measure_accuracy<T>(truth, ask_order(order),
                                             sample<T>(f, truth, ask_order(order)), tiers, sweep);

  double whole_line = -1;
  for (std::size_t k = 0; k < claims.size(); ++k) {
    const Claim& claim = claims[k];
    // Claims are made for the defaults; elsewhere the promise is held.
    EXPECT_LE(found.tallies[0][k + 1].max_ulp, has_defaults(f) ? claim.ulp : most_ulps(order))
        << "claim " << k << " on [" << claim.low << ", " << claim.high << "], scale " << claim.scale
        << ": " << describe(found.tallies[0][k + 1]);
    EXPECT_LE(claim.ulp, most_ulps(order)) << "claims too little";
    if (claim.scale == 0 && claim.low == -kInfinity && claim.high == kInfinity) {
      whole_line = claim.ulp;
    }
  }
  EXPECT_GE(whole_line, 0) << f.text() << " claims nothing over the whole line";
  if (kType<T> == Type::f32) {
    for (const Tally& tally : found.tallies[1]) {
      EXPECT_EQ(tally.misrounded, 0) << "exact tier: " << describe(tally);
    }
  } else {
    EXPECT_LE(found.tallies[1][0].max_ulp, kNearlyExact)
        << "exact tier: " << describe(found.tallies[1][0]);
    check_cancellations<T>(f, order, claims);
  }
}

template <class T>
void check_parameter_slope(const Activation& f, int k) {
  const Truth truth(f);
  std::vector<Implementation<T>> fast{
      [&](std::span<const T> x, std::span<T> y) { f.parameter_slope<T>(k, x, y); }};
  const Accuracy found =
      measure_accuracy<T>(truth, ask_parameter(k), sample<T>(f, truth, ask_parameter(k)), fast);
  EXPECT_LE(found.tallies[0][0].max_ulp, sizeof(T) == sizeof(float) ? 4 : 2)
      << f.info().parameters[static_cast<std::size_t>(k)].name << ": "
      << describe(found.tallies[0][0]);
}

// Every function with its defaults, and some with other parameters.
std::vector<std::string> functions() {
  std::vector<std::string> all = names();
  for (const char* more : {"celu(alpha=0.3)",
                           "elu(alpha=0.3)",
                           "hard_shrink(0.7)",
                           "hard_sigmoid(-2.7, 1.9)",
                           "hard_tanh(min=-0.7, max=0.3)",
                           "improved_sigmoid(4, 0.05)",
                           "isrlu(3)",
                           "isru(0.3)",
                           "laplace(mu=-1, sigma=2)",
                           "leaky_relu(0.2)",
                           "penalized_tanh(0.7)",
                           "prelu(-0.5)",
                           "rrelu(0.1, 0.7)",
                           "smelu(0.3)",
                           "snake(frequency=0.7)",
                           "soft_shrink(0.7)",
                           "softplus(beta=3)",
                           "squareplus(0.3)",
                           "star_relu(0.3, 0.7)",
                           "step(0.7)",
                           "swish(1.7)",
                           "threshold(0.1, 20)",
                           "thresholded_relu(0.3)",
                           "xielu(0.3, 1.25, 0.8)"}) {
    all.push_back(more);
  }
  return all;
}

struct Case {
  std::string function;
  Type type;
  int order;  // 0 to 2, or 3 + number of a parameter
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string& function : functions()) {
    const auto parameters =
        static_cast<int>(Activation(function, Bounds::any).info().parameters.size());
    for (Type type : {Type::f32, Type::f64}) {
      for (int order = 0; order < 3 + parameters; ++order) all.push_back({function, type, order});
    }
  }
  return all;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.function;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name + (info.param.type == Type::f32 ? "_f32_" : "_f64_") +
         std::to_string(info.param.order);
}

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.function << (c.type == Type::f32 ? " f32 " : " f64 ")
       << to_string(static_cast<Ask>(c.order));
}

class AccuracyOf : public ::testing::TestWithParam<Case> {};

TEST_P(AccuracyOf, IsAsClaimed) {
  const auto [function, type, order] = GetParam();
  const Activation f(function, Bounds::any);
  if (order < 3) {
    type == Type::f32 ? check_order<float>(f, order) : check_order<double>(f, order);
  } else {
    type == Type::f32 ? check_parameter_slope<float>(f, order - 3)
                      : check_parameter_slope<double>(f, order - 3);
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, AccuracyOf, ::testing::ValuesIn(cases()), case_name);

}  // namespace
}  // namespace gradkeep::check
