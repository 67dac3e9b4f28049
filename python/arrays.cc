// SPDX-License-Identifier: Apache-2.0
#include "python/arrays.h"

#include <nanobind/stl/string.h>

#include <cstring>

#include "python/functions.h"

namespace gradkeep::python {
namespace {

// NumPy's functions, looked up once and kept until the interpreter ends.
struct Numpy {
  nb::object asarray, empty, empty_like, ndarray, generic, float64;
};

// Under Python's lock, which an import may hand to others for a while: no guard of C++ may be held meanwhile.
const Numpy& numpy() {
  static const Numpy* kept = nullptr;
  if (kept == nullptr) {
    const nb::module_ m = nb::module_::import_("numpy");
    auto made =
        std::make_unique<Numpy>(Numpy{m.attr("asarray"), m.attr("empty"), m.attr("empty_like"),
                                      m.attr("ndarray"), m.attr("generic"), m.attr("float64")});
    if (kept == nullptr) kept = made.release();
  }
  return *kept;
}

[[noreturn]] void refuse_type(const std::string& text) { throw nb::type_error(text.c_str()); }

// A number or a list of them: what has no type of its own.
bool is_plain(nb::handle object) {
  PyObject* const o = object.ptr();
  return PyFloat_CheckExact(o) || PyLong_Check(o) || PyList_CheckExact(o) || PyTuple_CheckExact(o);
}

bool is_numpys(nb::handle object) {
  return nb::isinstance(object, numpy().ndarray) || nb::isinstance(object, numpy().generic);
}

// ml_dtypes' numbers in NumPy's array or scalar.
bool holds_bfloat16(nb::handle object) {
  if (!is_numpys(object)) return false;
  const nb::object dtype = object.attr("dtype");
  return nb::cast<std::string>(dtype.attr("name")) == "bfloat16" &&
         nb::cast<bool>(dtype.attr("isnative"));
}

bool is_true(nb::handle object, const char* attribute) {
  return nb::hasattr(object, attribute) && PyObject_IsTrue(object.attr(attribute).ptr()) == 1;
}

// What the exception says, in one line.
std::string first_line(const nb::python_error& error) {
  const std::string all = nb::str(error.value()).c_str();
  return all.substr(0, all.find('\n'));
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

[[noreturn]] void refuse_numbers(const char* argument, nb::handle object) {
  const nb::object dtype = nb::getattr(object, "dtype", nb::none());
  refuse_type(std::string(argument) +
              (dtype.is_none() ? " is of type " + type_text(object)
                               : " holds " + std::string(nb::str(nb::handle(dtype)).c_str())) +
              "; expected float32, float64, float16 or bfloat16");
}

// Plain numbers as an array of float64.
nb::object as_float64(nb::handle object, const char* argument) {
  try {
    const nb::object array = numpy().asarray(object);
    const auto kind = nb::cast<std::string>(array.attr("dtype").attr("kind"));
    if (std::string_view("biuf").find(kind) == std::string_view::npos) {
      refuse_numbers(argument, array);
    }
    return numpy().asarray(array, numpy().float64);
  } catch (nb::python_error& error) {
    refuse_type(std::string(argument) + ": " + first_line(error));
  }
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
    kind_ = Kind::plain;
    object_ = as_float64(object, argument);
  } else if (nb::isinstance(object, numpy().generic)) {
    kind_ = Kind::scalar;
  }
  if (take_buffer(object_, written, {}) || take_bfloat16(written) || take_tensor(written)) return;
  if (!written && !is_numpys(object_) && nb::hasattr(object_, "__array__")) {
    object_ = numpy().asarray(object_);
    if (take_buffer(object_, written, {}) || take_bfloat16(written)) return;
  }
  if (written && is_numpys(object_) && !is_true(object_.attr("flags"), "writeable")) {
    throw Error(std::string(argument) + " is read-only");
  }
  refuse_numbers(argument, object_);
}

std::size_t Array::size() const {
  std::size_t n = 1;
  for (int a = 0; a < view_.rank; ++a) n *= view_.shape[a];
  return n;
}

bool Array::take_buffer(nb::handle object, bool written, std::optional<Number> number) {
  if (!object.type().is(numpy().ndarray) && nb::hasattr(object, "_mask")) {
    refuse_type(std::string(argument_) + " is masked; expected an array without a mask");
  }
  if (PyObject_CheckBuffer(object.ptr()) == 0) return false;
  if (PyObject_GetBuffer(object.ptr(), &buffer_, written ? PyBUF_RECORDS : PyBUF_RECORDS_RO) != 0) {
    PyErr_Clear();
    return false;
  }
  buffered_.reset(&buffer_);
  if (!number) {
    number = number_of(buffer_.format == nullptr ? "B" : buffer_.format, buffer_.itemsize);
  }
  if (!number) refuse_numbers(argument_, object);
  number_ = *number;
  view_.rank = checked_rank(argument_, static_cast<std::size_t>(buffer_.ndim));
  view_.data = static_cast<char*>(buffer_.buf);
  Py_ssize_t step =
      buffer_.itemsize;  // of what lies in one piece, where the owner tells no strides
  for (int a = view_.rank; a-- > 0; step *= buffer_.shape[a]) {
    const Py_ssize_t bytes = buffer_.strides == nullptr ? step : buffer_.strides[a];
    view_.shape[a] = static_cast<std::size_t>(buffer_.shape[a]);
    if (bytes % buffer_.itemsize != 0 && view_.shape[a] > 1) {
      throw Error(std::string(argument_) + " has a stride of " + std::to_string(bytes) +
                  " bytes; expected a multiple of " + std::to_string(buffer_.itemsize) +
                  ", an element's size");
    }
    view_.strides[a] = bytes / buffer_.itemsize;
  }
  return true;
}

// NumPy cannot describe the numbers of ml_dtypes in a buffer.
bool Array::take_bfloat16(bool written) {
  if (!holds_bfloat16(object_)) return false;
  const nb::object array = written ? object_ : numpy().asarray(object_);
  return take_buffer(array.attr("view")("uint16"), written, Number::bf16);
}

bool Array::take_tensor(bool written) {
  if (is_numpys(object_) || !nb::hasattr(object_, "__dlpack__")) return false;
  if (is_true(object_, "requires_grad")) {
    refuse_type(std::string(argument_) +
                " requires a gradient, which NumPy's interface cannot give; expected its detach()");
  }
  nb::ndarray<> writable;
  if (!(written ? nb::try_cast(object_, writable) : nb::try_cast(object_, tensor_))) {
    if (!written) return false;
    throw Error(std::string(argument_) + " is read-only, or shows no memory");
  }
  if (written) tensor_ = nb::ndarray<nb::ro>(writable);
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
  return true;
}

nb::object Array::alike(std::optional<int> halved) const {
  if (!halved && nb::isinstance(object_, numpy().ndarray)) {
    return numpy().empty_like(object_, nb::arg("subok") = false);
  }
  nb::list shape;
  for (int a = 0; a < view_.rank; ++a) {
    const bool half = a == halved || a - view_.rank == halved;
    shape.append(half ? view_.shape[a] / 2 : view_.shape[a]);
  }
  return numpy().empty(nb::tuple(shape), dtype_of(number_, argument_));
}

nb::object Array::returned(nb::object result, nb::handle out) const {
  if (!out.is_none() || view_.rank > 0 || kind_ == Kind::array) return result;
  return kind_ == Kind::plain ? result.attr("item")() : result[nb::tuple()];
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
