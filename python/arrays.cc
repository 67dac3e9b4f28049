// SPDX-License-Identifier: Apache-2.0
#include "python/arrays.h"

#include <nanobind/stl/string.h>

#include <cstring>

#include "python/functions.h"

namespace gradkeep::python {
namespace {

// NumPy's functions, looked up once and kept until the interpreter ends.
struct Numpy {
  nb::object asarray, empty, empty_like, ndarray, float64;
};

const Numpy& numpy() {
  static const Numpy* kept = [] {
    const nb::module_ m = nb::module_::import_("numpy");
    return new Numpy{m.attr("asarray"), m.attr("empty"), m.attr("empty_like"), m.attr("ndarray"),
                     m.attr("float64")};
  }();
  return *kept;
}

[[noreturn]] void refuse_type(const std::string& text) { throw nb::type_error(text.c_str()); }

// A number or a list of them: what has no type of its own.
bool is_plain(nb::handle object) {
  return PyFloat_CheckExact(object.ptr()) || PyLong_CheckExact(object.ptr()) ||
         PyList_CheckExact(object.ptr()) || PyTuple_CheckExact(object.ptr());
}

// ml_dtypes' numbers in NumPy's array.
bool holds_bfloat16(nb::handle object) {
  return nb::isinstance(object, numpy().ndarray) &&
         nb::cast<std::string>(object.attr("dtype").attr("name")) == "bfloat16";
}

nb::object dtype_of(Number number, const char* argument) {
  if (number != Number::bf16) return nb::str(text(number));
  try {
    return nb::module_::import_("ml_dtypes").attr("bfloat16");
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_ImportError)) throw;
    refuse_type(std::string(argument) + " holds bfloat16, which NumPy lacks: install ml_dtypes");
  }
}

// "f", with or without a mark of the machine's own byte order.
std::optional<Number> number_of(const char* format, Py_ssize_t size) {
  if (*format == '@' || *format == '=' || *format == '<') ++format;
  if (std::strcmp(format, "f") == 0 && size == 4) return Number::f32;
  if (std::strcmp(format, "d") == 0 && size == 8) return Number::f64;
  if (std::strcmp(format, "e") == 0 && size == 2) return Number::f16;
  return {};
}

std::optional<Number> number_of(nb::dlpack::dtype type) {
  const auto is = [&](nb::dlpack::dtype_code code, int bits) {
    return type.code == static_cast<std::uint8_t>(code) && type.bits == bits && type.lanes == 1;
  };
  if (is(nb::dlpack::dtype_code::Float, 32)) return Number::f32;
  if (is(nb::dlpack::dtype_code::Float, 64)) return Number::f64;
  if (is(nb::dlpack::dtype_code::Float, 16)) return Number::f16;
  if (is(nb::dlpack::dtype_code::Bfloat, 16)) return Number::bf16;
  return {};
}

// What an argument of no use is made of.
std::string found(nb::handle object) {
  if (nb::hasattr(object, "dtype")) {
    const nb::object dtype = object.attr("dtype");
    return "holds " + nb::cast<std::string>(nb::str(nb::handle(dtype)));
  }
  return "is of type " + type_text(object);
}

[[noreturn]] void refuse_numbers(const char* argument, nb::handle object) {
  refuse_type(std::string(argument) + " " + found(object) +
              "; expected float32, float64, float16 or bfloat16");
}

int checked_rank(const char* argument, std::size_t rank) {
  if (rank > kMaxRank) {
    throw Error(std::string(argument) + " has " + std::to_string(rank) +
                " axes; expected at most " + std::to_string(kMaxRank));
  }
  return static_cast<int>(rank);
}

}  // namespace

const char* text(Number number) {
  constexpr const char* kNames[] = {"float32", "float64", "float16", "bfloat16"};
  return kNames[static_cast<int>(number)];
}

Array::Array(nb::handle object, const char* argument, bool written)
    : argument_(argument), object_(nb::borrow(object)) {
  if (!written && is_plain(object)) {
    plain_ = true;
    object_ = numpy().asarray(object, numpy().float64);
  }
  if (PyObject_CheckBuffer(object_.ptr()) == 0) {
    take_tensor(written);
  } else if (PyObject_GetBuffer(object_.ptr(), &buffer_, written ? PyBUF_FULL : PyBUF_FULL_RO) ==
             0) {
    take_buffer({});
  } else {
    // NumPy cannot describe the numbers of ml_dtypes in a buffer.
    const nb::python_error error;
    if (!holds_bfloat16(object_)) {
      refuse_type(std::string(argument_) + ": " + std::string(nb::str(error.value()).c_str()));
    }
    const nb::object bits = object_.attr("view")("uint16");
    if (PyObject_GetBuffer(bits.ptr(), &buffer_, written ? PyBUF_FULL : PyBUF_FULL_RO) != 0) {
      throw nb::python_error();
    }
    take_buffer(Number::bf16);
  }
}

std::size_t Array::size() const {
  std::size_t n = 1;
  for (int a = 0; a < view_.rank; ++a) n *= view_.shape[a];
  return n;
}

void Array::take_buffer(std::optional<Number> number) {
  buffered_.reset(&buffer_);
  if (!number) number = number_of(buffer_.format, buffer_.itemsize);
  if (!number) refuse_numbers(argument_, object_);
  number_ = *number;
  view_.rank = checked_rank(argument_, static_cast<std::size_t>(buffer_.ndim));
  view_.data = static_cast<char*>(buffer_.buf);
  for (int a = 0; a < view_.rank; ++a) {
    view_.shape[a] = static_cast<std::size_t>(buffer_.shape[a]);
    if (buffer_.strides[a] % buffer_.itemsize != 0 && view_.shape[a] > 1) {
      throw Error(std::string(argument_) + " has a stride of " +
                  std::to_string(buffer_.strides[a]) + " bytes; expected a multiple of " +
                  std::to_string(buffer_.itemsize) + ", an element's size");
    }
    view_.strides[a] = buffer_.strides[a] / buffer_.itemsize;
  }
}

void Array::take_tensor(bool written) {
  if (nb::hasattr(object_, "requires_grad") && nb::cast<bool>(object_.attr("requires_grad"))) {
    refuse_type(std::string(argument_) +
                " requires a gradient, which NumPy's interface cannot give; expected its detach()");
  }
  nb::ndarray<> writable;
  if (written ? nb::try_cast(object_, writable) : nb::try_cast(object_, tensor_)) {
    if (written) tensor_ = nb::ndarray<nb::ro>(writable);
  } else {
    refuse_numbers(argument_, object_);
  }
  if (tensor_.device_type() != nb::device::cpu::value) {
    throw Error(std::string(argument_) + " lies on another device; expected memory of the CPU");
  }
  const auto number = number_of(tensor_.dtype());
  if (!number) refuse_numbers(argument_, object_);
  number_ = *number;
  view_.rank = checked_rank(argument_, tensor_.ndim());
  view_.data = static_cast<char*>(const_cast<void*>(tensor_.data()));
  for (int a = 0; a < view_.rank; ++a) {
    view_.shape[a] = tensor_.shape(a);
    view_.strides[a] = tensor_.stride(a);
  }
}

nb::object Array::alike(std::optional<int> halved) const {
  if (!halved && nb::isinstance(object_, numpy().ndarray)) {
    return numpy().empty_like(object_, nb::arg("subok") = false);
  }
  nb::list shape;
  for (int a = 0; a < view_.rank; ++a) {
    shape.append(a == halved ? view_.shape[a] / 2 : view_.shape[a]);
  }
  return numpy().empty(nb::tuple(shape), dtype_of(number_, argument_));
}

nb::object Array::returned(nb::object result) const {
  if (plain_ && view_.rank == 0) return result.attr("item")();
  return result;
}

nb::object output(nb::handle out, const Array& x, std::optional<int> halved) {
  return out.is_none() ? x.alike(halved) : nb::borrow(out);
}

void check_alike(const Array& a, const char* a_name, const Array& b, const char* b_name) {
  if (a.number() == b.number()) return;
  refuse_type(std::string(b_name) + " holds " + text(b.number()) + "; expected " +
              text(a.number()) + ", as " + a_name + " does");
}

}  // namespace gradkeep::python
