// A call through the C interface: its arguments become spans and views, its exceptions a status and a
// text that belongs to the thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/gradkeep.h>
#include <gradkeep/strided.h>

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace gradkeep::c {

struct Fault {
  std::int32_t status;
  std::string text;
};

// Remembers the text for gradkeep_last_error(); cut short where memory is.
void remember(const char* text) noexcept;
const char* last_error() noexcept;

template <class Call>
std::int32_t guarded(const Call& call) noexcept {
  try {
    call();
    return GRADKEEP_OK;
  } catch (const Fault& fault) {
    remember(fault.text.c_str());
    return fault.status;
  } catch (const Error& error) {
    remember(error.what());
    return GRADKEEP_INVALID;
  } catch (const std::bad_alloc&) {
    remember("no memory left");
    return GRADKEEP_MEMORY;
  } catch (const std::exception& error) {
    remember(error.what());
    return GRADKEEP_INTERNAL;
  } catch (...) {
    remember("an unknown exception");
    return GRADKEEP_INTERNAL;
  }
}

// Calls call(T()) for the type that dtype names.
template <class Call>
void with_type(std::int32_t dtype, const Call& call) {
  // NOLINTBEGIN(bugprone-branch-clone): each call is another instance
  switch (dtype) {
    case GRADKEEP_F32:
      return call(float());
    case GRADKEEP_F64:
      return call(double());
    case GRADKEEP_F16:
      return call(Float16());
    case GRADKEEP_BF16:
      return call(BFloat16());
    default:
      throw Fault{GRADKEEP_UNSUPPORTED,
                  "type " + std::to_string(dtype) +
                      ": expected 0 (float32), 1 (float64), 2 (float16) or 3 (bfloat16)"};
  }
  // NOLINTEND(bugprone-branch-clone)
}

template <class T, class Pointer>
std::span<T> span_of(Pointer* data, std::size_t n, const char* name) {
  if (n == 0) return {};
  if (data == nullptr) {
    throw Fault{GRADKEEP_INVALID, std::string(name) + " is null, expected an array"};
  }
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  if (address % alignof(T) != 0) {
    throw Fault{GRADKEEP_INVALID,
                std::string(name) + " is not aligned, expected an address that is a multiple of " +
                    std::to_string(alignof(T))};
  }
  constexpr auto most =
      static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(T);
  if (n > most || address > UINTPTR_MAX - n * sizeof(T)) {
    throw Fault{GRADKEEP_INVALID, std::string(name) + " has " + std::to_string(n) +
                                      " elements, which no memory holds"};
  }
  return {static_cast<T*>(data), n};
}

inline std::int32_t dtype_of(std::initializer_list<const gradkeep_array*> arrays) {
  for (const gradkeep_array* a : arrays) {
    if (a == nullptr) throw Fault{GRADKEEP_INVALID, "an array is null"};
    if (a->dtype != (*arrays.begin())->dtype) {
      throw Fault{GRADKEEP_INVALID,
                  "the arrays' types differ: " + std::to_string((*arrays.begin())->dtype) +
                      " and " + std::to_string(a->dtype)};
    }
  }
  return (*arrays.begin())->dtype;
}

template <class T>
Strided<T> array_of(const gradkeep_array* a) {
  if (a->rank < 0 || a->rank > kMaxRank) {
    throw Fault{GRADKEEP_INVALID, "an array has " + std::to_string(a->rank) +
                                      " axes; expected at most " + std::to_string(kMaxRank)};
  }
  if (a->rank > 0 && a->shape == nullptr) {
    throw Fault{GRADKEEP_INVALID, "an array's shape is null"};
  }
  T* data = static_cast<T*>(a->data);
  const std::span<const std::size_t> shape(a->shape, static_cast<std::size_t>(a->rank));
  if (a->strides == nullptr) return {data, shape};
  return {data, shape, std::span<const std::ptrdiff_t>(a->strides, shape.size())};
}

}  // namespace gradkeep::c
