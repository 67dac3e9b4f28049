// A column of numbers as NumPy's array, which owns them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <initializer_list>
#include <memory>
#include <vector>

namespace gradkeep::python {

namespace nb = nanobind;

// of(row) for each of the rows, in the shape given.
template <class Row, class Of>
auto array_of(const std::vector<Row>& rows, const Of& of,
              std::initializer_list<std::size_t> shape) {
  auto made = std::make_unique<std::vector<double>>();
  made->reserve(rows.size());
  for (const Row& row : rows) made->push_back(of(row));
  auto* const values = made.get();
  const nb::capsule owner(made.release(),
                          [](void* v) noexcept { delete static_cast<std::vector<double>*>(v); });
  return nb::ndarray<nb::numpy, double>(values->data(), shape, owner);
}

}  // namespace gradkeep::python
