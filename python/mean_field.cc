// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>

#include "python/theory.h"

namespace gradkeep::python {
namespace {

// A callable of Python's, from any thread; dropped under the lock too.
class Called {
 public:
  explicit Called(nb::callable f)
      : f_(new nb::callable(std::move(f)), [](nb::callable* held) {
          const nb::gil_scoped_acquire lock;
          delete held;
        }) {}
  double operator()(double x) const {
    const nb::gil_scoped_acquire lock;
    const nb::object y = (*f_)(x);
    double number = 0;
    if (!nb::try_cast(y, number)) {
      throw nb::type_error(
          ("function gives a " + type_text(y) + " at " + std::to_string(x) + "; expected a number")
              .c_str());
    }
    return number;
  }

 private:
  std::shared_ptr<nb::callable> f_;
};

// The derivative by differences over five points, on one side of x where a kink is near: 1e-11 of a function that is
// smooth over 1e-3 of x.
double difference(const Called& f, const std::vector<double>& kinks, double x) {
  const double h = 1e-3 * std::max(1.0, std::abs(x));
  double side = 0;
  for (const double k : kinks) {
    if (std::abs(x - k) <= 2 * h) side = x > k ? 1 : -1;
  }
  if (side == 0) {
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
  }
  const double s = side * h;
  return (-25 * f(x) + 48 * f(x + s) - 36 * f(x + 2 * s) + 16 * f(x + 3 * s) - 3 * f(x + 4 * s)) /
         (12 * s);
}

std::string name_of(nb::handle function) {
  const nb::object name = nb::getattr(function, "__name__", nb::none());
  return nb::isinstance<nb::str>(name) ? nb::cast<std::string>(name) : type_text(function);
}

}  // namespace

MeanField mean_field(nb::handle function, const std::optional<nb::callable>& slope,
                     const std::vector<double>& kinks, const nb::kwargs& parameters) {
  const bool known = nb::isinstance<Activation>(function) || PyUnicode_Check(function.ptr()) != 0;
  if (known || PyCallable_Check(function.ptr()) == 0) {
    const Activation f = activation(function, parameters);
    if (slope || !kinks.empty()) {
      throw Error("slope and kinks are for a callable; those of " + f.info().name + " are known");
    }
    static auto& kept = *new std::unordered_map<std::string, MeanField>;
    constexpr std::size_t kMost = 64;
    const std::string text = f.text();
    if (const auto found = kept.find(text); found != kept.end()) return found->second;
    if (kept.size() >= kMost) kept.clear();
    return kept.emplace(text, MeanField(f)).first->second;
  }
  if (parameters.size() > 0) {
    throw nb::type_error("parameters are for functions by name; a callable has none");
  }
  const Called f(nb::borrow<nb::callable>(function));
  std::function<double(double)> derivative;
  if (slope) {
    derivative = Called(*slope);
  } else {
    derivative = [f, kinks](double x) { return difference(f, kinks, x); };
  }
  Nonlinearity phi(name_of(function), f, derivative, kinks);
  return MeanField(std::move(phi));
}

}  // namespace gradkeep::python
