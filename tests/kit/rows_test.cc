// Functions of rows: what is asked, and that each way of being wrong is found. Right answers come from gradkeep
// itself, and are spoilt in one way at a time.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kit/conformance.h"
#include "kit/message.h"
#include "kit/row_inputs.h"

namespace gradkeep::kit {
namespace {

// Changes the answer to a matrix of rows along its last axis.
using Spoil = std::function<void(const Matrix& in, Layout, std::vector<double>& out)>;

class Spoilt : public Target {
 public:
  explicit Spoilt(Spoil spoil) : spoil_(std::move(spoil)) {}
  std::string description() override { return "spoilt"; }
  bool has_layouts() const override { return true; }
  Answer ask(const Question&, std::span<const double>, Layout) override {
    return {.supported = false, .reason = "rows only", .out = {}};
  }
  Answer ask_rows(const Question& question, const Matrix& in, Layout layout) override {
    Answer answer = self_->ask_rows(question, in, layout);
    if (question.function.find("axis=1") != question.function.npos && !answer.out.empty()) {
      spoil_(in, layout, answer.out);
    }
    return answer;
  }

 private:
  std::unique_ptr<Target> self_ = self_target(Tier::fast);
  Spoil spoil_;
};

Report examined(const std::string& function, const Spoil& spoil,
                Quantity::Kind what = Quantity::value) {
  Spoilt target(spoil);
  Plan plan;
  plan.rows = {RowCall::of(function)};
  plan.only = {what};
  plan.numbers = {Number::f32};
  plan.budget = 0.01;
  return examine(target, plan);
}

bool has(const Report& report, Finding::Kind kind) { return report.rows.at(0).has(kind); }

TEST(Rows, ThePictureShowsHowFarBelowTheLargestItGoesWrong) {
  const Report report = examined("softmax", [](const Matrix& in, Layout, std::vector<double>& out) {
    for (std::size_t r = 0; r < in.shape[0]; ++r) {
      const auto row = in.values.begin() + static_cast<std::ptrdiff_t>(r * in.shape[1]);
      const double top = *std::max_element(row, row + static_cast<std::ptrdiff_t>(in.shape[1]));
      for (std::size_t i = 0; i < in.shape[1]; ++i) {
        if (top - row[static_cast<std::ptrdiff_t>(i)] > 60) out[r * in.shape[1] + i] *= 1 + 1e-5;
      }
    }
  });
  const Row& row = report.rows.at(0);
  EXPECT_EQ(row.low, 0);
  EXPECT_NEAR(row.high, 1.1 * 103.3, 1);
  long wrong = 0, right = 0;
  for (const Spot& spot : row.profile) {
    EXPECT_TRUE(spot.x >= row.low && spot.x <= row.high) << spot.x;
    EXPECT_TRUE(spot.ulp <= row.tolerance || spot.x > 60) << spot.x;
    (spot.ulp > 40 ? wrong : right) += spot.ulp > 0;
  }
  EXPECT_GT(wrong, 20);
  EXPECT_GT(right, 60);
  EXPECT_NE(as_html(report).find("by distance from the largest element"), std::string::npos);
}

TEST(Rows, ThePictureOfAGatedFunctionRunsAlongItsGates) {
  const Report report = examined("glu(gate=first)", [](const Matrix& in, Layout, auto& out) {
    const std::size_t half = in.shape[1] / 2;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (in.values[i / half * in.shape[1] + i % half] > 5) out[i] *= 1 + 1e-5;
    }
  });
  const Row& row = report.rows.at(0);
  EXPECT_EQ(row.low, -row.high);
  long wrong = 0, below = 0;
  for (const Spot& spot : row.profile) {
    EXPECT_TRUE(spot.ulp <= row.tolerance || spot.x > 5) << spot.x;
    wrong += spot.ulp > row.tolerance;
    below += spot.x < 0;
  }
  EXPECT_GT(wrong, 20);
  EXPECT_GT(below, 20);
  EXPECT_NE(as_html(report).find("error in ULP by the gate"), std::string::npos);
}

TEST(Rows, AnExhaustiveVisitGoesThroughAllLengths) {
  std::vector<std::size_t> seen;
  bool last = false;  // of the lengths that are always visited
  Spoilt target([&](const Matrix& in, Layout, std::vector<double>&) {
    last = last || in.shape[1] == kRowLengths.back();
    if (!last || in.shape[1] == kRowLengths.back()) return;
    seen.push_back(in.shape[1]);
    if (seen.size() == 5) throw TargetFailure("enough");
  });
  Plan plan;
  plan.rows = {RowCall::of("hardmax")};
  plan.only = {Quantity::value};
  plan.numbers = {Number::f32};
  plan.exhaustive = true;
  examine(target, plan);
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2, 3, 4, 5}));
}

TEST(Rows, RightAnswersConform) {
  Plan plan;
  for (const char* name : {"log_softmax", "sparsemax", "glu(gate=first)"}) {
    plan.rows.push_back(RowCall::of(name));
  }
  plan.numbers = {Number::f32};
  plan.budget = 0.01;
  const Report report = examine(*self_target(Tier::fast), plan);
  EXPECT_TRUE(report.conforms()) << as_text(report);
  EXPECT_EQ(report.rows.size(), plan.rows.size() * 2);
  for (const Row& row : report.rows) EXPECT_GT(row.inputs, 10000) << row.question.function;
}

TEST(Rows, EachKindOfFindingIsMade) {
  const Spoil nothing = [](const Matrix&, Layout, std::vector<double>&) {};
  EXPECT_TRUE(examined("softmax", nothing).conforms());
  const auto each = [](const std::function<double(double)>& change) {
    return [change](const Matrix&, Layout, std::vector<double>& out) {
      std::transform(out.begin(), out.end(), out.begin(), change);
    };
  };
  EXPECT_TRUE(
      has(examined("softmax", each([](double y) { return y * (1 + 1e-6); })), Finding::inaccurate));
  EXPECT_TRUE(
      has(examined("softmax", each([](double y) { return y < 1e-30 ? 0 : y; })), Finding::lost));
  EXPECT_TRUE(has(examined("softmax", each([](double y) { return y == 1 ? std::nan("") : y; })),
                  Finding::nan));
  EXPECT_TRUE(has(examined("softmax", each([](double y) { return std::isnan(y) ? 0 : y; })),
                  Finding::number));
  EXPECT_TRUE(has(examined("log_softmax", each([](double y) { return std::max(y, -1e30); })),
                  Finding::infinite));
  const auto last_of = [](auto when) {
    return [when](const Matrix& in, Layout layout, std::vector<double>& out) {
      if (when(in, layout)) out[out.size() / 2] = 0.25;
    };
  };
  EXPECT_TRUE(has(examined("softmax", last_of([](const Matrix& in, Layout) {
                             return in.shape[0] == 1 && in.shape[1] > 3;
                           })),
                  Finding::lanes));
  EXPECT_TRUE(has(examined("softmax", last_of([](const Matrix&, Layout l) { return l.in_place; })),
                  Finding::in_place));
  EXPECT_TRUE(has(examined("softmax", last_of([](const Matrix& in, Layout layout) {
                             return in.shape[1] > 3 && layout.offset == 3;
                           })),
                  Finding::lanes));
  int calls = 0;
  EXPECT_TRUE(has(examined("softmax", last_of([&](const Matrix& in, Layout) {
                             return in.shape[0] > 8 && ++calls % 2 == 0;
                           })),
                  Finding::changes));
}

TEST(Rows, AReportNamesTheElementAndItsRow) {
  const Report report = examined("softmax", [](const Matrix& in, Layout, std::vector<double>& out) {
    if (in.shape[0] > 3 && in.shape[1] == 9) out[3 * 9 + 4] = 0.125;
  });
  const std::string text = as_text(report);
  EXPECT_NE(text.find("element 4 of a row of 9 (one of 20 among zeros, last), x 0 (0x00000000), "
                      "got 0.125, want 2.0611537e-09 ("),
            text.npos)
      << text;
  EXPECT_NE(text.find("rows sum to 1 within 0.1"), text.npos) << text;
}

TEST(Rows, AFailingRowIsVisitedAgain) {
  const Spoil spoil = [](const Matrix& in, Layout, std::vector<double>& out) {
    if (in.shape[1] == 9 || in.shape[1] == 18) std::fill(out.begin(), out.end(), 0);
  };
  for (const auto what : {Quantity::value, Quantity::backward}) {
    Plan plan;
    plan.replay = parse_replay(as_replay(examined("softmax", spoil, what)), "failures");
    Spoilt target(spoil);
    const Report again = examine(target, plan);
    EXPECT_EQ(static_cast<long>(again.rows.size()), again.failing());
    for (const Row& row : again.rows) EXPECT_EQ(row.inputs, 9);
  }
  EXPECT_THROW(parse_replay("slope softmax f32 0x3f800000\n", "f"), Error);
  EXPECT_THROW(parse_replay("backward softmax f32 0x3f800000\n", "f"), Error);
}

TEST(Rows, CallsAreReadAndKnowTheirShapes) {
  const RowCall glu = RowCall::of("glu(axis=0, gate=first)");
  EXPECT_EQ(glu.text(), "glu(gate=first)");
  EXPECT_EQ(glu.axis_text(), "glu(gate=first,axis=0)");
  EXPECT_EQ(glu.answer_shape(true, {6, 5}), (std::array<std::size_t, 2>{4, 5}));
  EXPECT_EQ(glu.answer_shape(false, {6, 5}), (std::array<std::size_t, 2>{3, 5}));
  EXPECT_THROW(glu.answer_shape(false, {5, 4}), Error);
  EXPECT_EQ(RowCall::of("softmax").axis_text(), "softmax(axis=1)");
  EXPECT_FALSE(RowCall::named("gelu"));
  for (const char* wrong :
       {"softmax(axis=2)", "softmax(gate=first)", "glu(gate=third)", "glu(axis=1"}) {
    EXPECT_THROW(RowCall::named(wrong), Error) << wrong;
  }
}

TEST(Rows, AMatrixIsCutAlongEitherAxis) {
  using Values = std::vector<double>;
  const Matrix m{{2, 3}, {1, 2, 3, 4, 5, 6}};
  const auto [x, dy] = RowCall::of("glu").split(true, m);
  EXPECT_EQ(x.shape, (std::array<std::size_t, 2>{2, 2}));
  EXPECT_EQ(x.values, (Values{1, 2, 4, 5}));
  EXPECT_EQ(dy.values, (Values{3, 6}));
  const auto down = RowCall::of("softmax(axis=0)").split(true, m);
  EXPECT_EQ(down[0].values, (Values{1, 2, 3}));
  EXPECT_EQ(down[1].values, (Values{4, 5, 6}));
  const auto whole = RowCall::of("softmax").split(false, m);
  EXPECT_EQ(whole[0].values, m.values);
  EXPECT_TRUE(whole[1].values.empty());
  EXPECT_EQ(transposed(m).values, (Values{1, 4, 2, 5, 3, 6}));
}

TEST(Rows, AMessageTellsBothAxes) {
  const Question question{"softmax(axis=0)", {Quantity::value}, Number::f32};
  const Matrix in{{2, 3}, {1, 2, 3, 4, 5, 6}};
  const std::string message = question_message(question, in, {});
  EXPECT_TRUE(message.starts_with("value softmax(axis=0)\n\x93NUMPY"));
  EXPECT_NE(message.find("(2, 3)"), message.npos);
  const std::string array = message.substr(message.find('\n') + 1);
  EXPECT_EQ(parse_array(array).shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(parse_answer(array, Number::f32, {2, 3}).out, in.values);
  try {
    parse_answer(array, Number::f32, {3, 2});
    FAIL();
  } catch (const TargetFailure& failure) {
    EXPECT_STREQ(failure.what(), "answered an array of shape (2, 3), expected (3, 2)");
  }
}

}  // namespace
}  // namespace gradkeep::kit
