// SLEEF's elementary functions in loops of ours: it has no activations, so each is put together as one
// would do it in a hurry, from as few calls as there are.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "bench/core/native_peers.h"

#if defined(GRADKEEP_HAS_SLEEF) && (defined(__AVX512F__) || defined(__AVX2__))
#include <immintrin.h>
#include <sleef.h>

namespace gradkeep::bench {
namespace {

// S: lanes V of numbers T with SLEEF's functions for them. u10 and u35 are its promises: 1.0 or 3.5
// units in the last place.
#define GRADKEEP_SLEEF(S, N, E, REAL, VECTOR, SUFFIX)               \
  struct S {                                                        \
    using T = REAL;                                                 \
    using V = VECTOR;                                               \
    static V exp(V x) { return Sleef_exp##SUFFIX##_u10##E(x); }     \
    static V expm1(V x) { return Sleef_expm1##SUFFIX##_u10##E(x); } \
    static V log1p(V x) { return Sleef_log1p##SUFFIX##_u10##E(x); } \
    static V tanh(V x) { return Sleef_tanh##SUFFIX##_u10##E(x); }   \
    static V tanh35(V x) { return Sleef_tanh##SUFFIX##_u35##E(x); } \
    static V erf(V x) { return Sleef_erf##SUFFIX##_u10##E(x); }     \
    static V erfc(V x) { return Sleef_erfc##SUFFIX##_u15##E(x); }   \
    static V atan(V x) { return Sleef_atan##SUFFIX##_u10##E(x); }   \
    static V atan35(V x) { return Sleef_atan##SUFFIX##_u35##E(x); } \
    static V sin(V x) { return Sleef_sin##SUFFIX##_u10##E(x); }     \
    static V sin35(V x) { return Sleef_sin##SUFFIX##_u35##E(x); }   \
    static V cos(V x) { return Sleef_cos##SUFFIX##_u10##E(x); }     \
  };

#if defined(__AVX512F__)
constexpr const char* kLanes = "avx512f";
GRADKEEP_SLEEF(Floats, 16, avx512f, float, __m512, f16)
GRADKEEP_SLEEF(Doubles, 8, avx512f, double, __m512d, d8)
#else
constexpr const char* kLanes = "avx2";
GRADKEEP_SLEEF(Floats, 8, avx2, float, __m256, f8)
GRADKEEP_SLEEF(Doubles, 4, avx2, double, __m256d, d4)
#endif

// Collects the loops for one task. Operators between vectors and numbers are the compiler's own.
template <class S>
class Loops {
 public:
  using T = typename S::T;
  using V = typename S::V;

  explicit Loops(const Task& task) : task_(task) {}

  template <class F>
  void forward(const char* name, F f, const char* how = "u10") {
    if (task_.pass == "forward" && task_.name == name) add(how, [f](V x, V) { return f(x); });
  }
  template <class F>
  void backward(const char* name, F slope) {
    if (task_.backward() && task_.name == name) {
      add("composed, u10", [slope](V x, V dy) { return dy * slope(x); });
    }
  }
  Rows rows() { return std::move(rows_); }

 private:
  template <class F>
  void add(const char* how, F f) {
    const T *x = static_cast<const T*>(task_.in), *dy = static_cast<const T*>(task_.dy);
    T* out = static_cast<T*>(task_.out);
    rows_.push_back({"SLEEF", std::string(kLanes) + " " + how,
                     [f, x, dy, out, n = task_.elements, threads = task_.threads] {
                       in_slices(n, threads, [&](std::size_t begin, std::size_t end) {
                         run(f, x + begin, dy + begin, out + begin, end - begin);
                       });
                     }});
  }
  static V load(const T* from) {
    V v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  template <class F>
  static void run(F f, const T* x, const T* dy, T* out, std::size_t n) {
    constexpr std::size_t kLength = sizeof(V) / sizeof(T);
    std::size_t i = 0;
    for (; i + kLength <= n; i += kLength) {
      const V y = f(load(x + i), load(dy + i));
      std::memcpy(out + i, &y, sizeof y);
    }
    if (i == n) return;
    T in[kLength] = {}, slope[kLength] = {};
    std::copy(x + i, x + n, in);
    std::copy(dy + i, dy + n, slope);
    const V y = f(load(in), load(slope));
    std::memcpy(out + i, &y, (n - i) * sizeof(T));
  }

  const Task& task_;
  Rows rows_;
};

template <class S>
Rows rows_of(const Task& task) {
  using T = typename S::T;
  using V = typename S::V;
  const auto number = [](double v) { return static_cast<T>(v); };
  const T p = number(task.parameter(0)), half = number(0.5), root_half = number(std::sqrt(0.5));
  const T inner_1 = number(1.5957691216057308), inner_3 = number(0.07135481627159816);
  const T scale = number(1.0507009873554805), scale_alpha = number(1.7580993408473766);
  const auto larger = [](V a, V b) { return a > b ? a : b; };
  const auto size = [=](V x) { return larger(x, -x); };
  const auto logistic = [](V x) { return 1 / (1 + S::exp(-x)); };
  // tanh(softplus(x)) = n / (n + 2) with n = e (e + 2), e = exp(x), which is 1 from x = 20.
  const auto clipped_exp = [=](V x) { return S::exp(-larger(-x, V{} - 20)); };
  const auto mish_gate = [](V e) { return e * (e + 2) / (e * (e + 2) + 2); };
  const auto inner = [=](V x) { return x * (inner_1 + inner_3 * x * x); };
  const auto bell = [](V e) { return e / ((1 + e) * (1 + e)); };

  Loops<S> f(task);
  f.forward("sigmoid", logistic);
  f.forward("silu", [](V x) { return x / (1 + S::exp(-x)); });
  f.forward("swish", [=](V x) { return x / (1 + S::exp(-p * x)); });
  f.forward("quick_gelu", [=](V x) { return x / (1 + S::exp(number(-1.702) * x)); });
  f.forward("tanh", [](V x) { return S::tanh(x); });
  f.forward("tanh", [](V x) { return S::tanh35(x); }, "u35");
  f.forward("tanh_shrink", [](V x) { return x - S::tanh(x); });
  f.forward("gelu", [=](V x) { return half * x * S::erfc(-root_half * x); }, "erfc u15");
  f.forward("gelu", [=](V x) { return half * x * (1 + S::erf(root_half * x)); }, "erf u10");
  f.forward("gelu_tanh", [=](V x) { return x / (1 + S::exp(-inner(x))); });
  f.forward("mish", [=](V x) { return x * mish_gate(clipped_exp(x)); });
  f.forward("softplus",
            [=](V x) { return (larger(p * x, V{}) + S::log1p(S::exp(-size(p * x)))) / p; });
  f.forward("log_sigmoid", [=](V x) { return -larger(-x, V{}) - S::log1p(S::exp(-size(x))); });
  f.forward("elu", [=](V x) { return x > 0 ? x : p * S::expm1(x); });
  f.forward("celu", [=](V x) { return x > 0 ? x : p * S::expm1(x / p); });
  f.forward("selu", [=](V x) { return x > 0 ? scale * x : scale_alpha * S::expm1(x); });
  f.forward("exponential", [](V x) { return S::exp(x); });
  f.forward("gaussian", [](V x) { return S::exp(-x * x); });
  f.forward("erf", [](V x) { return S::erf(x); });
  f.forward("arctan", [](V x) { return S::atan(x); });
  f.forward("arctan", [](V x) { return S::atan35(x); }, "u35");
  f.forward("sine", [](V x) { return S::sin(x); });
  f.forward("sine", [](V x) { return S::sin35(x); }, "u35");

  f.backward("sigmoid", [=](V x) { return bell(S::exp(-size(x))); });
  f.backward("silu", [=](V x) { return logistic(x) * (1 + x * (1 - logistic(x))); });
  f.backward("tanh", [=](V x) { return 4 * bell(S::exp(-2 * size(x))); });
  f.backward("gelu", [=](V x) {
    return half * S::erfc(-root_half * x) + number(0.3989422804014327) * x * S::exp(-half * x * x);
  });
  f.backward("gelu_tanh", [=](V x) {
    const V s = logistic(inner(x));
    return s + x * s * (1 - s) * (inner_1 + 3 * inner_3 * x * x);
  });
  f.backward("mish", [=](V x) {
    const V e = clipped_exp(x), t = mish_gate(e);
    return t + x * e / (1 + e) * (1 - t * t);
  });
  f.backward("softplus", [=](V x) { return logistic(p * x); });
  f.backward("log_sigmoid", [=](V x) { return logistic(-x); });
  f.backward("elu", [=](V x) { return x > 0 ? V{} + 1 : p * S::exp(x); });
  f.backward("celu", [=](V x) { return x > 0 ? V{} + 1 : S::exp(x / p); });
  f.backward("selu", [=](V x) { return x > 0 ? V{} + scale : scale_alpha * S::exp(x); });
  f.backward("exponential", [](V x) { return S::exp(x); });
  f.backward("gaussian", [](V x) { return -2 * x * S::exp(-x * x); });
  f.backward("erf", [=](V x) { return number(1.1283791670955126) * S::exp(-x * x); });
  f.backward("sine", [](V x) { return S::cos(x); });
  return f.rows();
}

}  // namespace

Versions sleef_versions() {
  return {{"SLEEF", std::to_string(SLEEF_VERSION_MAJOR) + "." +
                        std::to_string(SLEEF_VERSION_MINOR) + "." +
                        std::to_string(SLEEF_VERSION_PATCHLEVEL) + " " + kLanes}};
}

Rows sleef_rows(const Task& task) {
  if (task.type == "f32") return rows_of<Floats>(task);
  if (task.type == "f64") return rows_of<Doubles>(task);
  return {};
}

}  // namespace gradkeep::bench

#else

namespace gradkeep::bench {
Versions sleef_versions() { return {}; }
Rows sleef_rows(const Task&) { return {}; }
}  // namespace gradkeep::bench

#endif
