// The matrix product by oneDNN and BLIS, and by three loops. Measured on a Xeon with AVX-512 (one
// core, shapes 32x64x64 to 256x1024x1024, GFLOP/s): float oneDNN 56 to 127, BLIS 30 to 63, OpenBLAS
// 0.3.21 15 to 30, as it does not know that processor and falls back to SSE3; double BLIS 21 to 30,
// OpenBLAS 9. oneDNN has no double product.
// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <blis.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <new>

namespace gradkeep::nn {
namespace {

// oneDNN asks OpenMP how many threads to use. The setting belongs to the calling thread and may
// matter to it elsewhere, so it is restored.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

struct Shape {
  int m, n, k;
};

template <class T>
Shape shape_of(Op op_a, Matrix<const T> a, Op op_b, Matrix<const T> b) {
  const bool ta = op_a == Op::transposed, tb = op_b == Op::transposed;
  return {ta ? a.cols : a.rows, tb ? b.rows : b.cols, ta ? a.rows : a.cols};
}

void run(Op op_a, Matrix<const float> a, Op op_b, Matrix<const float> b, Matrix<float> c) {
  const OneThread guard;
  const auto [m, n, k] = shape_of(op_a, a, op_b, b);
  const auto letter = [](Op op) { return op == Op::transposed ? 'T' : 'N'; };
  const dnnl_status_t status = dnnl_sgemm(letter(op_a), letter(op_b), m, n, k, 1.0f, a.data, a.cols,
                                          b.data, b.cols, 0.0f, c.data, c.cols);
  if (status != dnnl_success) throw std::bad_alloc();  // its only failure on valid shapes
}

void run(Op op_a, Matrix<const double> a, Op op_b, Matrix<const double> b, Matrix<double> c) {
  const auto [m, n, k] = shape_of(op_a, a, op_b, b);
  const auto trans = [](Op op) {
    return op == Op::transposed ? BLIS_TRANSPOSE : BLIS_NO_TRANSPOSE;
  };
  rntm_t one_thread = BLIS_RNTM_INITIALIZER;
  bli_rntm_set_num_threads(1, &one_thread);
  double one = 1, zero = 0;
  // BLIS takes pointers to non-const and does not write through them.
  bli_dgemm_ex(trans(op_a), trans(op_b), m, n, k, &one, const_cast<double*>(a.data), a.cols, 1,
               const_cast<double*>(b.data), b.cols, 1, &zero, c.data, c.cols, 1, nullptr,
               &one_thread);
}

}  // namespace

template <class T>
void product(Op op_a, Matrix<const T> a, Op op_b, Matrix<const T> b, Matrix<T> c) {
  run(op_a, a, op_b, b, c);
}

template <class T>
void product_naive(Op op_a, Matrix<const T> a, Op op_b, Matrix<const T> b, Matrix<T> c) {
  const auto [m, n, k] = shape_of(op_a, a, op_b, b);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      T sum = 0;
      for (int l = 0; l < k; ++l) {
        sum += (op_a == Op::transposed ? a(l, i) : a(i, l)) *
               (op_b == Op::transposed ? b(j, l) : b(l, j));
      }
      c(i, j) = sum;
    }
  }
}

template void product(Op, Matrix<const float>, Op, Matrix<const float>, Matrix<float>);
template void product(Op, Matrix<const double>, Op, Matrix<const double>, Matrix<double>);
template void product_naive(Op, Matrix<const float>, Op, Matrix<const float>, Matrix<float>);
template void product_naive(Op, Matrix<const double>, Op, Matrix<const double>, Matrix<double>);

}  // namespace gradkeep::nn
