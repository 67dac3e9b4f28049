// The vector functions of Intel's MKL (VML), loaded at run time if they can be found: gradkeep neither
// links nor ships them. VML works on whole arrays, so what is put together from it goes block by block
// through the first-level cache. Its threads stay out of it; slices of the arrays are ours.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <algorithm>
#include <cmath>

#include "bench/core/native_peers.h"

namespace gradkeep::bench {
namespace {

constexpr std::size_t kBlock = 2048;
// VML_LA and VML_HA, low and high accuracy, each with VML_ERRMODE_IGNORE.
constexpr long long kLow = 0x101, kHigh = 0x102;

void* library() {
  static void* const loaded = [] {
    void* found = nullptr;
    for (const char* name : {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so"}) {
      if (!found) found = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    }
    if (found) {
      const auto set_layer =
          reinterpret_cast<int (*)(int)>(dlsym(found, "MKL_Set_Threading_Layer"));
      if (set_layer) set_layer(1);  // sequential
    }
    return found;
  }();
  return loaded;
}

template <class T>
using Vml = void (*)(int n, const T* x, T* y, long long mode);

template <class T>
Vml<T> find(const std::string& function) {
  const std::string symbol = (sizeof(T) == 4 ? "vms" : "vmd") + function;
  return reinterpret_cast<Vml<T>>(dlsym(library(), symbol.c_str()));
}

// Collects the loops for one task at one accuracy.
template <class T>
class Loops {
 public:
  Loops(const Task& task, long long mode) : task_(task), mode_(mode) {}

  // y = the function of x itself.
  void direct(const char* name, const char* function) {
    if (task_.pass != "forward" || task_.name != name) return;
    const auto f = find<T>(function);
    add([f, mode = mode_](const T* x, const T*, T* y, std::size_t n) {
      f(static_cast<int>(n), x, y, mode);
    });
  }
  // y = after(x, function(before(x))).
  template <class Before, class After>
  void forward(const char* name, Before before, const char* function, After after) {
    if (task_.pass != "forward" || task_.name != name) return;
    add(blocks({find<T>(function)}, before, [after](T x, T, T t) { return after(x, t); }));
  }
  // dx = dy after(x, function(before(x))).
  template <class Before, class After>
  void backward(const char* name, Before before, const char* function, After after) {
    if (!task_.backward() || task_.name != name) return;
    add(blocks({find<T>(function)}, before, [after](T x, T dy, T t) { return dy * after(x, t); }));
  }
  // The same with second(first(before(x))) instead of one function.
  template <class Before, class After>
  void forward_twice(const char* name, Before before, const char* first, const char* second,
                     After after) {
    if (task_.pass != "forward" || task_.name != name) return;
    add(blocks({find<T>(first), find<T>(second)}, before,
               [after](T x, T, T t) { return after(x, t); }));
  }
  // dx = dy (Phi(x) + x phi(x)): two functions of x.
  void gelu_backward() {
    if (!task_.backward() || task_.name != "gelu") return;
    const auto cdf = find<T>("CdfNorm"), exp = find<T>("Exp");
    add([cdf, exp, mode = mode_](const T* x, const T* dy, T* dx, std::size_t n) {
      alignas(64) T c[kBlock], e[kBlock];
      for (std::size_t first = 0; first < n; first += kBlock) {
        const int m = static_cast<int>(std::min(kBlock, n - first));
        for (int i = 0; i < m; ++i) e[i] = T(-0.5) * x[first + i] * x[first + i];
        exp(m, e, e, mode);
        cdf(m, x + first, c, mode);
        for (int i = 0; i < m; ++i) {
          dx[first + i] = dy[first + i] * (c[i] + T(0.3989422804014327) * x[first + i] * e[i]);
        }
      }
    });
  }
  Rows rows() { return std::move(rows_); }

 private:
  template <class Work>
  void add(Work work) {
    const T *x = static_cast<const T*>(task_.in), *dy = static_cast<const T*>(task_.dy);
    T* out = static_cast<T*>(task_.out);
    rows_.push_back({"MKL VML", mode_ == kLow ? "low accuracy" : "high accuracy",
                     [work, x, dy, out, n = task_.elements, threads = task_.threads] {
                       in_slices(n, threads, [&](std::size_t begin, std::size_t end) {
                         work(x + begin, dy + begin, out + begin, end - begin);
                       });
                     }});
  }
  template <class Before, class After>
  auto blocks(std::vector<Vml<T>> functions, Before before, After after) {
    return [functions, before, after, mode = mode_](const T* x, const T* dy, T* y, std::size_t n) {
      alignas(64) T t[kBlock];
      for (std::size_t first = 0; first < n; first += kBlock) {
        const std::size_t m = std::min(kBlock, n - first);
        for (std::size_t i = 0; i < m; ++i) t[i] = before(x[first + i]);
        for (const Vml<T> f : functions) f(static_cast<int>(m), t, t, mode);
        for (std::size_t i = 0; i < m; ++i) {
          y[first + i] = after(x[first + i], dy[first + i], t[i]);
        }
      }
    };
  }

  const Task& task_;
  long long mode_;
  Rows rows_;
};

template <class T>
Rows rows_at(const Task& task, long long mode) {
  const T p = static_cast<T>(task.parameter(0));
  const T inner_1 = T(1.5957691216057308), inner_3 = T(0.07135481627159816);
  const T scale = T(1.0507009873554805), scale_alpha = T(1.7580993408473766);
  const auto same = [](T x) { return x; };
  const auto minus = [](T x) { return -x; };
  const auto minus_size = [](T x) { return -std::abs(x); };
  const auto not_above_0 = [](T x) { return x < 0 ? x : T(0); };
  const auto not_above_20 = [](T x) { return x < 20 ? x : T(20); };
  const auto minus_square = [](T x) { return -x * x; };
  const auto minus_inner = [=](T x) { return -x * (inner_1 + inner_3 * x * x); };
  const auto gate = [](T e) { return e * (e + 2) / (e * (e + 2) + 2); };

  Loops<T> f(task, mode);
  f.direct("tanh", "Tanh");
  f.direct("erf", "Erf");
  f.direct("exponential", "Exp");
  f.direct("arctan", "Atan");
  f.direct("sine", "Sin");
  f.forward("sigmoid", minus, "Exp", [](T, T e) { return 1 / (1 + e); });
  f.forward("silu", minus, "Exp", [](T x, T e) { return x / (1 + e); });
  f.forward("swish", [=](T x) { return -p * x; }, "Exp", [](T x, T e) { return x / (1 + e); });
  f.forward(
      "quick_gelu", [](T x) { return T(-1.702) * x; }, "Exp", [](T x, T e) { return x / (1 + e); });
  f.forward("gelu", same, "CdfNorm", [](T x, T c) { return x * c; });
  f.forward("gelu_tanh", minus_inner, "Exp", [](T x, T e) { return x / (1 + e); });
  f.forward("mish", not_above_20, "Exp", [=](T x, T e) { return x * gate(e); });
  f.forward("tanh_shrink", same, "Tanh", [](T x, T t) { return x - t; });
  f.forward("elu", not_above_0, "Expm1", [=](T x, T e) { return x > 0 ? x : p * e; });
  f.forward(
      "celu", [=](T x) { return x < 0 ? x / p : T(0); }, "Expm1",
      [=](T x, T e) { return x > 0 ? x : p * e; });
  f.forward("selu", not_above_0, "Expm1",
            [=](T x, T e) { return x > 0 ? scale * x : scale_alpha * e; });
  f.forward("gaussian", minus_square, "Exp", [](T, T e) { return e; });
  f.forward_twice(
      "softplus", [=](T x) { return -std::abs(p * x); }, "Exp", "Log1p",
      [=](T x, T l) { return (x > 0 ? x : T(0)) + l / p; });
  f.forward_twice("log_sigmoid", minus_size, "Exp", "Log1p",
                  [](T x, T l) { return (x < 0 ? x : T(0)) - l; });

  f.backward("sigmoid", minus_size, "Exp", [](T, T e) { return e / ((1 + e) * (1 + e)); });
  f.backward("silu", minus, "Exp", [](T x, T e) {
    const T s = 1 / (1 + e);
    return s * (1 + x * (1 - s));
  });
  f.backward(
      "tanh", [](T x) { return -2 * std::abs(x); }, "Exp",
      [](T, T e) { return 4 * e / ((1 + e) * (1 + e)); });
  f.backward("gelu_tanh", minus_inner, "Exp", [=](T x, T e) {
    const T s = 1 / (1 + e);
    return s + x * s * (1 - s) * (inner_1 + 3 * inner_3 * x * x);
  });
  f.backward("mish", not_above_20, "Exp", [=](T x, T e) {
    const T t = gate(e);
    return t + x * e / (1 + e) * (1 - t * t);
  });
  f.backward("softplus", [=](T x) { return -p * x; }, "Exp", [](T, T e) { return 1 / (1 + e); });
  f.backward("log_sigmoid", same, "Exp", [](T, T e) { return 1 / (1 + e); });
  f.backward("elu", not_above_0, "Exp", [=](T x, T e) { return x > 0 ? T(1) : p * e; });
  f.backward("celu", [=](T x) { return x < 0 ? x / p : T(0); }, "Exp", [](T, T e) { return e; });
  f.backward("selu", not_above_0, "Exp", [=](T x, T e) { return x > 0 ? scale : scale_alpha * e; });
  f.backward("exponential", same, "Exp", [](T, T e) { return e; });
  f.backward("gaussian", minus_square, "Exp", [](T x, T e) { return -2 * x * e; });
  f.backward("erf", minus_square, "Exp", [](T, T e) { return T(1.1283791670955126) * e; });
  f.backward("sine", same, "Cos", [](T, T c) { return c; });
  f.gelu_backward();
  return f.rows();
}

template <class T>
Rows rows_of(const Task& task) {
  Rows rows = rows_at<T>(task, kLow);
  for (Row& row : rows_at<T>(task, kHigh)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace

Versions mkl_versions() {
  if (!library()) return {};
  char text[200] = "";
  const auto ask =
      reinterpret_cast<void (*)(char*, int)>(dlsym(library(), "MKL_Get_Version_String"));
  if (ask) ask(text, sizeof text - 1);
  std::string found = text;
  found.erase(found.find_last_not_of(' ') + 1);
  return {{"MKL", found}};
}

Rows mkl_rows(const Task& task) {
  if (!library()) return {};
  if (task.type == "f32") return rows_of<float>(task);
  if (task.type == "f64") return rows_of<double>(task);
  return {};
}

}  // namespace gradkeep::bench
