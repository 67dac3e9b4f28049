// SPDX-License-Identifier: Apache-2.0
#include "check/proof.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "check/wide_vectors.h"

namespace gradkeep::check {

namespace {

constexpr std::uint32_t kPiece = 4096;  // computed at a time: input, output and flags stay in cache
constexpr std::uint32_t kBinade = 1u << 23, kSignBit = 1u << 31;
// Blocks are halved until the error is this small beside a unit of the result, or they are this small.
constexpr double kNarrow = 0x1p-10;
constexpr std::uint32_t kLeast = 64;
// Blocks of more inputs are not halved where no polynomial fits so many of their least parts.
constexpr std::uint32_t kLarge = 1u << 16;
constexpr int kProbes = 5;
// Terms of finer balls are asked for where more than so much of the error is not the last term's.
constexpr double kTooBad = 4;
// What is no larger rounds to zero.
constexpr double kHalfOfLeast = 0x1p-150;

float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float v) { return std::bit_cast<std::uint32_t>(v); }

// FNV-1a over 64-bit words, in four lanes for the processor's sake. Each step is one to one, so two
// outputs that differ in one word never share a digest.
class Digest {
 public:
  void add(const float* out, std::size_t n) {  // n a multiple of 8
    for (std::size_t i = 0; i < n; i += 8) {
      for (std::size_t lane = 0; lane < 4; ++lane) {
        const std::uint64_t low = comparable_bits(out[i + 2 * lane]);
        const std::uint64_t high = comparable_bits(out[i + 2 * lane + 1]);
        lanes_[lane] = (lanes_[lane] ^ (low | high << 32)) * kPrime;
      }
    }
  }
  std::uint64_t result() const {
    std::uint64_t all = 0;
    for (const std::uint64_t lane : lanes_) {
      all = (all ^ lane) * kPrime;
      all ^= all >> 32;
    }
    return all;
  }

 private:
  static constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15;
  std::array<std::uint64_t, 4> lanes_{1, 2, 3, 4};
};

// What is known of the truth over a block of consecutive inputs.
struct Block {
  std::uint32_t first = 0, count = 0;
  enum { unknown, constant, polynomial } kind = unknown;
  // constant: the value, and bits that may differ, such as the sign of a 0 or what a NaN carries
  float value = 0;
  std::uint32_t ignored = 0;
  // polynomial: |f(x) - sum term[k] (x - centre)^k| <= error, roundings of the sum included
  double centre = 0, error = 0;
  std::array<double, kTerms> term{};
};

double size_of(const DoubleBall& b) { return std::max(std::abs(b.low()), std::abs(b.high())); }

// Divides the inputs into blocks and finds the truth over each.
class Blocks {
 public:
  Blocks(const Truth& truth, int order) : truth_(truth), order_(order) {}

  // Consecutive inputs of one sign and one binade, 0 not among them.
  void add(std::uint32_t first, std::uint32_t count) {
    Block block{.first = first, .count = count};
    const bool known = describe(block);
    if (known || count <= kLeast || (count > kLarge && hopeless(first, count))) {
      all_.push_back(block);
    } else {
      add(first, count / 2);
      add(first + count / 2, count - count / 2);
    }
  }
  const std::vector<Block>& all() const { return all_; }

 private:
  using Terms = std::array<DoubleBall, kTerms>;

  // Terms of the series of f', (k + 1) f_(k+1), from those of f; or those of f.
  Terms of_order(const Terms& f) const {
    if (order_ == 0) return f;
    Terms slope;
    for (int k = 0; k + 1 < kTerms; ++k) slope[k] = f[k + 1] * DoubleBall(k + 1.0);
    return slope;
  }

  // Far out on a wave neighbours lie whole turns apart. To find that out part by part would take as long
  // as to ask for each input.
  bool hopeless(std::uint32_t first, std::uint32_t count) const {
    for (std::uint32_t k = 1; k <= kProbes; ++k) {
      Block probe{.first = first + count / (kProbes + 1) * k, .count = kLeast};
      if (describe(probe)) return false;
    }
    return true;
  }

  // Whether the block need not be halved.
  bool describe(Block& block) const {
    const double one = float_of(block.first), other = float_of(block.first + block.count - 1);
    const double centre = float_of(block.first + block.count / 2);
    const int n = kTerms - order_;
    const Interval& domain = truth_.domain();
    if (std::max(one, other) < domain.low || std::min(one, other) > domain.high) {
      block.kind = Block::constant;
      block.value = std::numeric_limits<float>::quiet_NaN();
      block.ignored = kSignBit | 0x3fffff;
      return true;
    }
    try {
      const Terms over =
          of_order(truth_.expand(DoubleBall::between(std::min(one, other), std::max(one, other))));
      if (is_constant(over[0], block) || is_below_everything(size_of(over[0]), block)) return true;
      // Differences of floats of one binade are exact.
      const double reach = std::max(std::abs(one - centre), std::abs(other - centre));
      // The series may end with any term; the higher ones blow up where the function is a straight
      // line plus something that underflows.
      int last = 1;
      double least = kInfinity, power = 1;
      for (int k = 1; k < n; ++k) {
        power *= reach;
        const double spread = (over[k].high() - over[k].low()) / 2 * power;
        if (spread <= least) last = k, least = spread;
      }
      if (!(least <= kNarrow * ulp(size_of(over[0]), kBinary32))) return false;
      return fit(over[last], last, centre, reach, block);
    } catch (const Undecided&) {
      return false;
    }
  }

  bool is_constant(const DoubleBall& all, Block& block) const {
    const auto low = static_cast<float>(all.low_to_round());
    const auto high = static_cast<float>(all.high_to_round());
    const bool zero = all.low() == 0 && all.high() == 0;
    if (!zero && bits_of(low) != bits_of(high)) return false;
    block.kind = Block::constant;
    block.ignored = zero && order_ > 0 ? kSignBit : 0;
    block.value = zero ? 0 : low;
    return true;
  }

  // Far out a slope may be a difference of exponentials that double balls lose, so that only its size is
  // known: it rounds to zero. The zero's sign is then asked at both ends, and taken to be the same between.
  bool is_below_everything(double size, Block& block) const {
    if (!(size <= kHalfOfLeast)) return false;
    const auto at = [&](std::uint32_t bits) {
      return static_cast<float>(truth_.at(ask_order(order_), float_of(bits), kBinary32).rounded);
    };
    const float one = at(block.first), other = at(block.first + block.count - 1);
    if (one != 0 || bits_of(one) != bits_of(other)) return false;
    block.kind = Block::constant;
    block.value = one;
    return true;
  }

  // The polynomial of a block whose last term is enclosed by `over`; whether it is near enough.
  bool fit(const DoubleBall& over, int last, double centre, double reach, Block& block) const {
    if (settle(of_order(truth_.expand(centre)), over, last, centre, reach, block)) return true;
    // Next to a zero of higher order (x - tanh x) double balls know the terms too badly.
    const double spread = (over.high() - over.low()) / 2 * std::pow(reach, last);
    return block.error > kTooBad * spread &&
           settle(of_order(truth_.expand_finely(centre)), over, last, centre, reach, block);
  }

  bool settle(Terms terms, const DoubleBall& over, int last, double centre, double reach,
              Block& block) const {
    terms[last] = over;
    double power = 1, radii = 0, sizes = 0, rest = 0, largest = 0;
    for (int k = 0; k <= last; ++k) {
      const double low = terms[k].low(), high = terms[k].high();
      const double middle = low + (high - low) / 2;
      block.term[k] = middle;
      largest = std::max(largest, size_of(terms[k]));
      radii += std::max(high - middle, middle - low) * power;
      sizes += std::abs(middle) * power;
      if (k > 0) rest += std::abs(middle) * power;
      power *= reach;
    }
    // Horner's rule with n terms errs by at most 2n units of 2^-53 of `sizes`; the rounding that
    // follows, of y - error, takes another two. 2^-300 covers products that underflow, and the last factor the
    // roundings of these sums.
    block.error = (radii + (2 * kTerms + 4) * 0x1p-53 * sizes + 0x1p-300) * (1 + 0x1p-20);
    // Beyond that the sum could overflow, and a NaN agrees with a NaN.
    constexpr double kSafe = 0x1p1000;
    if (!(sizes <= kSafe && largest <= kSafe && block.error <= kSafe)) return false;
    if (is_below_everything(sizes + block.error, block)) return true;
    block.centre = centre;
    block.kind = Block::polynomial;
    const double least = std::max(0.0, std::abs(block.term[0]) - rest);
    return block.error <= kNarrow * ulp(least, kBinary32);
  }

  const Truth& truth_;
  int order_;
  std::vector<Block> all_;
};

// Sets flags where a result is not the rounding of both ends of what the polynomial allows; whether
// there is any.
GRADKEEP_WIDE_VECTORS
bool flag_doubtful(const float* x, const float* got, std::size_t n, const Block& b,
                   std::uint32_t* flags) {
  const double c0 = b.term[0], c1 = b.term[1], c2 = b.term[2], c3 = b.term[3], c4 = b.term[4],
               c5 = b.term[5];
  const double centre = b.centre, error = b.error;
  static_assert(kTerms == 6);
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double h = static_cast<double>(x[i]) - centre;
    const double y = ((((c5 * h + c4) * h + c3) * h + c2) * h + c1) * h + c0;
    const auto low = static_cast<float>(y - error), high = static_cast<float>(y + error);
    const std::uint32_t have = std::bit_cast<std::uint32_t>(got[i]);
    const std::uint32_t wrong =
        (std::bit_cast<std::uint32_t>(low) ^ have) | (std::bit_cast<std::uint32_t>(high) ^ have);
    flags[i] = wrong;
    any |= wrong;
  }
  return any != 0;
}

GRADKEEP_WIDE_VECTORS
bool flag_different(const float* got, std::size_t n, float value, std::uint32_t ignored,
                    std::uint32_t* flags) {
  const std::uint32_t want = std::bit_cast<std::uint32_t>(value);
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t wrong = (std::bit_cast<std::uint32_t>(got[i]) ^ want) & ~ignored;
    flags[i] = wrong;
    any |= wrong;
  }
  return any != 0;
}

// Next to 0, where f(x) = c x + d x^k with c x a float or halfway between two (silu: x/2), all that matters
// is the sign of d x^k. A formula with a branch at 0 has a series on the side that 0 belongs to.
struct NearZero {
  static constexpr double kReach = 0x1p-100;
  double slope = 0;
  int bend = 0;  // 0: not known

  NearZero(const Truth& truth, int order, bool negative) {
    if (order != 0) return;
    try {
      const auto over =
          truth.expand(negative ? DoubleBall::between(-kReach, 0) : DoubleBall::between(0, kReach));
      const auto at = truth.expand(0.0);  // of the same branch, since `over` has one
      int k = 2;
      while (k + 1 < kTerms && at[k].is(0)) ++k;
      slope = at[1].low();
      const bool straight = at[0].is(0) && at[1].exact() && slope != 0;
      if (!straight || !(size_of(over[k]) * kReach <= std::abs(slope) * 0x1p-60)) return;
      bend = over[k].low() > 0 ? 1 : over[k].high() < 0 ? -1 : 0;
      if (negative && k % 2 == 1) bend = -bend;
    } catch (const Undecided&) {
    }
  }

  std::optional<float> operator()(float x) const {
    if (bend == 0 || x == 0 || std::abs(x) > kReach) return {};
    const double y = slope * x;
    if (std::abs(y) < 0x1p-900 || std::fma(slope, static_cast<double>(x), -y) != 0) return {};
    // No boundary between roundings lies between y and the next double.
    return static_cast<float>(std::nextafter(y, bend * kInfinity));
  }
};

class Range {
 public:
  Range(const Truth& truth, int order, bool negative)
      : truth_(truth), ask_(ask_order(order)), near_zero_(truth, order, negative) {}

  void compare(float x, float got) {
    ++proof.singles;
    bool right;
    if (const auto want = near_zero_(x)) {
      right = bits_of(*want) == bits_of(got);
    } else {
      Work work;
      right = rounded_correctly(truth_.at(ask_, x, kBinary32, &work), got);
      proof.escalations += work.escalations;
    }
    if (right) return;
    ++proof.misrounded;
    if (proof.wrong.size() < kMostWrong) proof.wrong.push_back(x);
  }

  void compare(const Block& block, const float* x, const float* got, std::size_t n) {
    if (block.kind == Block::unknown) return compare_rows(x, got, n);
    const bool any = block.kind == Block::constant
                         ? flag_different(got, n, block.value, block.ignored, flags_.data())
                         : flag_doubtful(x, got, n, block, flags_.data());
    if (!any) return;
    for (std::size_t i = 0; i < n; ++i) {
      if (flags_[i] != 0) compare(x[i], got[i]);
    }
  }

  RangeProof proof;

 private:
  // Eight at a time, and one by one where that decides nothing.
  void compare_rows(const float* x, const float* got, std::size_t n) {
    std::size_t i = 0;
    for (; i + RowBall::kLanes <= n; i += RowBall::kLanes) {
      if (truth_.surely_round_to(ask_, x + i, got + i)) {
        proof.singles += RowBall::kLanes;
      } else {
        for (std::size_t k = 0; k < RowBall::kLanes; ++k) compare(x[i + k], got[i + k]);
      }
    }
    for (; i < n; ++i) compare(x[i], got[i]);
  }

  const Truth& truth_;
  Ask ask_;
  NearZero near_zero_;
  std::array<std::uint32_t, kPiece> flags_{};
};

// Calls use(first, x, out) for one piece of a range after the other while it returns true.
template <class Use>
void for_pieces(const Activation& f, int order, int range, FloatFunction compute, Use use) {
  std::vector<float> x(kPiece), out(kPiece);
  const std::uint32_t start = static_cast<std::uint32_t>(range) << 24;
  for (std::uint32_t done = 0; done < kRangeSize; done += kPiece) {
    for (std::uint32_t i = 0; i < kPiece; ++i) x[i] = float_of(start + done + i);
    compute(f, order, x, out);
    if (!use(start + done, x.data(), out.data())) return;
  }
}

}  // namespace

void exact_tier(const Activation& f, int order, std::span<const float> x, std::span<float> out) {
  f.evaluate<float>(order, x, out, Tier::exact);
}

RangeProof prove_range(const Activation& f, const Truth& truth, int order, int range,
                       const std::atomic<bool>& stop, FloatFunction compute) {
  Range check(truth, order, (range & 0x80) != 0);
  Blocks blocks(truth, order);
  const std::uint32_t start = static_cast<std::uint32_t>(range) << 24;
  // The first input of all is +-0; above the last binade there are only infinity and NaN.
  const bool low = (range & 0x7f) == 0, top = (range & 0x7f) == 0x7f;
  blocks.add(start + low, kBinade - low);
  if (!top) blocks.add(start + kBinade, kBinade);
  auto block = blocks.all().begin();

  Digest digest;
  for_pieces(f, order, range, compute, [&](std::uint32_t first, const float* x, const float* out) {
    digest.add(out, kPiece);
    std::uint32_t i = 0;
    while (i < kPiece) {
      if (block == blocks.all().end() || first + i < block->first) {
        // A NaN's payload is not promised.
        if (!(std::isnan(x[i]) && std::isnan(out[i]))) check.compare(x[i], out[i]);
        ++i;
        continue;
      }
      const std::uint32_t left = block->first + block->count - (first + i);
      const std::uint32_t n = std::min(left, kPiece - i);
      check.compare(*block, x + i, out + i, n);
      if (n == left) ++block;
      i += n;
    }
    check.proof.inputs += kPiece;
    return !stop;
  });
  check.proof.digest = digest.result();
  return check.proof;
}

std::uint64_t digest_range(const Activation& f, int order, int range, FloatFunction compute) {
  Digest digest;
  for_pieces(f, order, range, compute, [&](std::uint32_t, const float*, const float* out) {
    digest.add(out, kPiece);
    return true;
  });
  return digest.result();
}

}  // namespace gradkeep::check
