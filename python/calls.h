// The ways of an array through core: there, and a gradient's way back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "python/arrays.h"
#include "python/functions.h"

namespace gradkeep::python {

// call(x, out), views of one type, into `out` or a new array like x, half as long along `halved`.
template <class Call>
nb::object mapped(nb::handle x, nb::handle out, std::optional<int> halved, const Call& call) {
  const Array in(x, "x");
  const nb::object result = output(out, in, halved);
  const Array to(result, "out", true);
  check_alike(in, "x", to, "out");
  with_type(in.number(), [&]<class T>(T) {
    unlocked(in.size(), [&] { call(in.view<const T>(), to.view<T>()); });
  });
  return in.returned(result, out);
}

// call(from, dy, dx): a gradient's way back through what has `from`, called `name`, as input or output.
template <class Call>
nb::object pulled_back(nb::handle from, const char* name, nb::handle dy, nb::handle out,
                       const Call& call) {
  const Array at(from, name), gradient(dy, "dy");
  check_alike(at, name, gradient, "dy");
  const nb::object result = output(out, at);
  const Array dx(result, "out", true);
  check_alike(at, name, dx, "out");
  with_type(at.number(), [&]<class T>(T) {
    unlocked(at.size(), [&] { call(at.view<const T>(), gradient.view<const T>(), dx.view<T>()); });
  });
  return at.returned(result, out);
}

}  // namespace gradkeep::python
