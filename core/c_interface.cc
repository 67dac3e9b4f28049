// The C interface: arguments that only C can get wrong are looked at here, the C++ interface does the rest,
// and no exception passes.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gated.h>
#include <gradkeep/gradkeep.h>
#include <gradkeep/rows.h>
#include <gradkeep/strided.h>
#include <gradkeep/threads.h>

#include <cstdint>
#include <exception>
#include <limits>
#include <new>

#include "core/c_call.h"

using gradkeep::Activation;
using gradkeep::Strided;
using gradkeep::c::array_of;
using gradkeep::c::Fault;
using gradkeep::c::guarded;
using gradkeep::c::span_of;
using gradkeep::c::with_type;

struct gradkeep_activation {
  Activation f;
  std::string text;
};

namespace {

gradkeep::Bounds bounds_of(std::int32_t bounds) {
  if (bounds == GRADKEEP_RECOMMENDED) return gradkeep::Bounds::recommended;
  if (bounds == GRADKEEP_ANY) return gradkeep::Bounds::any;
  throw Fault{GRADKEEP_INVALID, "bounds " + std::to_string(bounds) + ": expected 0 or 1"};
}

gradkeep::Tier tier_of(std::int32_t tier) {
  if (tier == GRADKEEP_FAST) return gradkeep::Tier::fast;
  if (tier == GRADKEEP_EXACT) return gradkeep::Tier::exact;
  throw Fault{GRADKEEP_UNSUPPORTED, "tier " + std::to_string(tier) + ": expected 0 or 1"};
}

gradkeep::Gate gate_of(std::int32_t gate) {
  if (gate == GRADKEEP_GATE_FIRST) return gradkeep::Gate::first;
  if (gate == GRADKEEP_GATE_SECOND) return gradkeep::Gate::second;
  throw Fault{GRADKEEP_INVALID, "gate " + std::to_string(gate) + ": expected 0 or 1"};
}

void check_order(std::int32_t order, std::int32_t least) {
  if (order < least || order > 2) {
    throw Fault{GRADKEEP_UNSUPPORTED, "order " + std::to_string(order) + ": expected " +
                                          (least == 0 ? "0, 1 or 2" : "1 or 2")};
  }
}

const Activation& checked(const gradkeep_activation* f) {
  if (f == nullptr) throw Fault{GRADKEEP_INVALID, "the handle is null; gradkeep_open makes one"};
  return f->f;
}

const char* checked(const char* text) {
  if (text == nullptr) throw Fault{GRADKEEP_INVALID, "the function's name is null"};
  return text;
}

const Activation& with_output_form(const Activation& f) {
  if (!f.has_output_form()) {
    throw Fault{GRADKEEP_UNSUPPORTED,
                f.text() + ": its slope is no function of the output; expected the input"};
  }
  return f;
}

// Of the two ways to fail, a name that is not known is one that a test kit wants to tell apart.
Activation parsed(const char* text, gradkeep::Bounds bounds) {
  const std::string_view all = checked(text);
  std::string_view name = all.substr(0, all.find('('));
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
  try {
    return Activation(all, bounds);
  } catch (const gradkeep::Error& error) {
    throw Fault{gradkeep::find_info(name) ? GRADKEEP_INVALID : GRADKEEP_UNKNOWN, error.what()};
  }
}

// The function that this thread named last: a caller by name mostly repeats itself.
const Activation& named(const char* text) {
  thread_local std::string last;
  thread_local std::optional<Activation> function;
  const std::string_view wanted = checked(text);
  if (!function || last != wanted) {
    // In this order, so that whatever fails leaves no name with another's function.
    function.reset();
    last = wanted;
    function.emplace(parsed(text, gradkeep::Bounds::any));
  }
  return *function;
}

void apply(const Activation& f, std::int32_t order, std::int32_t dtype, std::int32_t tier,
           const void* x, void* out, std::size_t n) {
  check_order(order, 0);
  with_type(dtype, [&]<class T>(T) {
    f.evaluate<T>(order, span_of<const T>(x, n, "x"), span_of<T>(out, n, "the output"),
                  tier_of(tier));
  });
}

gradkeep::RowFunction row_function(const char* name) {
  try {
    return gradkeep::row_function(checked(name));
  } catch (const gradkeep::Error& error) {
    throw Fault{GRADKEEP_UNKNOWN, error.what()};
  }
}

}  // namespace

uint32_t gradkeep_abi(void) { return GRADKEEP_ABI; }
const char* gradkeep_version(void) { return gradkeep::version().data(); }
const char* gradkeep_last_error(void) { return gradkeep::c::last_error(); }

const char* gradkeep_target(void) {
  const char* name = "";
  guarded([&] { name = gradkeep::target_name().data(); });
  return name;
}

const char* gradkeep_name(size_t index) {
  const char* name = nullptr;
  guarded([&] {
    static const std::vector<std::string> names = gradkeep::names();
    if (index < names.size()) name = names[index].c_str();
  });
  return name;
}

int32_t gradkeep_set_threads(int32_t threads) {
  return guarded([&] { gradkeep::set_threads(threads); });
}

int32_t gradkeep_evaluate(const char* function, int32_t order, int32_t dtype, int32_t tier,
                          const void* x, void* out, size_t n) {
  return guarded([&] { apply(named(function), order, dtype, tier, x, out, n); });
}

int32_t gradkeep_open(const char* function, int32_t bounds, gradkeep_activation** f) {
  if (f != nullptr) *f = nullptr;
  return guarded([&] {
    if (f == nullptr) throw Fault{GRADKEEP_INVALID, "the place for the handle is null"};
    Activation made = parsed(function, bounds_of(bounds));
    std::string text = made.text();
    *f = new gradkeep_activation{made, std::move(text)};
  });
}

void gradkeep_close(gradkeep_activation* f) { delete f; }

const char* gradkeep_text(const gradkeep_activation* f) {
  const char* text = "";
  guarded([&] {
    checked(f);
    text = f->text.c_str();
  });
  return text;
}

size_t gradkeep_parameter_count(const gradkeep_activation* f) {
  size_t count = 0;
  guarded([&] { count = checked(f).parameters().size(); });
  return count;
}

const char* gradkeep_parameter_name(const gradkeep_activation* f, size_t index) {
  const char* name = nullptr;
  guarded([&] {
    const auto& parameters = checked(f).info().parameters;
    if (index < parameters.size()) name = parameters[index].name.c_str();
  });
  return name;
}

int32_t gradkeep_get_parameters(const gradkeep_activation* f, double* values, size_t count) {
  return guarded([&] {
    const auto own = checked(f).parameters();
    const auto to = span_of<double>(values, count, "the array of values");
    if (count != own.size()) {
      throw Fault{GRADKEEP_INVALID, f->text + " has " + std::to_string(own.size()) +
                                        " parameters; expected room for as many, got " +
                                        std::to_string(count)};
    }
    std::copy(own.begin(), own.end(), to.begin());
  });
}

int32_t gradkeep_set_parameters(gradkeep_activation* f, const double* values, size_t count,
                                int32_t bounds) {
  return guarded([&] {
    Activation changed = checked(f);
    changed.set_parameters(span_of<const double>(values, count, "the array of values"),
                           bounds_of(bounds));
    std::string text = changed.text();
    f->f = changed;
    f->text.swap(text);
  });
}

int32_t gradkeep_has_output_form(const gradkeep_activation* f) {
  int32_t form = 0;
  guarded([&] { form = checked(f).has_output_form() ? 1 : 0; });
  return form;
}

int32_t gradkeep_apply(const gradkeep_activation* f, int32_t order, int32_t dtype, int32_t tier,
                       const void* x, void* out, size_t n) {
  return guarded([&] { apply(checked(f), order, dtype, tier, x, out, n); });
}

int32_t gradkeep_value_and_slope(const gradkeep_activation* f, int32_t dtype, const void* x,
                                 void* y, void* dy, size_t n) {
  return guarded([&] {
    with_type(dtype, [&]<class T>(T) {
      checked(f).value_and_slope<T>(span_of<const T>(x, n, "x"), span_of<T>(y, n, "y"),
                                    span_of<T>(dy, n, "dy"));
    });
  });
}

int32_t gradkeep_from_output(const gradkeep_activation* f, int32_t order, int32_t dtype,
                             const void* y, void* out, size_t n) {
  return guarded([&] {
    check_order(order, 1);
    with_type(dtype, [&]<class T>(T) {
      const auto in = span_of<const T>(y, n, "y");
      const auto result = span_of<T>(out, n, "the output");
      const Activation& known = with_output_form(checked(f));
      order == 1 ? known.slope_from_output<T>(in, result)
                 : known.curvature_from_output<T>(in, result);
    });
  });
}

int32_t gradkeep_backward(const gradkeep_activation* f, int32_t dtype, const void* x,
                          const void* dy, void* dx, size_t n) {
  return guarded([&] {
    with_type(dtype, [&]<class T>(T) {
      checked(f).backward<T>(span_of<const T>(x, n, "x"), span_of<const T>(dy, n, "dy"),
                             span_of<T>(dx, n, "dx"));
    });
  });
}

int32_t gradkeep_parameter_slope(const gradkeep_activation* f, size_t index, int32_t dtype,
                                 const void* x, void* out, size_t n) {
  return guarded([&] {
    const int k = index < 1000 ? static_cast<int>(index) : 1000;
    with_type(dtype, [&]<class T>(T) {
      checked(f).parameter_slope<T>(k, span_of<const T>(x, n, "x"),
                                    span_of<T>(out, n, "the output"));
    });
  });
}

int32_t gradkeep_apply_array(const gradkeep_activation* f, int32_t order, int32_t tier,
                             const gradkeep_array* x, const gradkeep_array* out) {
  return guarded([&] {
    check_order(order, 0);
    with_type(gradkeep::c::dtype_of({x, out}), [&]<class T>(T) {
      gradkeep::evaluate<T>(checked(f), order, array_of<T>(x), array_of<T>(out), tier_of(tier));
    });
  });
}

int32_t gradkeep_backward_array(const gradkeep_activation* f, const gradkeep_array* x,
                                const gradkeep_array* dy, const gradkeep_array* dx) {
  return guarded([&] {
    with_type(gradkeep::c::dtype_of({x, dy, dx}), [&]<class T>(T) {
      gradkeep::backward<T>(checked(f), array_of<T>(x), array_of<T>(dy), array_of<T>(dx));
    });
  });
}

int32_t gradkeep_rowwise(const char* function, int32_t axis, const gradkeep_array* x,
                         const gradkeep_array* y) {
  return guarded([&] {
    with_type(gradkeep::c::dtype_of({x, y}), [&]<class T>(T) {
      gradkeep::rowwise<T>(row_function(function), array_of<T>(x), array_of<T>(y), axis);
    });
  });
}

int32_t gradkeep_rowwise_backward(const char* function, int32_t axis, const gradkeep_array* y,
                                  const gradkeep_array* dy, const gradkeep_array* dx) {
  return guarded([&] {
    with_type(gradkeep::c::dtype_of({y, dy, dx}), [&]<class T>(T) {
      gradkeep::rowwise_backward<T>(row_function(function), array_of<T>(y), array_of<T>(dy),
                                    array_of<T>(dx), axis);
    });
  });
}

int32_t gradkeep_gated(const gradkeep_activation* f, int32_t gate, int32_t axis,
                       const gradkeep_array* x, const gradkeep_array* y) {
  return guarded([&] {
    with_type(gradkeep::c::dtype_of({x, y}), [&]<class T>(T) {
      gradkeep::gated<T>({checked(f), gate_of(gate)}, array_of<T>(x), array_of<T>(y), axis);
    });
  });
}

int32_t gradkeep_gated_backward(const gradkeep_activation* f, int32_t gate, int32_t axis,
                                const gradkeep_array* x, const gradkeep_array* dy,
                                const gradkeep_array* dx) {
  return guarded([&] {
    with_type(gradkeep::c::dtype_of({x, dy, dx}), [&]<class T>(T) {
      gradkeep::gated_backward<T>({checked(f), gate_of(gate)}, array_of<T>(x), array_of<T>(dy),
                                  array_of<T>(dx), axis);
    });
  });
}
