// Widening, narrowing and the rounding test over SIMD lanes, dispatched as the kernels are.
// SPDX-License-Identifier: Apache-2.0
#include "core/storage.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/storage.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace gradkeep::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using detail::Cancellations;
using detail::Decider;

// Runs step(index of a whole vector) and, for what is left, rest(index) number by number.
template <class Step, class Rest>
HWY_INLINE void for_lanes(size_t n, size_t lanes, const Step& step, const Rest& rest) {
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) step(i);
  for (; i < n; ++i) rest(i);
}

// From AVX2 on the processor converts float16 by itself; what NaN becomes is told below all the same.
#if HWY_TARGET <= HWY_AVX2
constexpr bool kConverts = true;
#else
constexpr bool kConverts = false;
#endif

using Floats = hn::ScalableTag<float>;
using Floats32 = hn::Vec<Floats>;
using Bits32 = hn::Vec<hn::RebindToUnsigned<Floats>>;

// The lanes below are Half's two conversions once more, on 32 bits (core/include/gradkeep/float16.h
// explains the constants): every 16-bit number is a float, and so is what rounds to one.
template <class Storage>
HWY_INLINE HWY_ATTR Floats32 load_wide(const Storage* x) {
  constexpr int kFraction = Storage::kFractionBits, kBias = Storage::kExponentBias;
  const Floats f;
  const hn::RebindToUnsigned<Floats> u;
  const hn::Rebind<uint16_t, Floats> stored;
  const auto* bits = reinterpret_cast<const uint16_t*>(x);
  if constexpr (kBias != 127 && kConverts) {
    const hn::Rebind<hwy::float16_t, Floats> half;
    return hn::PromoteTo(f, hn::BitCast(half, hn::LoadU(stored, bits)));
  }
  const auto all = hn::PromoteTo(u, hn::LoadU(stored, bits));
  if constexpr (kBias == 127) return hn::BitCast(f, hn::ShiftLeft<16>(all));
  const auto size = hn::And(all, hn::Set(u, 0x7fffu));
  const auto sign = hn::ShiftLeft<16>(hn::Xor(all, size));
  const auto wide = hn::ShiftLeft<23 - kFraction>(size);
  const auto scaled = hn::BitCast(
      u, hn::Mul(hn::BitCast(f, wide), hn::BitCast(f, hn::Set(u, (254u - kBias) << 23))));
  const auto special = hn::Or(wide, hn::Set(u, 0x7f800000u));
  const auto is_special = hn::Gt(size, hn::Set(u, Storage::kInfinityBits - 1u));
  return hn::BitCast(f, hn::Or(hn::IfThenElse(is_special, special, scaled), sign));
}

// A bfloat16 in the upper half of each lane. Adding a little less than half of its last place carries
// where rounding does, into infinity too; only a NaN must not be carried on.
HWY_INLINE HWY_ATTR Bits32 upper_half(Floats32 v) {
  const hn::RebindToUnsigned<Floats> u;
  const auto bits = hn::BitCast(u, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(u, 1u));
  return hn::Add(hn::Add(bits, hn::Set(u, 0x7fffu)), odd);
}
// Two vectors, for all NaN of which the loops below need one question.
struct Two {
  Floats32 first, second;

  // Every NaN becomes the one that Half makes, whatever a processor would do with its bits.
  HWY_INLINE HWY_ATTR void quiet() {
    const Floats f;
    if (HWY_LIKELY(hn::AllFalse(f, hn::Or(hn::IsNaN(first), hn::IsNaN(second))))) return;
    const auto nan = hn::BitCast(f, hn::Set(hn::RebindToUnsigned<Floats>(), 0x7fc00000u));
    first = hn::IfThenElse(hn::IsNaN(first), hn::CopySign(nan, first), first);
    second = hn::IfThenElse(hn::IsNaN(second), hn::CopySign(nan, second), second);
  }
};

// Of NaN only the one that Two makes.
template <class Storage>
HWY_INLINE HWY_ATTR void store_narrow(Floats32 v, Storage* out) {
  constexpr int kFraction = Storage::kFractionBits, kBias = Storage::kExponentBias;
  constexpr int kDrop = 23 - kFraction;
  const Floats f;
  const hn::RebindToUnsigned<Floats> u;
  const hn::RebindToSigned<Floats> s;
  const hn::Rebind<uint16_t, Floats> stored;
  auto* bits = reinterpret_cast<uint16_t*>(out);
  if constexpr (kBias == 127) {
    const auto rounded = hn::ShiftRight<16>(upper_half(v));
    hn::StoreU(hn::DemoteTo(stored, hn::BitCast(s, rounded)), stored, bits);
  } else if constexpr (kConverts) {
    const hn::Rebind<hwy::float16_t, Floats> half;
    hn::StoreU(hn::BitCast(stored, hn::DemoteTo(half, v)), stored, bits);
  } else {
    const auto all = hn::BitCast(u, v);
    const auto size = hn::And(all, hn::Set(u, 0x7fffffffu));
    const auto odd = hn::And(hn::ShiftRight<kDrop>(size), hn::Set(u, 1u));
    const auto normal =
        hn::ShiftRight<kDrop>(hn::Add(hn::Sub(size, hn::Set(u, (127u - kBias) << 23)),
                                      hn::Add(odd, hn::Set(u, (1u << (kDrop - 1)) - 1))));
    const auto rounder = hn::Set(u, (128u - kBias + kDrop) << 23);
    const auto small =
        hn::Sub(hn::BitCast(u, hn::Add(hn::BitCast(f, size), hn::BitCast(f, rounder))), rounder);
    auto rounded = hn::IfThenElse(hn::Lt(size, hn::Set(u, (128u - kBias) << 23)), small, normal);
    rounded = hn::IfThenElse(hn::Lt(size, hn::Set(u, (128u + kBias) << 23)), rounded,
                             hn::Set(u, uint32_t{Storage::kInfinityBits}));
    rounded = hn::IfThenElse(hn::Gt(size, hn::Set(u, 0x7f800000u)),
                             hn::Set(u, Storage::kInfinityBits | 1u << (kFraction - 1)), rounded);
    const auto sign = hn::ShiftRight<16>(hn::Xor(all, size));
    hn::StoreU(hn::DemoteTo(stored, hn::BitCast(s, hn::Or(rounded, sign))), stored, bits);
  }
}

template <class Storage>
void widen_loop(const Storage* x, float* out, size_t n) {
  const Floats f;
  for_lanes(
      n, hn::Lanes(f), [&](size_t i) HWY_ATTR { hn::StoreU(load_wide(x + i), f, out + i); },
      [&](size_t i) { out[i] = static_cast<float>(x[i]); });
}
template <class Storage>
HWY_INLINE HWY_ATTR void store_narrow(Two v, Storage* out) {
  v.quiet();
  store_narrow(v.first, out);
  store_narrow(v.second, out + hn::Lanes(Floats()));
}
template <class Storage>
void narrow_loop(const float* x, Storage* out, size_t n) {
  const Floats f;
  const size_t lanes = hn::Lanes(f);
  for_lanes(
      n, 2 * lanes,
      [&](size_t i) HWY_ATTR {
        store_narrow(Two{hn::LoadU(f, x + i), hn::LoadU(f, x + i + lanes)}, out + i);
      },
      [&](size_t i) { out[i] = Storage(x[i]); });
}
template <class Storage>
void product_loop(const Storage* a, const float* b, Storage* out, size_t n) {
  const Floats f;
  const size_t lanes = hn::Lanes(f);
  for_lanes(
      n, 2 * lanes,
      [&](size_t i) HWY_ATTR {
        store_narrow(Two{hn::Mul(load_wide(a + i), hn::LoadU(f, b + i)),
                         hn::Mul(load_wide(a + i + lanes), hn::LoadU(f, b + i + lanes))},
                     out + i);
      },
      [&](size_t i) { out[i] = Storage(static_cast<float>(a[i]) * b[i]); });
}

#if HWY_TARGET == HWY_SCALAR  // a lane has no room for two
void unpack_bf16(const BFloat16* x, float* out, size_t n) { widen_loop(x, out, n); }
void pack_bf16(const float* x, BFloat16* out, size_t n) { narrow_loop(x, out, n); }
void pack_product_bf16(const BFloat16* a, const float* b, BFloat16* out, size_t n) {
  product_loop(a, b, out, n);
}
#else
// The even ones first.
HWY_INLINE HWY_ATTR Two load_pairs(const BFloat16* x) {
  const Floats f;
  const hn::RebindToUnsigned<Floats> u;
  const hn::Repartition<uint16_t, Floats> stored;
  const auto both = hn::BitCast(u, hn::LoadU(stored, reinterpret_cast<const uint16_t*>(x)));
  return {hn::BitCast(f, hn::ShiftLeft<16>(both)),
          hn::BitCast(f, hn::And(both, hn::Set(u, 0xffff0000u)))};
}
HWY_INLINE HWY_ATTR void store_pairs(Two v, BFloat16* out) {
  const hn::Repartition<uint16_t, Floats> stored;
  v.quiet();
  const auto even = hn::ShiftRight<16>(upper_half(v.first)), odd = upper_half(v.second);
  hn::StoreU(hn::OddEven(hn::BitCast(stored, odd), hn::BitCast(stored, even)), stored,
             reinterpret_cast<uint16_t*>(out));
}

void unpack_bf16(const BFloat16* x, float* out, size_t n) {
  const Floats f;
  const size_t lanes = hn::Lanes(f);
  for_lanes(
      n, 2 * lanes,
      [&](size_t i) HWY_ATTR {
        const Two v = load_pairs(x + i);
        hn::StoreU(v.first, f, out + i);
        hn::StoreU(v.second, f, out + i + lanes);
      },
      [&](size_t i) { out[i] = static_cast<float>(x[i]); });
}
void pack_bf16(const float* x, BFloat16* out, size_t n) {
  const Floats f;
  const size_t lanes = hn::Lanes(f);
  for_lanes(
      n, 2 * lanes,
      [&](size_t i)
          HWY_ATTR { store_pairs({hn::LoadU(f, x + i), hn::LoadU(f, x + i + lanes)}, out + i); },
      [&](size_t i) { out[i] = BFloat16(x[i]); });
}
void pack_product_bf16(const BFloat16* a, const float* b, BFloat16* out, size_t n) {
  const Floats f;
  const size_t lanes = hn::Lanes(f);
  for_lanes(
      n, 2 * lanes,
      [&](size_t i) HWY_ATTR {
        const Two v = load_pairs(a + i);
        store_pairs(
            {hn::Mul(v.first, hn::LoadU(f, b + i)), hn::Mul(v.second, hn::LoadU(f, b + i + lanes))},
            out + i);
      },
      [&](size_t i) { out[i] = BFloat16(static_cast<float>(a[i]) * b[i]); });
}
#endif

// For floats the bits of y tell, a vector at a time, or else the two ends of what y may be, both rounded
// by the processor; the 16-bit types, which nobody computes exactly for speed, go number by number.
template <class T>
void round_loop(const float* x, const double* y, T* out, size_t n, const Decider& decide) {
  const Cancellations cancellations = decide.definition.cancellations(decide.order, decide.p);
  const auto one = [&](size_t i) {
    double scale = std::abs(y[i]);
    for (int k = 0; k < cancellations.count; ++k) {
      const auto& c = cancellations.interval[k];
      if (x[i] >= c.low && x[i] <= c.high) scale = std::max(scale, c.scale);
    }
    const double error = scale * detail::kRoughError;
    const T low = T(y[i] - error), high = T(y[i] + error);
    // A zero or infinite y is a limit, and has no error; NaN stays NaN.
    const bool decided =
        y[i] == 0 || !std::isfinite(y[i]) || static_cast<float>(low) == static_cast<float>(high);
    out[i] = decided ? T(y[i]) : T(decide(x[i]));
  };
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128  // whose DemoteTo saturates
  if constexpr (std::is_same_v<T, float>) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> half;
    const hn::RebindToUnsigned<decltype(d)> u;
    const auto relative = hn::Set(d, detail::kRoughError);
    // A double has 29 bits more than a float: unless those lie next to their middle, rounding is
    // decided. Not so below the smallest normal float, nor where addends cancelled.
    constexpr uint64_t kMiddle = uint64_t{1} << 28;
    constexpr auto kDoubt = static_cast<uint64_t>(detail::kRoughError * 0x1p53);
    constexpr auto kLeast = std::bit_cast<uint64_t>(0x1p-126);
    static_assert((kDoubt & (kDoubt - 1)) == 0);
    const auto shift = hn::Set(u, kMiddle + kDoubt), clear = hn::Set(u, 2 * kMiddle - 2 * kDoubt);
    const auto by_two_ends = [&](size_t i, hn::Vec<decltype(d)> v) HWY_ATTR {
      auto scale = hn::Abs(v);
      if (cancellations.count != 0) {
        const auto at = hn::PromoteTo(d, hn::LoadU(half, x + i));
        for (int k = 0; k < cancellations.count; ++k) {
          const auto& c = cancellations.interval[k];
          const auto near = hn::And(hn::Ge(at, hn::Set(d, c.low)), hn::Le(at, hn::Set(d, c.high)));
          scale = hn::Max(scale, hn::IfThenElseZero(near, hn::Set(d, c.scale)));
        }
      }
      const auto error = hn::Mul(scale, relative);
      const auto low = hn::DemoteTo(half, hn::Sub(v, error));
      const auto high = hn::DemoteTo(half, hn::Add(v, error));
      return hn::AllTrue(half, hn::Eq(low, high));
    };
    for_lanes(
        n, hn::Lanes(d),
        [&](size_t i) HWY_ATTR {
          const auto v = hn::LoadU(d, y + i);
          const auto bits = hn::BitCast(u, v), size = hn::BitCast(u, hn::Abs(v));
          const auto doubtful = hn::Eq(hn::And(hn::Add(bits, shift), clear), hn::Zero(u));
          const auto tiny = hn::Lt(hn::Sub(size, hn::Set(u, 1)), hn::Set(u, kLeast - 1));
          const bool clear_at_once =
              cancellations.count == 0 && hn::AllFalse(u, hn::Or(doubtful, tiny));
          if (HWY_LIKELY(clear_at_once || by_two_ends(i, v))) {
            hn::StoreU(hn::DemoteTo(half, v), half, out + i);
          } else {
            for (size_t k = 0; k < hn::Lanes(d); ++k) one(i + k);
          }
        },
        one);
    return;
  }
#endif
  for (size_t i = 0; i < n; ++i) one(i);
}

void widen_f16(const Float16* x, float* out, size_t n) { widen_loop(x, out, n); }
void widen_bf16(const BFloat16* x, float* out, size_t n) { widen_loop(x, out, n); }
void narrow_f16(const float* x, Float16* out, size_t n) { narrow_loop(x, out, n); }
void narrow_bf16(const float* x, BFloat16* out, size_t n) { narrow_loop(x, out, n); }
void pack_product_f16(const Float16* a, const float* b, Float16* out, size_t n) {
  product_loop(a, b, out, n);
}
void round_f32(const float* x, const double* y, float* out, size_t n, const Decider& decide) {
  round_loop(x, y, out, n, decide);
}

}  // namespace gradkeep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradkeep {
HWY_EXPORT(widen_f16);
HWY_EXPORT(widen_bf16);
HWY_EXPORT(narrow_f16);
HWY_EXPORT(narrow_bf16);
HWY_EXPORT(unpack_bf16);
HWY_EXPORT(pack_bf16);
HWY_EXPORT(pack_product_f16);
HWY_EXPORT(pack_product_bf16);
HWY_EXPORT(round_f32);

namespace detail {

void widen(const Float16* x, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(widen_f16)(x, out, n);
}
void widen(const BFloat16* x, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(widen_bf16)(x, out, n);
}
void narrow(const float* x, Float16* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(narrow_f16)(x, out, n);
}
void narrow(const float* x, BFloat16* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(narrow_bf16)(x, out, n);
}
void unpack(const Float16* x, float* out, std::size_t n) { widen(x, out, n); }
void unpack(const BFloat16* x, float* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(unpack_bf16)(x, out, n);
}
void pack(const float* x, Float16* out, std::size_t n) { narrow(x, out, n); }
void pack(const float* x, BFloat16* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(pack_bf16)(x, out, n);
}
void pack_product(const Float16* a, const float* b, Float16* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(pack_product_f16)(a, b, out, n);
}
void pack_product(const BFloat16* a, const float* b, BFloat16* out, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(pack_product_bf16)(a, b, out, n);
}
void round_exactly(const float* x, const double* y, float* out, std::size_t n,
                   const Decider& decide) {
  HWY_DYNAMIC_DISPATCH(round_f32)(x, y, out, n, decide);
}
void round_exactly(const float* x, const double* y, Float16* out, std::size_t n,
                   const Decider& decide) {
  HWY_STATIC_DISPATCH(round_loop<Float16>)(x, y, out, n, decide);
}
void round_exactly(const float* x, const double* y, BFloat16* out, std::size_t n,
                   const Decider& decide) {
  HWY_STATIC_DISPATCH(round_loop<BFloat16>)(x, y, out, n, decide);
}

double Decider::operator()(double x) const { return round_to_odd(definition.scalar(x, order, p)); }

}  // namespace detail
}  // namespace gradkeep
#endif
