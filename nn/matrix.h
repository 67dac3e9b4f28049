// The two shapes in which the engine holds numbers: Matrix, a row-major rectangle that somebody
// else owns (rows are examples, columns are units), and Buffer, aligned memory that is sized once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace gradkeep::nn {

template <class T>
struct Matrix {
  T* data = nullptr;
  int rows = 0, cols = 0;

  T& operator()(int r, int c) const { return data[static_cast<std::size_t>(r) * cols + c]; }
  std::span<T> row(int r) const {
    return {data + static_cast<std::size_t>(r) * cols, static_cast<std::size_t>(cols)};
  }
  std::size_t size() const { return static_cast<std::size_t>(rows) * cols; }
  std::span<T> flat() const { return {data, size()}; }
  operator Matrix<const T>() const
    requires(!std::is_const_v<T>)
  {
    return {data, rows, cols};
  }
};

// Zero-initialised, on cache-line boundaries, so that no vector load of a kernel straddles two.
template <class T>
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size)
      : size_(size),
        data_(static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t{kAlignment}))) {
    for (std::size_t i = 0; i < size; ++i) data_[i] = T(0);
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<T> span() const { return {data_.get(), size_}; }
  Matrix<T> matrix(int rows, int cols) const { return {data_.get(), rows, cols}; }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete(p, std::align_val_t{kAlignment}); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<T[], Free> data_;
};

}  // namespace gradkeep::nn
