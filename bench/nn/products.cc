// The candidates for the matrix product on the shapes of our networks: what nn/product.cc uses
// (oneDNN for float, BLIS for double) beside Eigen and, where it is installed, OpenBLAS, which is
// loaded at run time because it shares names with BLIS. GFLOP/s, median of five, one thread.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "data/random.h"
#include "nn/product.h"

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#define GRADKEEP_HAS_EIGEN 1
#endif

namespace {

using gradkeep::nn::Buffer;
using gradkeep::nn::Matrix;
using gradkeep::nn::Op;

// The three products of a dense layer: h = x W^T, dx = dh W, dW = dh^T x.
struct Form {
  const char* name;
  Op a, b;
};
constexpr std::array<Form, 3> kForms{{{"x W^T", Op::plain, Op::transposed},
                                      {"dh W", Op::plain, Op::plain},
                                      {"dh^T x", Op::transposed, Op::plain}}};

template <class Call>
double gflops(double flop, Call call) {
  using Clock = std::chrono::steady_clock;
  call();
  const int calls = std::max(1, static_cast<int>(2e8 / flop));
  std::array<double, 5> speeds{};
  for (double& speed : speeds) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) call();
    speed = flop * calls / std::chrono::duration<double>(Clock::now() - start).count() * 1e-9;
  }
  std::sort(speeds.begin(), speeds.end());
  return speeds[2];
}

template <class T>
using Cblas = void (*)(int, int, int, int, int, int, T, const T*, int, const T*, int, T, T*, int);

template <class T>
Cblas<T> openblas() {
  static void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!library) return nullptr;
  return reinterpret_cast<Cblas<T>>(dlsym(library, sizeof(T) == 4 ? "cblas_sgemm" : "cblas_dgemm"));
}

template <class T>
double openblas_speed(double flop, const Form& form, Matrix<T> a, Matrix<T> b, Matrix<T> c) {
  const Cblas<T> gemm = openblas<T>();
  if (!gemm) return 0;
  const int row_major = 101, plain = 111, transposed = 112;
  const int k = form.a == Op::plain ? a.cols : a.rows;
  return gflops(flop, [&] {
    gemm(row_major, form.a == Op::plain ? plain : transposed,
         form.b == Op::plain ? plain : transposed, c.rows, c.cols, k, 1, a.data, a.cols, b.data,
         b.cols, 0, c.data, c.cols);
  });
}

template <class T>
double eigen_speed([[maybe_unused]] double flop, [[maybe_unused]] const Form& form,
                   [[maybe_unused]] Matrix<T> a, [[maybe_unused]] Matrix<T> b,
                   [[maybe_unused]] Matrix<T> c) {
#ifdef GRADKEEP_HAS_EIGEN
  using Map = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  Map left(a.data, a.rows, a.cols), right(b.data, b.rows, b.cols), out(c.data, c.rows, c.cols);
  return gflops(flop, [&] {
    if (form.a == Op::transposed) {
      out.noalias() = left.transpose() * right;
    } else if (form.b == Op::transposed) {
      out.noalias() = left * right.transpose();
    } else {
      out.noalias() = left * right;
    }
  });
#else
  return 0;
#endif
}

template <class T>
void measure(const char* type) {
  gradkeep::data::Random random(1);
  for (const auto& [batch, width] :
       {std::array{32, 64}, {64, 128}, {128, 256}, {256, 512}, {256, 1024}}) {
    const std::size_t size = static_cast<std::size_t>(width) * std::max(width, batch);
    Buffer<T> x(size), w(size), out(size);
    for (T& v : x.span()) v = static_cast<T>(random.normal());
    for (T& v : w.span()) v = static_cast<T>(random.normal());
    for (const Form& form : kForms) {
      const bool outer = form.a == Op::transposed;
      const Matrix<T> a = x.matrix(batch, width);
      const Matrix<T> b = w.matrix(outer ? batch : width, width);
      const Matrix<T> c = out.matrix(outer ? width : batch, width);
      const double flop = 2.0 * batch * width * width;
      const double ours = gflops(flop, [&] { gradkeep::nn::product<T>(form.a, a, form.b, b, c); });
      std::printf("%-6s %4d x %4d  %-6s %8.1f %8.1f %8.1f\n", type, batch, width, form.name, ours,
                  openblas_speed(flop, form, a, b, c), eigen_speed(flop, form, a, b, c));
    }
  }
}

}  // namespace

int main() {
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  std::puts("GFLOP/s, 0 where absent                ours OpenBLAS    Eigen");
  measure<float>("float");
  measure<double>("double");
  return 0;
}
