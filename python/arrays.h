// The arrays that Python hands over, as core's views. NumPy's come through the buffer protocol, PyTorch's
// and JAX's through DLPack; neither is copied, whatever the strides. bfloat16, which NumPy does not have, is
// that of ml_dtypes. Plain numbers and lists of them become float64.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/strided.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gradkeep::python {

namespace nb = nanobind;

enum class Number { f32, f64, f16, bf16 };
const char* text(Number number);  // NumPy's name of it, "float32"

// Calls call(T()) for the C++ type of a number.
template <class Call>
decltype(auto) with_type(Number number, const Call& call) {
  switch (number) {
    case Number::f32:
      return call(float());
    case Number::f64:
      return call(double());
    case Number::f16:
      return call(Float16());
    default:
      return call(BFloat16());
  }
}

// An array that a call reads, or with `written` writes. Holds on to its owner. Throws a TypeError or
// Error that begins with the argument's name.
class Array {
 public:
  Array(nb::handle object, const char* argument, bool written = false);
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  Number number() const { return number_; }
  std::size_t size() const;
  int rank() const { return view_.rank; }
  std::size_t extent(int axis) const { return view_.shape[axis]; }

  template <class T>
  Strided<T> view() const {
    Strided<T> out;
    out.data = reinterpret_cast<T*>(view_.data);
    out.rank = view_.rank;
    out.shape = view_.shape;
    out.strides = view_.strides;
    return out;
  }

  // A new NumPy array of this type and shape, and of the order in memory of NumPy's; with `halved` half as long
  // along that axis, which may be counted from the last.
  nb::object alike(std::optional<int> halved = {}) const;
  // What the caller gets: `result` itself or, unless it is `out`, a number where the argument was one.
  nb::object returned(nb::object result, nb::handle out) const;

 private:
  struct Release {
    void operator()(Py_buffer* buffer) const { PyBuffer_Release(buffer); }
  };

  enum class Kind { array, scalar, plain };  // an array, NumPy's number, a number or list of Python

  // Each takes the view if the object is of its kind. A buffer's numbers are those it tells unless given.
  bool take_buffer(nb::handle object, bool written, std::optional<Number> number);
  bool take_bfloat16(bool written);
  bool take_tensor(bool written);

  const char* argument_;
  nb::object object_;  // what the view is of
  Kind kind_ = Kind::array;
  Number number_ = Number::f64;
  Strided<char> view_;
  Py_buffer buffer_{};
  std::unique_ptr<Py_buffer, Release> buffered_;
  nb::ndarray<nb::ro> tensor_;
};

// `out` where the caller gave one, else a new array like x.
nb::object output(nb::handle out, const Array& x, std::optional<int> halved = {});

// Throws a TypeError unless the two have one type of numbers.
void check_alike(const Array& a, const char* a_name, const Array& b, const char* b_name);

}  // namespace gradkeep::python
