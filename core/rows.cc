// Rows of an array, each through its passes. A row whose elements are neighbours is worked on where it
// lies; others are gathered, several side by side, in blocks that stay in the first-level cache, so that
// a row down the columns of a matrix reads whole cache lines.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/rows.h>

#include <cmath>

#include "core/parallel.h"
#include "core/quote.h"
#include "core/row_walk.h"

namespace gradkeep {
namespace {

using namespace detail;  // the parts of row_walk.h and views.h

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A row on its way through the passes of its function. read() takes the row piece by piece; more() ends a
// pass and says whether to read once again; then write() makes the result, piece by piece.
template <class T>
class SoftmaxRow {
 public:
  SoftmaxRow(const RowKernels<T>& kernels, RowFunction f)
      : kernels_(kernels),
        sign_(f == RowFunction::softmin ? T{-1} : T{1}),
        log_(f == RowFunction::log_softmax) {}

  void read(const T* x, std::size_t n) { read_and_keep(x, nullptr, n); }
  // The second pass may leave its exponentials where the result will be.
  void read_and_keep(const T* x, T* y, std::size_t n) {
    if (summing_) {
      kernels_.exponentials(x, log_ ? nullptr : y, n, sign_, most_, &below_, &ties_);
      kept_ = y != nullptr && !log_;
    } else {
      kernels_.most(x, n, sign_, &most_);
    }
  }
  bool more() {
    if (!std::exchange(summing_, true) && std::isfinite(most_)) return true;
    if (!std::isfinite(most_)) {
      factor_ = {static_cast<T>(kNan), 0};
      return false;
    }
    // Of the largest elements one stands for the 1 in log(1 + rest).
    const DoubleDouble below = sum_of<T>(below_);
    const DoubleDouble rest = DoubleDouble(below.hi * kRowUnit<T>, below.lo * kRowUnit<T>) +
                              DoubleDouble(plain_total(ties_) - 1);
    factor_ = split<T>(log_ ? DoubleDouble(std::log1p(rest.hi)) : DoubleDouble(1) / (rest + 1.0));
    return false;
  }
  void write(const T* x, T* y, std::size_t n) const {
    if (log_) {
      kernels_.log_softmax(x, y, n, most_, factor_);
    } else if (kept_) {
      kernels_.scale(y, y, n, factor_);
    } else {
      kernels_.softmax(x, y, n, sign_, most_, factor_);
    }
  }

 private:
  const RowKernels<T>& kernels_;
  T sign_;
  bool log_, summing_ = false, kept_ = false;
  T most_ = -std::numeric_limits<T>::infinity();
  RowSum below_, ties_;
  Pair<T> factor_;
};

// The threshold t solves sum max(z - t, 0) = 1 for z = x - max. From t = -1, each pass takes the t that
// would be right if just the present support had a share (Newton's method on a convex function); t
// grows and the support shrinks until it stays.
template <class T>
class SparsemaxRow {
 public:
  SparsemaxRow(const RowKernels<T>& kernels, RowFunction) : kernels_(kernels) {}

  void read(const T* x, std::size_t n) {
    if (searching_) {
      kernels_.support(x, n, most_, threshold_, &sum_, &count_);
    } else {
      kernels_.most(x, n, T{1}, &most_);
    }
  }
  void read_and_keep(const T* x, T*, std::size_t n) { read(x, n); }
  bool more() {
    if (!std::isfinite(most_)) {
      threshold_ = {kNan, 0};
      return false;
    }
    if (std::exchange(searching_, true)) {
      const double count = plain_total(count_);
      if (count >= before_) return false;
      before_ = count;
      threshold_ = pair((sum_of<T>(sum_) - DoubleDouble(1)) / DoubleDouble(count));
      sum_ = count_ = {};
    }
    return true;
  }
  void write(const T* x, T* y, std::size_t n) const {
    kernels_.sparsemax(x, y, n, most_, threshold_);
  }

 private:
  const RowKernels<T>& kernels_;
  bool searching_ = false;
  T most_ = -std::numeric_limits<T>::infinity();
  double before_ = kInfinity;
  Pair<double> threshold_ = {-1, 0};
  RowSum sum_, count_;
};

template <class T>
class HardmaxRow {
 public:
  HardmaxRow(const RowKernels<T>&, RowFunction) {}

  void read(const T* x, std::size_t n) {
    for (std::size_t i = 0; i < n && most_ == most_; ++i) {
      if (!(x[i] <= most_) || (at_ == kNone)) {
        most_ = x[i];
        at_ = seen_ + i;
      }
    }
    seen_ += n;
  }
  void read_and_keep(const T* x, T*, std::size_t n) { read(x, n); }
  bool more() { return false; }
  void write(const T*, T* y, std::size_t n) {
    std::fill(y, y + n, T{0});
    if (at_ >= written_ && at_ - written_ < n) y[at_ - written_] = T{1};
    written_ += n;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  T most_ = -std::numeric_limits<T>::infinity();
  std::size_t seen_ = 0, at_ = kNone, written_ = 0;
};

template <class Row, class T>
void forward_panel(const Panel<T, 2>& panel, const RowKernels<Computed<T>>& kernels,
                   RowFunction f) {
  using C = Computed<T>;
  alignas(64) C block[kPanel<C>][kBlock];
  const std::size_t length = panel.rows.length;
  std::array<bool, kPanel<C>> reading;
  reading.fill(true);
  auto row = panel_of<Row, C>(kernels, f);
  for (bool any = true; any;) {
    for (std::size_t at = 0; at < length; at += kBlock) {
      const std::size_t n = std::min(kBlock, length - at);
      panel.gather(0, at, n, block);
      for (std::size_t i = 0; i < panel.count; ++i) {
        if (reading[i]) row[i].read(block[i], n);
      }
    }
    any = false;
    for (std::size_t i = 0; i < panel.count; ++i) {
      reading[i] = reading[i] && row[i].more();
      any = any || reading[i];
    }
  }
  for (std::size_t at = 0; at < length; at += kBlock) {
    const std::size_t n = std::min(kBlock, length - at);
    panel.gather(0, at, n, block);
    for (std::size_t i = 0; i < panel.count; ++i) row[i].write(block[i], block[i], n);
    panel.scatter(1, at, n, block);
  }
}

template <class Row, class T>
void forward(const Rows<2>& rows, const std::array<T*, 2>& data, RowFunction f) {
  using C = Computed<T>;
  const RowKernels<C>& kernels = row_kernels<C>();
  parallel(rows.others.size(), rows.length, [&](std::size_t begin, std::size_t end) {
    Place<2> place(rows.others, begin);
    while (begin < end) {
      if (!std::is_same_v<T, C> || !rows.contiguous()) {
        const std::size_t n = std::min(kPanel<C>, end - begin);
        forward_panel<Row, T>(Panel<T, 2>(rows, data, &place, n), kernels, f);
        begin += n;
        continue;
      }
      if constexpr (std::is_same_v<T, C>) {
        const T* x = data[0] + place.offset(0);
        T* y = data[1] + place.offset(1);
        Row row(kernels, f);
        do {
          in_pieces(rows.length,
                    [&](std::size_t i, std::size_t n) { row.read_and_keep(x + i, y + i, n); });
        } while (row.more());
        in_pieces(rows.length, [&](std::size_t i, std::size_t n) { row.write(x + i, y + i, n); });
        place.advance(1);
        ++begin;
      }
    }
  });
}

struct Name {
  RowFunction function;
  const char* name;
  std::array<const char*, 2> aliases;
};
constexpr Name kNames[] = {
    {RowFunction::softmax, "softmax", {"Softmax", "Softmax2d"}},
    {RowFunction::log_softmax, "log_softmax", {"LogSoftmax", ""}},
    {RowFunction::softmin, "softmin", {"Softmin", ""}},
    {RowFunction::hardmax, "hardmax", {"Hardmax", ""}},
    {RowFunction::sparsemax, "sparsemax", {"Sparsemax", ""}},
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char s, char t) { return lower(s) == lower(t); });
}

}  // namespace

std::vector<std::string> row_function_names() {
  std::vector<std::string> all;
  for (const Name& n : kNames) all.emplace_back(n.name);
  return all;
}

std::string_view row_function_name(RowFunction f) {
  for (const Name& n : kNames) {
    if (n.function == f) return n.name;
  }
  return "";
}

RowFunction row_function(std::string_view name) {
  for (const Name& n : kNames) {
    if (same_word(name, n.name)) return n.function;
    for (const char* alias : n.aliases) {
      if (*alias != 0 && same_word(name, alias)) return n.function;
    }
  }
  std::string known;
  for (const Name& n : kNames) known += (known.empty() ? "" : ", ") + std::string(n.name);
  throw Error(quoted(name) + " is no function of rows; expected one of " + known);
}

template <class T>
void rowwise(RowFunction f, Strided<const std::type_identity_t<T>> x, Strided<T> y, int axis) {
  const Region in(x), result(y);
  check_input(in, "x");
  check_output(result, "y");
  check_same_shape(in, result, "x", "y");
  check_apart(in, result, "x", "y");
  const std::array<Strided<const T>, 2> views = {x, y};
  const Rows<2> rows(axis, views);
  if (rows.length == 0 || rows.others.size() == 0) return;
  const auto data = starts(views);
  switch (f) {
    case RowFunction::hardmax:
      return forward<HardmaxRow<Computed<T>>, T>(rows, data, f);
    case RowFunction::sparsemax:
      return forward<SparsemaxRow<Computed<T>>, T>(rows, data, f);
    case RowFunction::softmax:
    case RowFunction::log_softmax:
    case RowFunction::softmin:
      return forward<SoftmaxRow<Computed<T>>, T>(rows, data, f);
  }
  throw Error("no such function of rows");
}

template void rowwise<float>(RowFunction, Strided<const float>, Strided<float>, int);
template void rowwise<double>(RowFunction, Strided<const double>, Strided<double>, int);
template void rowwise<Float16>(RowFunction, Strided<const Float16>, Strided<Float16>, int);
template void rowwise<BFloat16>(RowFunction, Strided<const BFloat16>, Strided<BFloat16>, int);

}  // namespace gradkeep
