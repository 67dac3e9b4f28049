// The scores on held-out examples against numbers from paper, for each way in which outputs are
// read as probabilities.
// SPDX-License-Identifier: Apache-2.0
#include "probe/scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "measured.h"
#include "nn/initialise.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

Snapshot held(nn::Loss loss, int classes, Table outputs, std::vector<int> label) {
  Snapshot s;
  s.compute_held = [=] { return Held{loss, classes, outputs, label}; };
  return s;
}
double score(const std::string& probe, const Snapshot& s, const std::string& row = "") {
  return measured(probe, s, row).at(0);
}

// A network that says 0.8, 0.6, 0.3 (right, wrong, right).
const std::vector<double> kP{0.8, 0.6, 0.3};
const std::vector<int> kLabel{1, 0, 0};
const double kLogLoss = -(std::log(0.8) + std::log(0.4) + std::log(0.7)) / 3;
const double kBrier = (0.04 + 0.36 + 0.09) / 3;

TEST(Scores, OneOutputWithoutLogits) {
  const auto s = held(nn::Loss::squared, 2, table(3, 1, kP), kLabel);
  EXPECT_DOUBLE_EQ(score("log_loss", s), kLogLoss);
  EXPECT_DOUBLE_EQ(score("log_loss_clipped", s), kLogLoss);
  EXPECT_DOUBLE_EQ(score("brier", s), kBrier);
  EXPECT_EQ(measured("output_sum", s), Rows{});
}

TEST(Scores, TheSameFromLogits) {
  std::vector<double> one, two;
  for (const double p : kP) {
    one.push_back(std::log(p / (1 - p)));
    two.push_back(std::log(1 - p) + 5);
    two.push_back(std::log(p) + 5);
  }
  for (const auto& s : {held(nn::Loss::binary, 2, table(3, 1, one), kLabel),
                        held(nn::Loss::softmax, 2, table(3, 2, two), kLabel)}) {
    EXPECT_NEAR(score("log_loss", s), kLogLoss, 1e-15);
    EXPECT_NEAR(score("log_loss_clipped", s), kLogLoss, 1e-15);
    EXPECT_NEAR(score("brier", s), kBrier, 1e-15);
    EXPECT_EQ(score("outside", s), 0);
    EXPECT_EQ(score("outside", s, "outside_count"), 0);
    EXPECT_EQ(measured("outside", s, "outside_size"), Rows{});
  }
}

// A logit of 800 costs 800 when wrong, though no double holds its probability.
TEST(Scores, ConfidentAndWrong) {
  const auto one = held(nn::Loss::binary, 2, table(1, 1, {800}), {0});
  EXPECT_DOUBLE_EQ(score("log_loss", one), 800);
  EXPECT_NEAR(score("log_loss_clipped", one), -std::log(1e-7), 1e-8);
  EXPECT_DOUBLE_EQ(score("brier", one), 1);
  const auto three = held(nn::Loss::softmax, 3, table(1, 3, {800, 0, 0}), {1});
  EXPECT_DOUBLE_EQ(score("log_loss", three), 800);
  EXPECT_DOUBLE_EQ(score("brier", three), 2);
}

// Sigmoids 0.5, 0.25, 0.75 sum to 1.5; the right class has a sixth of it.
TEST(Scores, SigmoidsSideBySide) {
  const auto s =
      held(nn::Loss::binary, 3, table(2, 3, {0, -std::log(3), std::log(3), 0, 0, 0}), {1, 2});
  EXPECT_NEAR(score("log_loss", s), (std::log(6) + std::log(3)) / 2, 1e-15);
  EXPECT_NEAR(score("log_loss_clipped", s), (std::log(6) + std::log(3)) / 2, 1e-15);
  EXPECT_NEAR(score("brier", s), ((0.25 + 0.5625 + 0.5625) + 0.75) / 2, 1e-15);
  EXPECT_NEAR(score("output_sum", s), 1.5, 1e-15);
  EXPECT_NEAR(score("output_sum", s, "output_sum_spread"), 0, 1e-15);
  const auto softmax = held(nn::Loss::softmax, 3, table(2, 3, {1, 2, 3, -9, 0, 4}), {1, 2});
  EXPECT_NEAR(score("output_sum", softmax), 1, 1e-15);
}

TEST(Scores, SumsDiffer) {
  const auto s = held(nn::Loss::squared, 3, table(2, 3, {0, 0.5, 0.5, 1, 1, 1}), {1, 2});
  EXPECT_DOUBLE_EQ(score("output_sum", s), 2);
  EXPECT_DOUBLE_EQ(score("output_sum", s, "output_sum_spread"), 1);
  EXPECT_DOUBLE_EQ(score("log_loss", s), (std::log(2) + std::log(3)) / 2);
}

// Two of five outputs lie outside, by 0.2 and 0.1; the ends are inside.
TEST(Scores, OutputsThatAreNoProbabilities) {
  const auto s = held(nn::Loss::squared, 2, table(5, 1, {1.2, -0.1, 0, 1, 0.5}), {1, 0, 0, 1, 1});
  EXPECT_DOUBLE_EQ(score("outside", s), 0.4);
  EXPECT_EQ(score("outside", s, "outside_count"), 2);
  EXPECT_DOUBLE_EQ(score("outside", s, "outside_size"), 0.15);
  EXPECT_EQ(score("log_loss", s), kInfinity) << "even where it errs on the right side";
  const double sure = -std::log(1 - 1e-7);
  EXPECT_NEAR(score("log_loss_clipped", s), (4 * sure - std::log(0.5)) / 5, 1e-15);
  EXPECT_DOUBLE_EQ(score("brier", s), (0.04 + 0.01 + 0.25) / 5);

  const auto beyond = held(nn::Loss::squared, 2, table(1, 1, {1.2}), {1});
  EXPECT_EQ(score("log_loss", beyond), kInfinity);
  const auto wrong = held(nn::Loss::squared, 2, table(1, 1, {0}), {1});
  EXPECT_EQ(score("log_loss", wrong), kInfinity);
  EXPECT_EQ(score("outside", wrong), 0);
  const auto three = held(nn::Loss::squared, 3, table(1, 3, {0.9, -0.1, 0.2}), {0});
  EXPECT_EQ(score("log_loss", three), kInfinity);
  EXPECT_NEAR(score("log_loss_clipped", three), -std::log(0.9 / (1.1 + 1e-7)), 1e-15);
}

// Edges: 0.2 = 3/15 and 0.4 = 6/15 belong to the bins that they close. Top label: confidences
// 0.8, 0.8, 0.6, 0.6, 0.9; bins (11/15, 12/15]: 0.8 wrong and right; (8/15, 9/15]: 0.6 right and
// wrong; 0.9 right. |1 - 1.6| + |1 - 1.2| + |1 - 0.9| = 0.9 over 5.
// Second class: 0.2 with labels 1 and 0, 0.4 with 0 and 1, 0.9 with 1:
// |1 - 0.4| + |1 - 0.8| + |1 - 0.9| = 0.9 over 5, and 0.25 more where 0.25 joins the next bin.
TEST(Scores, Calibration) {
  const std::vector<double> p{0.2, 0.2, 0.4, 0.4, 0.9};
  const std::vector<int> label{1, 0, 0, 1, 1};
  const auto s = held(nn::Loss::squared, 2, table(5, 1, p), label);
  EXPECT_NEAR(score("ece", s), 0.18, 1e-15);
  EXPECT_NEAR(score("ece_positive", s), 0.18, 1e-15);
  auto more = p;
  more.push_back(0.25);
  auto labels = label;
  labels.push_back(0);
  const auto t = held(nn::Loss::squared, 2, table(6, 1, more), labels);
  EXPECT_NEAR(score("ece_positive", t), (0.9 + 0.25) / 6, 1e-15) << "0.25 is not in the bin of 0.2";
}

// Pairs that share a bin of ten, but not one of fifteen; the last two bins are (13/15, 14/15] and
// what is above.
TEST(Scores, FifteenBins) {
  for (const double low : {0.62, 0.9}) {
    const double high = low + 0.06;
    const auto s = held(nn::Loss::squared, 2, table(2, 1, {low, high}), {1, 0});
    EXPECT_NEAR(score("ece_positive", s), (1 - low + high) / 2, 1e-15) << low;
  }
}

// 0.7 on the label 1 and 0.3 on the label 1: folded, the errors -0.3 and +0.7 are of one bin.
TEST(Scores, TwoCalibrationErrors) {
  const auto s = held(nn::Loss::squared, 2, table(2, 1, {0.7, 0.3}), {1, 1});
  EXPECT_NEAR(score("ece", s), (1.4 - 1) / 2, 1e-15);
  EXPECT_NEAR(score("ece_positive", s), (0.3 + 0.7) / 2, 1e-15);
}

TEST(Scores, CalibrationOfManyClasses) {
  const auto s = held(nn::Loss::squared, 3,
                      table(3, 3, {0.5, 0.3, 0.2, 0.1, 0.5, 0.4, 1.5, 0.1, -0.2}), {0, 2, 0});
  EXPECT_NEAR(score("ece", s), (std::abs(1 - 1.0) + std::abs(1 - 1.5)) / 3, 1e-15);
  EXPECT_EQ(measured("ece_positive", s), Rows{});
}

TEST(Scores, NothingWhereTheyDoNotApply) {
  for (const char* probe :
       {"log_loss", "log_loss_clipped", "brier", "ece", "ece_positive", "outside", "output_sum"}) {
    EXPECT_EQ(measured(probe, Snapshot()), Rows{}) << probe << ": nothing is held out";
    EXPECT_EQ(measured(probe, held(nn::Loss::squared, 0, table(1, 1, {0.5}), {})), Rows{})
        << probe << ": a regression";
    EXPECT_EQ(measured(probe, held(nn::Loss::softmax, 2, table(1, 2, {0, kInfinity}), {1})), Rows{})
        << probe << ": a run that diverged";
    const std::vector<std::string> wanted{probe};
    EXPECT_TRUE(measure(wanted, {0, 100}, held(nn::Loss::binary, 2, table(1, 1, {0}), {0})).empty())
        << probe << " only looks at the end";
  }
}

// Through an observer: five examples in passes of the evaluator, against the engine's own loss.
TEST(Scores, HeldOutOfTraining) {
  const auto train = data::xor_clouds(50, 0.3, 1), test = data::xor_clouds(301, 0.3, 2);
  nn::Network<float> net(nn::plain_network(2, 1, 8, 2, Activation("tanh")), 50);
  nn::initialise(net, nn::parse_initialiser("plain"), 1);
  Observer<float> observer(net, train, nn::Loss::softmax);
  EXPECT_EQ(measured("log_loss", observer.look(net)), Rows{});
  observer.hold_out(test);
  const double before = score("log_loss", observer.look(net));
  nn::Evaluator<float> evaluator(net.spec(), test, nn::Loss::softmax);
  EXPECT_NEAR(before, evaluator(net).loss, 1e-6);
  for (float& w : net.parameters()) w *= 2;
  net.parameters_changed();
  EXPECT_NEAR(score("log_loss", observer.look(net)), evaluator(net).loss, 1e-6);
  EXPECT_GT(std::abs(before - evaluator(net).loss), 1e-4);
}

}  // namespace
}  // namespace gradkeep::probe
