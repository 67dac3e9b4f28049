// Prints what core computes on samples, a digest for each function, type, order and tier, so that two
// machines or targets can be compared by their output (tools/neon). It ends with an error where a result
// of float32's fast tier is further from the exact one than the function claims.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <bit>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/core/ulp.h"

using namespace gradkeep;

namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;

// One bit pattern in so many, which is odd, so that all ends occur.
template <class T>
std::vector<T> patterns(std::size_t count) {
  const std::uint64_t step = (~std::uint64_t{0} >> (64 - 8 * sizeof(T))) / count | 1;
  std::vector<T> x;
  for (std::uint64_t k = 0; k < count; ++k) x.push_back(std::bit_cast<T>(Bits<T>(k * step)));
  return x;
}

// Random bits of a double are seldom of everyday size.
std::vector<double> doubles(std::size_t count) {
  std::vector<double> x = patterns<double>(count);
  for (std::size_t k = 0; k < count; ++k) {
    x.push_back(std::ldexp(static_cast<double>(k * 0x9e3779b97f4a7c15u >> 11), -48) - 16);
  }
  return x;
}

template <class T>
std::uint64_t digest(const std::vector<T>& y) {
  std::uint64_t d = 0xcbf29ce484222325u;
  for (const T v : y) {
    const bool nan = static_cast<double>(v) != static_cast<double>(v);
    d = (d ^ (nan ? 1 : std::bit_cast<Bits<T>>(v))) * 0x100000001b3u;
  }
  return d;
}

template <class T>
void print_exact(const Activation& f, const char* type, const std::vector<T>& x) {
  std::vector<T> y(x.size());
  for (const int order : {0, 1, 2}) {
    f.evaluate<T>(order, x, y, Tier::exact);
    std::printf("%s %s %d exact %016" PRIx64 "\n", f.info().name.c_str(), type, order, digest(y));
  }
}

// How many of the fast tier's results miss the claim that holds for them, at most 0.
int missed_claims(const Activation& f, const std::vector<float>& x) {
  std::vector<float> fast(x.size());
  std::vector<double> wide(x.begin(), x.end()), truth(x.size());
  int missed = 0;
  for (const int order : {0, 1, 2}) {
    f.evaluate<float>(order, x, fast, Tier::fast);
    f.evaluate<double>(order, wide, truth, Tier::exact);
    for (std::size_t i = 0; i < x.size(); ++i) {
      double most = HUGE_VAL, scale = 0;
      for (const Claim& c : f.claims()) {
        if (c.type != Type::f32 || c.order != order || !(x[i] >= c.low && x[i] <= c.high)) continue;
        if (scale == 0 || c.scale > 0) most = c.ulp, scale = c.scale;
      }
      const long double unit = scale > 0 ? scale : static_cast<long double>(truth[i]);
      if (!(error_in_ulp(fast[i], truth[i], unit) > most)) continue;
      ++missed;
      std::fprintf(stderr, "%s, order %d, fast at %a: %a, truth %a, claimed %g ULP\n",
                   f.info().name.c_str(), order, static_cast<double>(x[i]),
                   static_cast<double>(fast[i]), truth[i], most);
    }
  }
  return missed;
}

}  // namespace

int main() {
  const std::vector<float> floats = patterns<float>(20000);
  const std::vector<double> wide = doubles(1000);
  const std::vector<Float16> halves = patterns<Float16>(8000);
  const std::vector<BFloat16> brains = patterns<BFloat16>(8000);
  int missed = 0;
  for (const std::string& name : names()) {
    const Activation f(name);
    print_exact(f, "f32", floats);
    print_exact(f, "f64", wide);
    print_exact(f, "f16", halves);
    print_exact(f, "bf16", brains);
    missed += missed_claims(f, floats);
  }
  std::fprintf(stderr, "%s: %zu functions, %d results beyond a claim\n",
               std::string(target_name()).c_str(), names().size(), missed);
  return missed == 0 ? 0 : 1;
}
