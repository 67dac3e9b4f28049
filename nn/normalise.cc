// Batch and layer normalisation; see normalise.h. Columns are worked on a strip at a time, so that
// their sums stay on the stack while the rows pass by.
// SPDX-License-Identifier: Apache-2.0
#include "nn/normalise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/words.h"

namespace gradkeep::nn {
namespace {

constexpr int kStrip = 64;
using Sums = std::array<double, kStrip>;

// Calls each(first column, number of columns) for strips that cover all columns.
template <class Each>
void for_each_strip(int columns, Each each) {
  for (int first = 0; first < columns; first += kStrip) {
    each(first, std::min(kStrip, columns - first));
  }
}

// The sum over rows of term(row, column) for `count` columns from `first`.
template <class Term>
Sums column_sums(int rows, int first, int count, Term term) {
  Sums sums{};
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < count; ++j) sums[j] += term(r, first + j);
  }
  return sums;
}

template <class T>
T inverse_deviation(double variance) {
  return static_cast<T>(1 / std::sqrt(variance + kNormalisationEpsilon));
}

}  // namespace

Normalisation parse_normalisation(std::string_view text) {
  return data::parse_word<Normalisation>("normalisation", text,
                                         {{"none", Normalisation::none},
                                          {"batch", Normalisation::batch},
                                          {"layer", Normalisation::layer}});
}

template <class T>
void normalise_columns(Matrix<T> a, T* mean, T* variance, T* inverse) {
  const double rows = a.rows;
  for_each_strip(a.cols, [&](int first, int count) {
    Sums means = column_sums(a.rows, first, count, [&](int r, int j) { return double{a(r, j)}; });
    for (double& m : means) m /= rows;
    const Sums squares = column_sums(a.rows, first, count, [&](int r, int j) {
      const double d = a(r, j) - means[j - first];
      return d * d;
    });
    for (int j = 0; j < count; ++j) {
      mean[first + j] = static_cast<T>(means[j]);
      variance[first + j] = static_cast<T>(squares[j] / rows);
      inverse[first + j] = inverse_deviation<T>(squares[j] / rows);
    }
  });
  for (int r = 0; r < a.rows; ++r) {
    for (int j = 0; j < a.cols; ++j) a(r, j) = (a(r, j) - mean[j]) * inverse[j];
  }
}

template <class T>
void normalise_columns_by(Matrix<T> a, const T* mean, const T* variance) {
  for_each_strip(a.cols, [&](int first, int count) {
    std::array<T, kStrip> inverse;
    for (int j = 0; j < count; ++j) inverse[j] = inverse_deviation<T>(variance[first + j]);
    for (int r = 0; r < a.rows; ++r) {
      for (int j = 0; j < count; ++j) {
        a(r, first + j) = (a(r, first + j) - mean[first + j]) * inverse[j];
      }
    }
  });
}

template <class T>
void normalise_rows(Matrix<T> a, T* inverse) {
  const double units = a.cols;
  for (int r = 0; r < a.rows; ++r) {
    double sum = 0, squares = 0;
    for (const T v : a.row(r)) sum += v;
    const double mean = sum / units;
    for (const T v : a.row(r)) squares += (v - mean) * (v - mean);
    inverse[r] = inverse_deviation<T>(squares / units);
    for (T& v : a.row(r)) v = static_cast<T>(v - mean) * inverse[r];
  }
}

template <class T>
void scale_and_centre(Matrix<const T> n, const T* gamma, const T* beta, Matrix<T> h) {
  for (int r = 0; r < n.rows; ++r) {
    for (int j = 0; j < n.cols; ++j) h(r, j) = gamma[j] * n(r, j) + beta[j];
  }
}

template <class T>
void scale_and_centre_backward(Matrix<const T> dh, Matrix<const T> n, T* dgamma, T* dbeta) {
  for_each_strip(dh.cols, [&](int first, int count) {
    const Sums scales = column_sums(dh.rows, first, count,
                                    [&](int r, int j) { return double{dh(r, j)} * n(r, j); });
    const Sums centres =
        column_sums(dh.rows, first, count, [&](int r, int j) { return double{dh(r, j)}; });
    for (int j = 0; j < count; ++j) {
      dgamma[first + j] = static_cast<T>(scales[j]);
      dbeta[first + j] = static_cast<T>(centres[j]);
    }
  });
}

template <class T>
void normalise_columns_backward(Matrix<T> da, Matrix<const T> n, const T* gamma, const T* inverse) {
  const double rows = da.rows;
  for_each_strip(da.cols, [&](int first, int count) {
    const Sums sums =
        column_sums(da.rows, first, count, [&](int r, int j) { return double{da(r, j)}; });
    const Sums along = column_sums(da.rows, first, count,
                                   [&](int r, int j) { return double{da(r, j)} * n(r, j); });
    for (int r = 0; r < da.rows; ++r) {
      for (int j = 0; j < count; ++j) {
        const int at = first + j;
        // gamma is the same for the whole column and stands before the bracket.
        const double projected = da(r, at) - sums[j] / rows - n(r, at) * (along[j] / rows);
        da(r, at) = static_cast<T>(gamma[at] * inverse[at] * projected);
      }
    }
  });
}

template <class T>
void normalise_rows_backward(Matrix<T> da, Matrix<const T> n, const T* gamma, const T* inverse) {
  const double units = da.cols;
  for (int r = 0; r < da.rows; ++r) {
    double sum = 0, along = 0;
    for (int j = 0; j < da.cols; ++j) {
      da(r, j) *= gamma[j];
      sum += da(r, j);
      along += double{da(r, j)} * n(r, j);
    }
    for (int j = 0; j < da.cols; ++j) {
      const double projected = da(r, j) - sum / units - n(r, j) * (along / units);
      da(r, j) = static_cast<T>(inverse[r] * projected);
    }
  }
}

#define GRADKEEP_NORMALISE(T)                                                               \
  template void normalise_columns(Matrix<T>, T*, T*, T*);                                   \
  template void normalise_columns_by(Matrix<T>, const T*, const T*);                        \
  template void normalise_rows(Matrix<T>, T*);                                              \
  template void scale_and_centre(Matrix<const T>, const T*, const T*, Matrix<T>);           \
  template void scale_and_centre_backward(Matrix<const T>, Matrix<const T>, T*, T*);        \
  template void normalise_columns_backward(Matrix<T>, Matrix<const T>, const T*, const T*); \
  template void normalise_rows_backward(Matrix<T>, Matrix<const T>, const T*, const T*);
GRADKEEP_NORMALISE(float)
GRADKEEP_NORMALISE(double)
#undef GRADKEEP_NORMALISE

}  // namespace gradkeep::nn
