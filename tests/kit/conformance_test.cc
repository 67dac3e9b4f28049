// Each kind of finding is found: right answers by gradkeep itself, spoilt in one way at a time.
// SPDX-License-Identifier: Apache-2.0
#include "kit/conformance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace gradkeep::kit {
namespace {

using Spoil = std::function<void(const Question&, std::span<const double> x, Layout, Answer&)>;

class Spoilt : public Target {
 public:
  explicit Spoilt(Spoil spoil) : spoil_(std::move(spoil)) {}
  std::string description() override { return "spoilt"; }
  bool has_layouts() const override { return true; }
  Answer ask(const Question& question, std::span<const double> x, Layout layout) override {
    Answer answer = self_->ask(question, x, layout);
    spoil_(question, x, layout, answer);
    return answer;
  }
  Answer ask_rows(const Question& question, const Matrix& in, Layout layout) override {
    return self_->ask_rows(question, in, layout);
  }

 private:
  std::unique_ptr<Target> self_ = self_target(Tier::exact);
  Spoil spoil_;
};

Report examine_float(const std::string& function, Quantity::Kind what, const Spoil& spoil) {
  Spoilt target(spoil);
  Plan plan;
  plan.functions = {Activation(function)};
  plan.only = {what};
  plan.numbers = {Number::f32};
  plan.budget = 0.01;
  return examine(target, plan);
}

// A change of every answer by itself.
Spoil each(const std::function<double(double x, double y)>& change) {
  return [change](const Question&, std::span<const double> x, Layout, Answer& answer) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      answer.out[i] = static_cast<float>(change(x[i], answer.out[i]));
    }
  };
}

bool has(const Report& report, Finding::Kind kind) { return report.rows.at(0).has(kind); }

TEST(Conformance, RightAnswersConform) {
  Plan plan;
  for (const char* function : {"gelu", "hard_tanh(min=-0.7,max=0.3)", "log1mexp"}) {
    plan.functions.emplace_back(function);
  }
  plan.budget = 0.01;
  const Report report = examine(*self_target(Tier::fast), plan);
  EXPECT_TRUE(report.conforms()) << as_text(report);
  EXPECT_GT(report.inputs(), 1500000);
}

TEST(Conformance, ErrorsBeyondTheTolerance) {
  const Report report = examine_float("gelu", Quantity::value, each([](double x, double y) {
                                        return std::abs(x) < 1e30 ? y * (1 + 1e-6) : y;
                                      }));
  EXPECT_TRUE(has(report, Finding::inaccurate));
  EXPECT_NEAR(report.rows[0].max_ulp, 17.3, 1);  // 1e-6 / 2^-24, at the top of a binade
}

TEST(Conformance, WhatAnOutputHasLostIsNoError) {
  for (const auto what : {Quantity::slope_from_output, Quantity::curvature_from_output}) {
    const auto examined = [&](double factor) {
      return examine_float("elu", what, each([=](double, double y) { return y * factor; }));
    };
    EXPECT_TRUE(examined(1).conforms());
    EXPECT_TRUE(has(examined(1 + 1e-6), Finding::inaccurate));
  }
}

TEST(Conformance, AnErrorWithinTheToleranceIsNoFinding) {
  const Spoil next = each([](double, double y) {
    return std::isfinite(y) && y != 0 ? std::nextafter(static_cast<float>(y), 100.0f) : y;
  });
  EXPECT_TRUE(examine_float("softplus", Quantity::value, next).conforms());
}

TEST(Conformance, WhatIsLostIsToldWithItsOnset) {
  const Report report = examine_float(
      "sigmoid", Quantity::slope, each([](double x, double y) { return x >= 16.65625 ? 0 : y; }));
  ASSERT_TRUE(has(report, Finding::lost));
  EXPECT_EQ(report.rows[0].findings[0].low, 16.65625);
}

TEST(Conformance, SubnormalNumbersThatCountAsZeroDoNotHideAnOnset) {
  const Report report = examine_float("silu", Quantity::value, each([](double x, double y) {
                                        return x < -87.5 || std::abs(x) < 1e-38 ? 0 : y;
                                      }));
  const auto& findings = report.rows[0].findings;
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.kind == Finding::lost && finding.example.x == std::nextafter(-87.5f, -88.0f);
  })) << as_text(report);
}

TEST(Conformance, AZeroWhereAddendsCancelIsOneWrongResultAmongOthers) {
  const Report report =
      examine_float("gelu", Quantity::slope,
                    each([](double x, double y) { return x > -0.752 && x < -0.7515 ? 0 : y; }));
  EXPECT_TRUE(has(report, Finding::inaccurate));
  EXPECT_FALSE(has(report, Finding::lost)) << as_text(report);
}

TEST(Conformance, WhatIsNotJudgedIsNotComparedEither) {
  Spoilt target([](const Question&, std::span<const double> x, Layout, Answer& answer) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i])) answer.out[i] = x.size() > 8 ? 0 : 1;
    }
  });
  Plan plan;
  plan.functions = {Activation("relu6")};
  plan.only = {Quantity::slope};
  plan.dialect = Dialect("torch");
  plan.budget = 0.01;
  const Report report = examine(target, plan);
  EXPECT_TRUE(report.conforms()) << as_text(report);
}

TEST(Conformance, NaNWhereThereIsALimit) {
  EXPECT_TRUE(has(examine_float("silu", Quantity::value, each([](double x, double y) {
                                  return x == -kInfinity ? std::nan("") : y;
                                })),
                  Finding::nan));
}

TEST(Conformance, ANumberForNaN) {
  EXPECT_TRUE(has(examine_float("relu", Quantity::value,
                                each([](double x, double y) { return std::isnan(x) ? 0 : y; })),
                  Finding::number));
}

TEST(Conformance, AWrongInfinity) {
  EXPECT_TRUE(has(examine_float("softplus", Quantity::value,
                                each([](double x, double y) { return x > 88.8 ? kInfinity : y; })),
                  Finding::infinite));
}

TEST(Conformance, TheSignOfZero) {
  EXPECT_TRUE(has(examine_float("tanh", Quantity::value,
                                each([](double, double y) { return y == 0 ? 0.0 : y; })),
                  Finding::sign_of_zero));
}

TEST(Conformance, AgainstTheDirection) {
  EXPECT_TRUE(has(examine_float("sigmoid", Quantity::value, each([](double x, double y) {
                                  return x > 1 && x < 1.01 ? 0.5 : y;
                                })),
                  Finding::not_monotone));
}

TEST(Conformance, LanesThatDiffer) {
  const Spoil last = [](const Question&, std::span<const double> x, Layout, Answer& answer) {
    if (x.size() % 8 == 5 && x.size() < 100) answer.out.back() *= 1 + 0x1p-23;
  };
  const Report report = examine_float("silu", Quantity::value, last);
  EXPECT_TRUE(has(report, Finding::lanes));
  EXPECT_NE(as_text(report).find("in an array of 5, at place 4"), std::string::npos)
      << as_text(report);
}

TEST(Conformance, PlacesThatDiffer) {
  EXPECT_TRUE(has(examine_float("silu", Quantity::value,
                                [](const Question&, auto, Layout layout, Answer& answer) {
                                  if (layout.offset == 3) answer.out[0] = 7;
                                }),
                  Finding::lanes));
}

TEST(Conformance, InPlace) {
  EXPECT_TRUE(has(examine_float("silu", Quantity::value,
                                [](const Question&, auto, Layout layout, Answer& answer) {
                                  if (layout.in_place) answer.out[0] = 7;
                                }),
                  Finding::in_place));
}

TEST(Conformance, AnswersThatChange) {
  int calls = 0;
  EXPECT_TRUE(has(examine_float("silu", Quantity::value,
                                [&](const Question&, auto, Layout, Answer& answer) {
                                  if (++calls % 2 == 0 && answer.out.size() > 5000)
                                    answer.out[40] = 7;
                                }),
                  Finding::changes));
}

TEST(Conformance, FailuresAreTheTargets) {
  const Report report =
      examine_float("silu", Quantity::value, [](const Question&, auto x, Layout, Answer&) {
        if (x.size() > 100) throw TargetFailure("was killed by signal 11 (Segmentation fault)");
      });
  EXPECT_TRUE(has(report, Finding::failure));
  EXPECT_NE(as_text(report).find("signal 11"), std::string::npos);
}

TEST(Conformance, WhatATargetLacksIsNoFinding) {
  Spoilt target([](const Question& question, auto, Layout, Answer& answer) {
    if (question.function == "silu") answer = {.supported = false, .reason = "no silu", .out = {}};
  });
  Plan plan;
  plan.functions = {Activation("silu"), Activation("relu")};
  plan.only = {Quantity::value};
  plan.numbers = {Number::f16};
  plan.budget = 0.01;
  const Report both = examine(target, plan);
  EXPECT_TRUE(both.conforms());
  EXPECT_EQ(both.shown().size(), 1u);
  // A target that has nothing of what was asked is not known to conform.
  plan.functions.pop_back();
  const Report none = examine(target, plan);
  EXPECT_FALSE(none.conforms());
  EXPECT_EQ(none.failing(), 0);
  EXPECT_NE(as_text(none).find("nothing to check: asked for \"value silu\", the target said: "
                               "unsupported no silu (0 of 1 rows"),
            std::string::npos);
}

}  // namespace
}  // namespace gradkeep::kit
