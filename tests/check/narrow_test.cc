// float16 and bfloat16: every one of their 65,536 numbers, in the exact tier, for every function and
// order, against truth.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "check/truth.h"

namespace gradkeep::check {
namespace {

template <class H>
std::vector<H> all_numbers() {
  std::vector<H> x(65536);
  for (std::uint32_t bits = 0; bits < x.size(); ++bits) {
    x[bits] = H::of_bits(static_cast<std::uint16_t>(bits));
  }
  return x;
}

// How many of the results are not the real value rounded; the first of them in `where`.
template <class H>
int misrounded(const Truth& truth, Ask ask, const Format& format, const std::vector<H>& x,
               const std::vector<H>& out, std::string& where) {
  int count = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Reference t = truth.at(ask, static_cast<double>(x[i]), format);
    if (rounded_correctly(t, static_cast<double>(out[i]))) continue;
    if (count++ == 0) {
      where = "at " + std::to_string(static_cast<double>(x[i])) + " (bits " +
              std::to_string(x[i].bits) + "): got " + std::to_string(out[i].bits) + ", want " +
              std::to_string(t.rounded);
    }
  }
  return count;
}

template <class H>
void expect_rounded(const Format& format) {
  const std::vector<H> x = all_numbers<H>();
  std::vector<H> out(x.size());
  for (const std::string& name : names()) {
    const Activation f(name);
    const Truth truth(f);
    for (int order = 0; order < 3; ++order) {
      f.evaluate<H>(order, x, out, Tier::exact);
      std::string where;
      EXPECT_EQ(misrounded<H>(truth, ask_order(order), format, x, out, where), 0)
          << name << " " << to_string(ask_order(order)) << " " << where;
      if (order > 0) continue;
      out[0x3c12].bits ^= 1;  // the count is no constant 0
      EXPECT_EQ(misrounded<H>(truth, Ask::value, format, x, out, where), 1);
    }
  }
}

TEST(Narrow, EveryFloat16IsRoundedCorrectly) { expect_rounded<Float16>(kBinary16); }
TEST(Narrow, EveryBFloat16IsRoundedCorrectly) { expect_rounded<BFloat16>(kBfloat16); }

}  // namespace
}  // namespace gradkeep::check
