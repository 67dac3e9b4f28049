// Each probe on a snapshot written down by hand: two hidden layers of two units, two examples and
// an output layer of one unit, with numbers whose means and norms can be checked on paper.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/saturation.h"

namespace gradkeep::probe {
namespace {

const Activation kRelu("relu");

Table two_by_two(double a, double b, double c, double d) { return {2, 2, {a, b, c, d}}; }

Snapshot by_hand() {
  Snapshot snapshot;
  Layer first;
  first.number = 1;
  first.activation = &kRelu;
  first.h = two_by_two(-1, 2, 3, -4);
  first.y = two_by_two(0, 2, 3, 0);
  first.slope = two_by_two(0, 1, 1, 0);
  first.dy = two_by_two(3, 0, 4, 0);  // norm 5
  first.dh = two_by_two(0, 0, 4, 0);  // norm 4
  first.w = two_by_two(3, 0, 0, 4);
  first.initial_w = two_by_two(3, 0, 0, 3);
  first.dw = two_by_two(1, 1, 1, 1);
  Layer second = first;
  second.number = 2;
  second.h = two_by_two(1, -1, 1, -1);
  second.y = two_by_two(1, 0, 1, 0);
  second.slope = two_by_two(1, 0, 1, 0);
  second.dy = two_by_two(6, 0, 8, 3);
  second.dh = two_by_two(6, 0, 8, 0);  // norm 10
  second.learned = {0.25};
  second.learned_names = {"a"};
  Layer output;
  output.number = 3;
  output.hidden = false;
  output.activation = &kRelu;
  output.h = output.y = {2, 1, {0, 2}};
  output.slope = {2, 1, {1, 1}};
  output.dh = output.dy = {2, 1, {12, -16}};  // norm 20
  output.w = output.initial_w = output.dw = {1, 2, {1, 1}};
  snapshot.layers = {first, second, output};
  snapshot.compute_units = [] {
    return std::vector<std::vector<Unit>>{{{true, true}, {true, false}},
                                          {{false, false}, {true, true}}};
  };
  return snapshot;
}

std::map<int, double> values(const std::string& name, const Snapshot& snapshot,
                             const std::string& row = "") {
  std::map<int, double> result;
  const std::vector<std::string> wanted{name};
  for (const auto& value : measure(wanted, {0, 100}, snapshot)) {
    EXPECT_EQ(value.probe, row.empty() ? name : row);
    result[value.layer] = value.value;
  }
  return result;
}

using Rows = std::map<int, double>;

TEST(Probes, MeansAndDeviations) {
  const auto s = by_hand();
  EXPECT_EQ(values("h_mean", s), (Rows{{1, 0}, {2, 0}, {3, 1}}));
  EXPECT_EQ(values("h_std", s), (Rows{{1, std::sqrt(7.5)}, {2, 1}, {3, 1}}));
  EXPECT_NEAR(values("h_square", s).at(1), 7.5, 1e-14);
  EXPECT_NEAR(values("h_square", s).at(3), 2, 1e-14);
  EXPECT_EQ(values("y_mean", s), (Rows{{1, 1.25}, {2, 0.5}}));
  EXPECT_EQ(values("y_std", s).at(2), 0.5);
  EXPECT_EQ(values("mean_slope", s), (Rows{{1, 0.5}, {2, 0.5}}));
}

TEST(Probes, Gradients) {
  const auto s = by_hand();
  EXPECT_EQ(values("gradient_rms", s), (Rows{{1, 2}, {2, 5}, {3, 20 / std::sqrt(2.0)}}));
  EXPECT_EQ(values("weight_gradient_rms", s), (Rows{{1, 1}, {2, 1}, {3, 1}}));
}

TEST(Probes, GainIsSlopePartTimesWeightPart) {
  const auto s = by_hand();
  EXPECT_EQ(values("backward_gain", s), (Rows{{1, 0.4}, {2, 0.5}}));
  EXPECT_EQ(values("slope_gain", s).at(1), 0.8);
  EXPECT_EQ(values("weight_gain", s).at(1), 0.5);
  EXPECT_DOUBLE_EQ(values("slope_gain", s).at(2), 10 / std::sqrt(109.0));
  EXPECT_DOUBLE_EQ(values("weight_gain", s).at(2), std::sqrt(109.0) / 20);
}

TEST(Probes, ZerosAndDeadUnits) {
  const auto s = by_hand();
  EXPECT_EQ(values("zero_slope", s), (Rows{{1, 0.5}, {2, 0.5}}));
  EXPECT_EQ(values("zero_gradient", s), (Rows{{1, 0.75}, {2, 0.5}, {3, 0}}));
  EXPECT_EQ(values("dead", s), (Rows{{1, 0}, {2, 0.5}}));
  EXPECT_EQ(values("silent", s), (Rows{{1, 0.5}, {2, 0.5}}));
}

TEST(Probes, SaturatedUnits) {
  auto s = by_hand();
  EXPECT_EQ(values("saturated", s), (Rows{{1, 0.5}, {2, 0.5}}));
  s.layers[0].h = two_by_two(0, -0.0, 5e-324, -1);
  EXPECT_EQ(values("saturated", s).at(1), 0.75) << "the edge belongs to it";
}

// Sigmoid's slope at 3 is 0.045 but the net says 0, as a slope from a rounded output may be.
TEST(Probes, LostToArithmetic) {
  const Activation sigmoid("sigmoid");
  auto s = by_hand();
  s.layers[0].activation = &sigmoid;
  EXPECT_EQ(values("lost_slope", s), (Rows{{1, 0.5}, {2, 0}}));
  s.layers[0].slope = two_by_two(1, 1, 1, 1);
  EXPECT_EQ(values("lost_slope", s), (Rows{{1, 0}, {2, 0}}));
  EXPECT_EQ(values("lost_gradient", s), (Rows{{1, 0.25}, {2, 0}}));
}

TEST(Probes, NanAndInfinity) {
  auto s = by_hand();
  s.layers[0].h.values[0] = std::nan("");
  s.layers[1].dw.values = {kInfinity, -kInfinity, 0, std::nan("")};
  EXPECT_EQ(values("nan_count", s), (Rows{{1, 1}, {2, 1}, {3, 0}}));
  EXPECT_EQ(values("inf_count", s), (Rows{{1, 0}, {2, 2}, {3, 0}}));
}

TEST(Probes, MovedAndLearned) {
  const auto s = by_hand();
  EXPECT_DOUBLE_EQ(values("moved", s).at(1), 1 / std::sqrt(18.0));
  EXPECT_EQ(values("moved", s).at(3), 0);
  EXPECT_EQ(values("learned", s, "learned_a"), (Rows{{2, 0.25}}));
}

TEST(Probes, EveryProbeSaysWhatItIs) {
  const auto probes = all();
  EXPECT_EQ(probes.size(), names().size());
  EXPECT_GE(probes.size(), 20u);
  for (const auto& probe : probes) {
    EXPECT_FALSE(probe.title.empty()) << probe.name;
    EXPECT_TRUE(probe.when && probe.measure) << probe.name;
  }
}

TEST(Probes, TheirPageNamesThemAll) {
  std::ifstream file(GRADKEEP_SOURCE_DIR "/docs/probes.md");
  std::map<std::string, std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) lines[line.substr(3, line.find('`', 3) - 3)] = line;
  EXPECT_EQ(lines.size(), all().size());
  for (const auto& probe : all()) {
    const auto& line = lines[probe.name];
    EXPECT_TRUE(line.starts_with("| `" + probe.name + "` | " + probe.title + " |")) << line;
    EXPECT_EQ(line.find("named only") != std::string::npos, probe.costly) << line;
  }
}

TEST(Probes, UnknownNameIsAnError) {
  const std::vector<std::string> wanted{"mean_slop"};
  try {
    measure(wanted, {0, 1}, by_hand());
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mean_slope"), std::string::npos) << error.what();
  }
}

TEST(Schedule, StartLogSpacedEnd) {
  EXPECT_EQ(sample_steps(1000, 5), (std::vector<int>{0, 6, 32, 178, 1000}));
  EXPECT_EQ(sample_steps(1, 5), (std::vector<int>{0, 1}));
  EXPECT_EQ(sample_steps(2, 4), (std::vector<int>{0, 1, 2}));
  EXPECT_TRUE(start_and_end({0, 9}) && start_and_end({9, 9}) && !start_and_end({4, 9}));
  EXPECT_TRUE(at_end({9, 9}) && !at_end({0, 9}));
}

TEST(Reduce, MajoritySign) {
  EXPECT_EQ(majority_sign(std::vector<double>{1, -2, -3, 0}), 2.0 / 3);
  EXPECT_EQ(majority_sign(std::vector<double>{0, -0.0}), std::nullopt);
}

TEST(Reduce, NormsOfTinyNumbers) {
  const std::vector<double> tiny{3e-300, 4e-300};
  EXPECT_DOUBLE_EQ(norm(tiny), 5e-300);
  EXPECT_DOUBLE_EQ(norm(std::vector<double>(4, 5e-324)), 1e-323);
  EXPECT_DOUBLE_EQ(norm(std::vector<double>{3e200, 4e200}), 5e200);
  EXPECT_EQ(norm(std::vector<double>{kInfinity, 1}), kInfinity);
  EXPECT_DOUBLE_EQ(norm(std::vector<double>{1, 2, 2, 4, 12, 0, 0, 0, 0}), 13);
  const std::vector<double> broken{1, std::nan("")};
  EXPECT_TRUE(std::isnan(norm(broken)));
}

TEST(Reduce, DeviationsOfTinyAndHugeNumbers) {
  for (const double scale : {1e-162, 1e-200, 1e-310, 1e200, 1e307}) {
    Table four{1, 4, {1 * scale, 1 * scale, 3 * scale, 3 * scale}};
    EXPECT_NEAR(deviation(four.values) / scale, 1, 1e-10);
    Summary summary;
    for (const double v : four.values) {
      summary.sum += v;
      summary.squares += v * v;
    }
    four.summary = summary;
    EXPECT_NEAR(deviation(four) / scale, 1, 1e-10);
  }
  // The squares of these are 0, that of their sum is not.
  Table many{1000, 1, std::vector<double>(1000, 1e-162)};
  many.summary = {1e-159, 0, 0};
  EXPECT_NEAR(deviation(many), 0, 1e-170);
  EXPECT_EQ(deviation(std::vector<double>(3, 0.0)), 0);
  EXPECT_TRUE(std::isnan(deviation(std::vector<double>{1, kInfinity})));
}

bool contains(const Saturation& s, double h) { return h < s.below() || h > s.above(); }

// sigmoid' = 0.0025 where s(1-s) = 0.0025: x = +-ln(s/(1-s)), s = (1 + sqrt(0.99)) / 2.
TEST(Saturation, Edges) {
  const auto sigmoid = saturation(Activation("sigmoid"));
  const double s = (1 + std::sqrt(0.99)) / 2;
  EXPECT_NEAR(sigmoid.right, std::log(s / (1 - s)), 1e-9);
  EXPECT_NEAR(sigmoid.left, -sigmoid.right, 1e-9);
  EXPECT_TRUE(contains(sigmoid, 7) && contains(sigmoid, -7) && !contains(sigmoid, 0));

  const auto relu = saturation(Activation("relu"));
  EXPECT_TRUE(contains(relu, 0) && contains(relu, -1e-9) && !contains(relu, 1e-9));
  EXPECT_FALSE(contains(relu, 1e9));

  const auto leaky = saturation(Activation("leaky_relu"));
  EXPECT_FALSE(contains(leaky, -1e9) || contains(leaky, 1e9));
  EXPECT_FALSE(contains(saturation(Activation("identity")), 5));

  const auto elu = saturation(Activation("elu"));
  EXPECT_NEAR(elu.left, std::log(0.01), 1e-9);
  EXPECT_FALSE(contains(elu, std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace gradkeep::probe
