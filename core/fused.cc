// Blocks of whole rows where rows are short, else panels of columns; sums with the bias never leave the
// first-level cache.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/fused.h>

#include "core/arithmetic.h"
#include "core/parallel.h"
#include "core/views.h"

namespace gradkeep {
namespace {

using detail::kBlock;
using detail::Region;

template <class T>
std::size_t checked_rows(std::span<const T> x, std::span<const T> bias) {
  if (bias.empty() ? !x.empty() : x.size() % bias.size() != 0) {
    throw Error("x has " + std::to_string(x.size()) + " elements; expected rows of " +
                std::to_string(bias.size()) + ", as the bias has");
  }
  return bias.empty() ? 0 : x.size() / bias.size();
}

template <class A, class B>
void check_sizes(std::span<A> x, std::span<B> other, const char* name) {
  if (x.size() != other.size()) {
    throw Error(std::string(name) + " has " + std::to_string(other.size()) +
                " elements; expected " + std::to_string(x.size()) + ", as x");
  }
}

// Calls work(offset, rows, columns, first column) for blocks of a matrix; a block with more than one row
// holds whole rows.
template <class Work>
void for_row_blocks(std::size_t rows, std::size_t columns, const Work& work) {
  const std::size_t high = columns >= kBlock ? 1 : kBlock / columns;
  detail::parallel((rows + high - 1) / high, high * columns,
                   [&](std::size_t first, std::size_t last) {
                     for (std::size_t i = first; i < last; ++i) {
                       const std::size_t row = i * high, some = std::min(high, rows - row);
                       for (std::size_t c = 0; c < columns; c += kBlock) {
                         work(row * columns + c, some, std::min(kBlock, columns - c), c);
                       }
                     }
                   });
}

// sums[r * columns + c] = x + bias.
template <class T>
void add_bias(const T* x, const T* bias, T* sums, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r) {
    detail::add_blocks(x + r * columns, bias, sums + r * columns, columns);
  }
}

}  // namespace

template <class T>
void bias_value(const Activation& f, std::span<const std::type_identity_t<T>> x,
                std::span<const std::type_identity_t<T>> bias, std::span<T> y) {
  const std::size_t rows = checked_rows<T>(x, bias);
  check_sizes(x, y, "y");
  const Region result{Strided<T>(y)};
  detail::check_apart(Region(Strided<const T>(x)), result, "x", "y");
  detail::check_no_overlap(Region(Strided<const T>(bias)), result, "the bias", "y");
  if (rows == 0) return;
  for_row_blocks(rows, bias.size(),
                 [&](std::size_t at, std::size_t high, std::size_t wide, std::size_t column) {
                   alignas(64) T sums[kBlock];
                   add_bias(x.data() + at, bias.data() + column, sums, high, wide);
                   f.value(std::span<const T>(sums, high * wide), y.subspan(at, high * wide));
                 });
}

template <class T>
void bias_backward(const Activation& f, std::span<const std::type_identity_t<T>> x,
                   std::span<const std::type_identity_t<T>> bias,
                   std::span<const std::type_identity_t<T>> dy, std::span<T> dx,
                   std::span<std::type_identity_t<T>> dbias) {
  const std::size_t rows = checked_rows<T>(x, bias), columns = bias.size();
  check_sizes(x, dy, "dy");
  check_sizes(x, dx, "dx");
  if (dbias.size() != columns) {
    throw Error("dbias has " + std::to_string(dbias.size()) + " elements; expected " +
                std::to_string(columns) + ", as the bias");
  }
  const Region result{Strided<T>(dx)}, sums_out{Strided<T>(dbias)};
  const Region in_x{Strided<const T>(x)}, in_bias{Strided<const T>(bias)},
      in_dy{Strided<const T>(dy)};
  detail::check_apart(in_x, result, "x", "dx");
  detail::check_apart(in_dy, result, "dy", "dx");
  detail::check_no_overlap(in_bias, result, "the bias", "dx");
  detail::check_no_overlap(result, sums_out, "dx", "dbias");
  detail::check_no_overlap(in_x, sums_out, "x", "dbias");
  detail::check_no_overlap(in_dy, sums_out, "dy", "dbias");
  detail::check_no_overlap(in_bias, sums_out, "the bias", "dbias");
  // A column's sum takes its rows in order, so threads share the columns.
  const std::size_t panel = std::min(columns, kBlock);
  const std::size_t panels = panel == 0 ? 0 : (columns + panel - 1) / panel;
  detail::parallel(panels, rows * panel, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t column = i * panel, wide = std::min(panel, columns - column);
      const std::size_t high = columns < kBlock ? kBlock / columns : 1;
      detail::Sum sum[kBlock];
      for (std::size_t row = 0; row < rows; row += high) {
        const std::size_t some = std::min(high, rows - row), at = row * columns + column;
        alignas(64) T slope[kBlock];
        add_bias(x.data() + at, bias.data() + column, slope, some, wide);
        f.slope(std::span<const T>(slope, some * wide), std::span<T>(slope, some * wide));
        for (std::size_t e = 0; e < some * wide; ++e) {
          sum[e % wide].add(static_cast<double>(dy[at + e]) * static_cast<double>(slope[e]));
        }
        detail::multiply(dy.data() + at, slope, dx.data() + at, some * wide);
      }
      for (std::size_t c = 0; c < wide; ++c) {
        dbias[column + c] = T(static_cast<detail::Computed<T>>(sum[c].value()));
      }
    }
  });
}

#define GRADKEEP_INSTANTIATE(T)                                                             \
  template void bias_value<T>(const Activation&, std::span<const T>, std::span<const T>,    \
                              std::span<T>);                                                \
  template void bias_backward<T>(const Activation&, std::span<const T>, std::span<const T>, \
                                 std::span<const T>, std::span<T>, std::span<T>);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
