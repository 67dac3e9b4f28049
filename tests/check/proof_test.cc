// The sweep over all floats must agree with truth asked one by one, and must find what is wrong: a
// single bit, in any part of the range and whichever way its block was settled.
// SPDX-License-Identifier: Apache-2.0
#include "check/proof.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string_view>

namespace gradkeep::check {
namespace {

const std::atomic<bool> kGoOn = false;

int range_of(float x) { return static_cast<int>(std::bit_cast<std::uint32_t>(x) >> 24); }

// The input whose result is spoilt by spoilt(), in the last bit; inputs come consecutively.
float spoilt_at = 0;
std::uint32_t spoilt_bit = 1;

void spoilt(const Activation& f, int order, std::span<const float> x, std::span<float> out) {
  exact_tier(f, order, x, out);
  const std::uint32_t first = std::bit_cast<std::uint32_t>(x[0]);
  const std::uint32_t at = std::bit_cast<std::uint32_t>(spoilt_at) - first;
  if (at >= x.size()) return;
  out[at] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(out[at]) ^ spoilt_bit);
}

TEST(Proof, OneWrongBitIsFoundWhereverItIs) {
  struct Case {
    const char* name;
    int order;
    float x;
    std::uint32_t bit = 1;
  };
  const float tiny = 0x1.8p-148f, inf = HUGE_VALF;
  for (const auto& [name, order, x, bit] :
       {Case{"silu", 0, 1.5f}, Case{"silu", 0, tiny}, Case{"silu", 1, -1.25f},
        Case{"silu", 0, 0x1p100f}, Case{"mish", 1, 0x1p90f}, Case{"relu", 0, -3.0f},
        Case{"relu", 1, 0.0f}, Case{"relu", 0, -0.0f}, Case{"hard_tanh", 1, 1.0f},
        Case{"sigmoid", 0, inf}, Case{"gelu", 0, -inf}, Case{"silu", 1, -1e10f},
        Case{"silu", 1, -1e10f, 1u << 31}, Case{"sine", 1, 0x1.8p60f}, Case{"snake", 1, -0x1p100f},
        Case{"snake", 0, 0x1.23p20f}}) {
    const Activation f(name);
    const Truth truth(f);
    spoilt_at = x;
    spoilt_bit = bit;
    const RangeProof proof = prove_range(f, truth, order, range_of(x), kGoOn, spoilt);
    ASSERT_EQ(proof.misrounded, 1) << name << " at " << x;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(proof.wrong.at(0)), std::bit_cast<std::uint32_t>(x));
    EXPECT_EQ(proof.inputs, kRangeSize);
    const bool wave = std::string_view(name) == "sine" || std::string_view(name) == "snake";
    const bool tiny_value = order == 0 && std::abs(x) < 1e-40;
    EXPECT_LE(proof.singles, wave || tiny_value ? kRangeSize : kRangeSize / 100);
    EXPECT_LT(proof.escalations, kRangeSize / 1000);
  }
}

TEST(Proof, TheDigestNeedsNoTruth) {
  const Activation f("softsign");
  spoilt_at = 0.75f;
  for (const FloatFunction compute : {&exact_tier, &spoilt}) {
    EXPECT_EQ(prove_range(f, Truth(f), 1, range_of(0.75f), kGoOn, compute).digest,
              digest_range(f, 1, range_of(0.75f), compute));
  }
  EXPECT_NE(digest_range(f, 1, range_of(0.75f)), digest_range(f, 1, range_of(0.75f), spoilt));
}

// The nearest double rounded to float is not always the nearest float; the fast tier errs openly.
TEST(Proof, WhatIsNotRoundedCorrectlyIsCounted) {
  const Activation f("gelu");
  const Truth truth(f);
  const auto fast = [](const Activation& a, int order, std::span<const float> x,
                       std::span<float> out) { a.evaluate<float>(order, x, out); };
  long wrong = 0;
  const std::uint32_t start = std::bit_cast<std::uint32_t>(1.0f);
  for (std::uint32_t bits = start; bits < start + 20000; ++bits) {
    const float x = std::bit_cast<float>(bits);
    float y;
    f.value<float>(std::span(&x, 1), std::span(&y, 1));
    wrong += y != truth.rounded<float>(Ask::value, x);
  }
  const RangeProof proof = prove_range(f, truth, 0, range_of(1.0f), kGoOn, fast);
  const double expected = double(wrong) / 20000 * (1 << 23);
  EXPECT_GT(proof.misrounded, expected / 2);
  EXPECT_EQ(proof.wrong.size(), kMostWrong);
}

// A quarter of a subnormal number is often a tie, which tanh's bend breaks towards 0. On the other side of its
// branch penalized_tanh is tanh.
TEST(Proof, TiesNextToZeroAreBrokenOnTheSideOfABranchToo) {
  const Activation f("penalized_tanh");
  const Truth truth(f);
  const int range = range_of(-0x1p-140f);
  const auto towards_zero = [](const Activation&, int, std::span<const float> x,
                               std::span<float> out) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      out[i] = static_cast<float>(x[i] == 0 ? x[i] : std::nextafter(0.25 * x[i], 0));
    }
  };
  const auto to_even = [](const Activation&, int, std::span<const float> x, std::span<float> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = 0.25f * x[i];
  };
  const RangeProof right = prove_range(f, truth, 0, range, kGoOn, towards_zero);
  EXPECT_EQ(right.misrounded, 0);
  EXPECT_LT(right.escalations, 10);
  EXPECT_EQ(prove_range(f, truth, 0, range, kGoOn, to_even).misrounded, 1 << 21);
}

TEST(Proof, StopsWhenAsked) {
  const Activation f("relu");
  const std::atomic<bool> stop = true;
  EXPECT_LT(prove_range(f, Truth(f), 0, 0x3f, stop).inputs, kRangeSize);
}

// A Taylor term over an interval encloses that of every point in it.
TEST(Proof, TermsOverAnIntervalHoldThoseOfItsPoints) {
  for (const NamedUnit& named : truth_units()) {
    std::vector<double> p;
    for (const Parameter& parameter : named.unit->info().parameters) p.push_back(parameter.value);
    const Truth truth(named.name, p);
    for (const double low : {-9.25, -1.125, -0x1p-20, 0x1p-30, 0.3125, 2.5, 300.0}) {
      const double width = std::abs(low) / 64;
      const auto over = truth.expand(DoubleBall::between(low, low + width));
      for (const double x : {low, low + width / 2, low + width}) {
        const auto at = truth.expand(x);
        for (int k = 0; k < kTerms; ++k) {
          EXPECT_LE(over[k].low(), at[k].high()) << named.name << " term " << k << " at " << x;
          EXPECT_GE(over[k].high(), at[k].low()) << named.name << " term " << k << " at " << x;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep::check
