// A C++ struct as a read-only class that prints its fields: Record<Gains>(m, "Gains", "..").field(..).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string>

namespace gradkeep::python {

namespace nb = nanobind;

// Name(field=value, ..), from the names in the class's _fields.
inline std::string repr_of_fields(nb::handle self) {
  std::string out = nb::cast<std::string>(self.type().attr("__name__")) + "(";
  const char* between = "";
  for (const nb::handle name : self.type().attr("_fields")) {
    out += between + nb::cast<std::string>(name) + "=" +
           nb::cast<std::string>(nb::repr(self.attr(name)));
    between = ", ";
  }
  return out + ")";
}

template <class T>
class Record {
 public:
  Record(nb::module_& m, const char* name, const char* doc) : class_(m, name, doc) {
    class_.def("__repr__", &repr_of_fields);
  }
  ~Record() { class_.attr("_fields") = nb::tuple(names_); }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  template <class M>
  Record& field(const char* name, M T::* member) {
    class_.def_ro(name, member);
    names_.append(name);
    return *this;
  }
  template <class Of>
  Record& computed(const char* name, const Of& of) {
    class_.def_prop_ro(name, of, nb::rv_policy::automatic);
    names_.append(name);
    return *this;
  }

 private:
  nb::class_<T> class_;
  nb::list names_;
};

}  // namespace gradkeep::python
