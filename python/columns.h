// A column of numbers as NumPy's array, which owns them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <initializer_list>
#include <vector>

namespace gradkeep::python {

namespace nb = nanobind;

// of(row) for each of the rows, in the shape given.
template <class Row, class Of>
auto array_of(const std::vector<Row>& rows, const Of& of,
              std::initializer_list<std::size_t> shape) {
  auto* values = new std::vector<double>;
  values->reserve(rows.size());
  for (const Row& row : rows) values->push_back(of(row));
  const nb::capsule owner(values,
                          [](void* v) noexcept { delete static_cast<std::vector<double>*>(v); });
  return nb::ndarray<nb::numpy, double>(values->data(), shape, owner);
}

}  // namespace gradkeep::python
