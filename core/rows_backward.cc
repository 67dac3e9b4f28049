// The vector-Jacobian products of the functions of rows, from their output.
// SPDX-License-Identifier: Apache-2.0
#include "core/parallel.h"
#include "core/row_walk.h"

namespace gradkeep {
namespace {

using namespace detail;  // the parts of row_walk.h and views.h

// A row on its way back: as on the way there (core/rows.cc), but from two arrays.
//
// y_j sum_i y_i (dy_j - dy_i) = y_j ((dy_j - c) sum y - sum_i y_i (dy_i - c)) for any c. With c = dy where
// y is largest, that element's own addend vanishes instead of cancelling against the rest.
template <class T>
class SoftmaxBack {
 public:
  SoftmaxBack(const RowKernels<T>& kernels, RowFunction f)
      : kernels_(kernels), sign_(f == RowFunction::softmin ? T{-1} : T{1}) {}
  void read(const T* y, const T* dy, std::size_t n) {
    if (summing_) {
      kernels_.dot(y, dy, n, shift_, &sum_, &product_);
      return;
    }
    T here = -1;
    kernels_.most(y, n, T{1}, &here);
    if (here > most_) {
      most_ = here;
      shift_ = dy[std::find(y, y + n, here) - y];
    }
  }
  bool more() {
    if (!std::exchange(summing_, true)) return true;
    total_ = pair(sum_of<T>(sum_));
    weighted_ = pair(sum_of<T>(product_));
    return false;
  }
  void write(const T* y, const T* dy, T* dx, std::size_t n) const {
    kernels_.softmax_backward(y, dy, dx, n, sign_, shift_, total_, weighted_);
  }

 private:
  const RowKernels<T>& kernels_;
  T sign_, most_ = -1, shift_ = 0;
  bool summing_ = false;
  RowSum sum_, product_;
  Pair<double> total_, weighted_;
};

template <class T>
class LogSoftmaxBack {
 public:
  LogSoftmaxBack(const RowKernels<T>& kernels, RowFunction) : kernels_(kernels) {}
  void read(const T*, const T* dy, std::size_t n) { kernels_.total(dy, n, &sum_); }
  bool more() {
    total_ = pair(sum_of<T>(sum_));
    return false;
  }
  void write(const T* y, const T* dy, T* dx, std::size_t n) const {
    kernels_.log_softmax_backward(y, dy, dx, n, total_);
  }

 private:
  const RowKernels<T>& kernels_;
  RowSum sum_;
  Pair<double> total_;
};

template <class T>
class SparsemaxBack {
 public:
  SparsemaxBack(const RowKernels<T>& kernels, RowFunction) : kernels_(kernels) {}
  void read(const T* y, const T* dy, std::size_t n) {
    kernels_.supported(y, dy, n, &sum_, &count_);
  }
  bool more() {
    mean_ = pair(sum_of<T>(sum_) / DoubleDouble(std::max(1.0, plain_total(count_))));
    return false;
  }
  void write(const T* y, const T* dy, T* dx, std::size_t n) const {
    kernels_.sparsemax_backward(y, dy, dx, n, mean_);
  }

 private:
  const RowKernels<T>& kernels_;
  RowSum sum_, count_;
  Pair<double> mean_;
};

template <class T>
class HardmaxBack {
 public:
  HardmaxBack(const RowKernels<T>&, RowFunction) {}
  void read(const T*, const T*, std::size_t) {}
  bool more() { return false; }
  void write(const T*, const T*, T* dx, std::size_t n) const { std::fill(dx, dx + n, T{0}); }
};

template <class Row, class T>
void backward_panel(const Panel<T, 3>& panel, const RowKernels<Computed<T>>& kernels,
                    RowFunction f) {
  using C = Computed<T>;
  alignas(64) C block[2][kPanel<C>][kBlock];
  const std::size_t length = panel.rows.length;
  auto row = panel_of<Row, C>(kernels, f);
  for (bool again = true; again;) {
    for (std::size_t at = 0; at < length; at += kBlock) {
      const std::size_t n = std::min(kBlock, length - at);
      panel.gather(0, at, n, block[0]);
      panel.gather(1, at, n, block[1]);
      for (std::size_t i = 0; i < panel.count; ++i) row[i].read(block[0][i], block[1][i], n);
    }
    // All rows of one function take as many passes.
    for (std::size_t i = 0; i < panel.count; ++i) again = row[i].more();
  }
  for (std::size_t at = 0; at < length; at += kBlock) {
    const std::size_t n = std::min(kBlock, length - at);
    panel.gather(0, at, n, block[0]);
    panel.gather(1, at, n, block[1]);
    for (std::size_t i = 0; i < panel.count; ++i) {
      row[i].write(block[0][i], block[1][i], block[1][i], n);
    }
    panel.scatter(2, at, n, block[1]);
  }
}

template <class Row, class T>
void back(const Rows<3>& rows, const std::array<T*, 3>& data, RowFunction f) {
  using C = Computed<T>;
  const RowKernels<C>& kernels = row_kernels<C>();
  parallel(rows.others.size(), rows.length, [&](std::size_t begin, std::size_t end) {
    Place<3> place(rows.others, begin);
    while (begin < end) {
      if (!std::is_same_v<T, C> || !rows.contiguous()) {
        const std::size_t n = std::min(kPanel<C>, end - begin);
        backward_panel<Row, T>(Panel<T, 3>(rows, data, &place, n), kernels, f);
        begin += n;
        continue;
      }
      if constexpr (std::is_same_v<T, C>) {
        const T *y = data[0] + place.offset(0), *dy = data[1] + place.offset(1);
        T* dx = data[2] + place.offset(2);
        Row row(kernels, f);
        do {
          in_pieces(rows.length, [&](std::size_t i, std::size_t n) { row.read(y + i, dy + i, n); });
        } while (row.more());
        in_pieces(rows.length,
                  [&](std::size_t i, std::size_t n) { row.write(y + i, dy + i, dx + i, n); });
        place.advance(1);
        ++begin;
      }
    }
  });
}

}  // namespace

template <class T>
void rowwise_backward(RowFunction f, Strided<const std::type_identity_t<T>> y,
                      Strided<const std::type_identity_t<T>> dy, Strided<T> dx, int axis) {
  const Region out(y), gradient(dy), result(dx);
  check_input(out, "y");
  check_input(gradient, "dy");
  check_output(result, "dx");
  check_same_shape(out, gradient, "y", "dy");
  check_same_shape(out, result, "y", "dx");
  check_apart(out, result, "y", "dx");
  check_apart(gradient, result, "dy", "dx");
  const std::array<Strided<const T>, 3> views = {y, dy, dx};
  const Rows<3> rows(axis, views);
  if (rows.length == 0 || rows.others.size() == 0) return;
  const auto data = starts(views);
  switch (f) {
    case RowFunction::hardmax:
      return back<HardmaxBack<Computed<T>>, T>(rows, data, f);
    case RowFunction::sparsemax:
      return back<SparsemaxBack<Computed<T>>, T>(rows, data, f);
    case RowFunction::log_softmax:
      return back<LogSoftmaxBack<Computed<T>>, T>(rows, data, f);
    case RowFunction::softmax:
    case RowFunction::softmin:
      return back<SoftmaxBack<Computed<T>>, T>(rows, data, f);
  }
  throw Error("no such function of rows");
}

#define GRADKEEP_INSTANTIATE(T)                                                                  \
  template void rowwise_backward<T>(RowFunction, Strided<const T>, Strided<const T>, Strided<T>, \
                                    int);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
