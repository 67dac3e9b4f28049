// The elementwise calls over strided arrays: the same bits as over spans, and views that must be refused.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>
#include <gradkeep/rows.h>
#include <gradkeep/strided.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gradkeep {
namespace {

std::vector<float> ramp(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 0.01f * static_cast<float>(i % 1200) - 6.0f;
  return x;
}

std::string complaint_of(Strided<float> x, Strided<float> y) {
  const Activation f("tanh");
  try {
    evaluate<float>(f, 0, x, y);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Strided, EveryLayoutGivesTheBitsOfAPlainArray) {
  const Activation f("gelu");
  const std::vector<float> x = ramp(5 * 7 * 300);
  std::vector<float> y(x.size()), slope(x.size()), dx(x.size());
  f.value<float>(x, y);
  f.slope<float>(x, slope);
  f.backward<float>(x, x, dx);
  struct Layout {
    std::array<std::ptrdiff_t, 3> strides;
    std::ptrdiff_t start;
    std::size_t room;
  };
  const Layout layouts[] = {
      {{2100, 300, 1}, 0, 10500},         // in one piece
      {{1, 5, 35}, 0, 10500},             // Fortran's order
      {{-2100, -300, -1}, 10499, 10500},  // backwards
      {{4200, 600, 2}, 1, 21001},         // every other number
      {{2200, 310, 1}, 3, 11003},         // padded rows
      {{1, 1500, 5}, 0, 10500},
  };
  for (const Layout& from : layouts) {
    for (const Layout& to : layouts) {
      std::vector<float> in(from.room, 99), out(to.room, 99), second(to.room, 99);
      const auto at = [](const Layout& l, std::size_t i) {
        return l.start + static_cast<std::ptrdiff_t>(i / 2100) * l.strides[0] +
               static_cast<std::ptrdiff_t>(i / 300 % 7) * l.strides[1] +
               static_cast<std::ptrdiff_t>(i % 300) * l.strides[2];
      };
      for (std::size_t i = 0; i < x.size(); ++i) in[at(from, i)] = x[i];
      const std::array<std::size_t, 3> shape = {5, 7, 300};
      const Strided<const float> source(in.data() + from.start, shape, from.strides);
      const Strided<float> target(out.data() + to.start, shape, to.strides),
          other(second.data() + to.start, shape, to.strides);
      evaluate(f, 0, source, target);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < x.size(); ++i) wrong += out[at(to, i)] != y[i];
      std::size_t touched = 0;
      for (const float v : out) touched += v != 99;
      EXPECT_EQ(wrong, 0u);
      EXPECT_EQ(touched, x.size());
      value_and_slope(f, source, target, other);
      for (std::size_t i = 0; i < x.size(); ++i) {
        wrong += out[at(to, i)] != y[i] || second[at(to, i)] != slope[i];
      }
      backward(f, source, source, target);
      for (std::size_t i = 0; i < x.size(); ++i) wrong += out[at(to, i)] != dx[i];
      EXPECT_EQ(wrong, 0u);
    }
  }
}

TEST(Strided, InPlaceAndRepeatedInputsAreFine) {
  const Activation f("sigmoid"), prelu("prelu");
  std::vector<float> x = ramp(600), y(600);
  f.value<float>(x, y);
  const Strided<float> half(x.data(), {300}, {2});
  evaluate<float>(f, 0, half, half);
  for (std::size_t i = 0; i < 600; i += 2) ASSERT_EQ(x[i], y[i]);
  // Even to odd: no element in common.
  EXPECT_EQ(complaint_of(half, Strided<float>(x.data() + 1, {300}, {2})), "");
  const float one = 0.5f;
  std::vector<float> same(300);
  evaluate<float>(f, 1, Strided<const float>(&one, {300}, {0}), same);
  EXPECT_NEAR(same.front(), f(0.5, 1), 1e-7);
  EXPECT_EQ(same.back(), same.front());
  from_output<float>(f, 1, Strided<const float>(y.data(), {300}, {2}), half);
  EXPECT_EQ(x[0], y[0] * (1 - y[0]));
  // From y to where dy lies, every other element.
  std::vector<float> dy = ramp(600), dx(300);
  const std::vector<float> before = dy;
  std::vector<float> from(300), gradient(300);
  for (std::size_t i = 0; i < 300; ++i) {
    from[i] = y[2 * i];
    gradient[i] = dy[2 * i];
  }
  f.backward_from_output<float>(from, gradient, dx);
  const Strided<float> sparse(dy.data(), {300}, {2});
  backward_from_output<float>(f, Strided<const float>(y.data(), {300}, {2}), sparse, sparse);
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_EQ(dy[2 * i], dx[i]);
    ASSERT_EQ(dy[2 * i + 1], before[2 * i + 1]);
  }
  parameter_slope<float>(prelu, 0, Strided<const float>(&one, {3}, {0}),
                         Strided<float>(x.data(), {3}));
  EXPECT_EQ(x[2], 0);
  evaluate<float>(f, 0, Strided<float>(nullptr, {2, 0}), Strided<float>(nullptr, {2, 0}));
  evaluate<float>(f, 0, Strided<float>(nullptr, {0, 3}), Strided<float>(nullptr, {0, 3}));
  float scalar = 3;
  evaluate<float>(f, 0, Strided<float>(&scalar, {}), Strided<float>(&scalar, {}));
  EXPECT_LT(scalar, 1);
}

TEST(Strided, TheStridesOfAnEmptyArrayMayBeAnything) {
  // Their sizes and products overflow, which the sanitizers see.
  constexpr std::ptrdiff_t least = std::numeric_limits<std::ptrdiff_t>::min();
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const auto& shape : {std::array<std::size_t, 3>{0, 4, 5}, {4, 0, most}, {3, most, 0}}) {
    const Strided<float> x(nullptr, shape, std::array{least, least / 4, -(least / 2)});
    EXPECT_EQ(complaint_of(x, x), "");
    for (const int axis : {0, 1, 2}) {
      rowwise<float>(RowFunction::softmax, x, x, axis);
      rowwise_backward<float>(RowFunction::softmax, x, x, x, axis);
    }
  }
  const Strided<float> x(nullptr, {0, 2}, {least, least}), half(nullptr, {0, 1}, {least, least});
  gated<float>(gated_function("glu"), x, half);
  gated_backward<float>(gated_function("glu"), x, half, x);
}

TEST(Strided, WhatWouldGoWrongIsRefusedInWords) {
  std::vector<float> x(100);
  const Strided<float> all(x.data(), {50});
  EXPECT_NE(complaint_of(all, Strided<float>(x.data() + 1, {50})).find("shares memory"),
            std::string::npos);
  EXPECT_NE(complaint_of(all, Strided<float>(x.data(), {50}, {2})).find("shares memory"),
            std::string::npos);
  EXPECT_NE(complaint_of(Strided<float>(x.data() + 49, {50}, {-1}), all).find("shares memory"),
            std::string::npos);
  EXPECT_NE(complaint_of(all, Strided<float>(x.data() + 60, {50}, {0})).find("overlaps itself"),
            std::string::npos);
  EXPECT_NE(
      complaint_of(Strided<float>(x.data(), {5, 4}), Strided<float>(x.data() + 50, {5, 4}, {3, 1}))
          .find("overlaps itself"),
      std::string::npos);
  EXPECT_NE(complaint_of(all, Strided<float>(x.data() + 50, {49})).find("(49)"), std::string::npos);
  EXPECT_NE(complaint_of(all, Strided<float>(nullptr, {50})).find("null"), std::string::npos);
  auto* odd = reinterpret_cast<float*>(reinterpret_cast<char*>(x.data()) + 202);
  EXPECT_NE(complaint_of(Strided<float>(x.data(), {2}), Strided<float>(odd, {2})).find("aligned"),
            std::string::npos);
  constexpr std::size_t huge = std::size_t{1} << 62;
  EXPECT_NE(
      complaint_of(Strided<float>(x.data(), {huge, huge}), Strided<float>(x.data(), {huge, huge}))
          .find("no memory"),
      std::string::npos);
  constexpr std::ptrdiff_t least = std::numeric_limits<std::ptrdiff_t>::min();
  EXPECT_NE(complaint_of(Strided<float>(x.data(), {2}, {least}), Strided<float>(x.data(), {2}))
                .find("no memory"),
            std::string::npos);
  EXPECT_THROW(Strided<float>(x.data(), {1, 1, 1, 1, 1, 1, 1, 1, 1}), Error);
  EXPECT_THROW(Strided<float>(x.data(), {2, 2}, {1}), Error);
  EXPECT_THROW(value_and_slope<float>(Activation("tanh"), all, all, all), Error);
  EXPECT_THROW(from_output<float>(Activation("silu"), 1, all, all), Error);
  EXPECT_THROW(backward_from_output<float>(Activation("silu"), all, all, all), Error);
  EXPECT_THROW(evaluate<float>(Activation("silu"), 3, all, all), Error);
}

}  // namespace
}  // namespace gradkeep
