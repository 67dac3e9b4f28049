// The public face of core: what an activation function is to a caller. An Activation is a definition
// (one file in functions/) with its parameters bound; it computes value, slope and curvature over
// arrays, and Info tells what is known about the function. Nothing here prints, aborts or allocates
// per call. Round to nearest and gradual underflow are assumed; the control register is not touched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/float16.h>

#include <array>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep {

// Bad input by the caller: what() is one line that names what is wrong and what was expected.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// fast: a few ULP over the whole range, tails included. exact: correctly rounded with respect to the
// real value of the formula, hence the same bits on every machine.
enum class Tier { fast, exact };

// recommended: a parameter must lie within the bounds its author proposed. any: only where the
// function is defined at all.
enum class Bounds { recommended, any };

// No activation function has more.
inline constexpr int kMaxParameters = 4;

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// An interval of real numbers; an open end does not belong to it.
struct Interval {
  double low = -kInfinity, high = kInfinity;
  bool low_open = false, high_open = false;
  bool contains(double v) const {
    return (low_open ? v > low : v >= low) && (high_open ? v < high : v <= high);
  }
  std::string text() const;  // "(0, 1]"
};

struct Parameter {
  std::string name = {};
  double value = 0;           // the default
  Interval recommended = {};  // Bounds::recommended
  Interval any = {};          // Bounds::any; always finite values only
  bool learned = false;       // trained along with the weights (prelu's a)
  std::string meaning = {};
};

// A point where the value, slope or curvature jumps, and the convention there: which one-sided branch
// all three come from. The point may move with a parameter: then `at_parameter` is its index, and the
// kink lies at `times` its value; `at` is where it lies at the default.
struct Kink {
  double at = 0;
  int at_parameter = -1;
  double times = 1;
  std::string convention = {};  // "slope 0, from the branch x <= 0, as PyTorch"

  double position(std::span<const double> parameters) const {
    return at_parameter < 0 ? at : times * parameters[at_parameter] + 0.0;  // no -0
  }
};

// The limits of value, slope and curvature as x goes to the ends of the domain, -inf and +inf for almost
// all functions; where parameters matter these are computed for the parameters at hand. They are what
// x = -inf and +inf (or 0, where the domain ends there) give; a definition writes a zero that is
// approached from below as -0.0, so that gelu(-inf) is -0 as gelu is for every x far out.
// Activation::limits() tells zeros without a sign. NaN: there is no limit (a sine's).
struct Limits {
  std::array<double, 3> minus, plus;  // [order]; at the low and the high end
};

enum class Type { f32, f64 };

// One statement about accuracy, checked as written by the tests: over [low, high] the error of the
// fast tier is at most `ulp` units, and `worst` is an input that comes close to it. With scale > 0
// the unit is ulp(scale) instead of ulp(truth): the interval holds a zero of the function, where
// addends of size `scale` cancel. A claim with a scale overrides the others on its interval.
struct Claim {
  Type type;
  int order;  // 0 value, 1 slope, 2 curvature
  double ulp;
  double worst = 0;
  double low = -kInfinity, high = kInfinity;
  double scale = 0;
};

enum class Symmetry { none, odd, even, point };  // point: f(-x) = c - f(x)

// Everything that is known about a function besides how to compute it. Formulas are plain text.
struct Info {
  std::string name = {};
  std::vector<std::string> aliases = {};  // other frameworks' spellings
  std::string title = {};                 // "Gaussian error linear unit"
  std::string formula = {};               // "x Phi(x)"
  std::string slope = {};                 // "Phi(x) + x phi(x)"
  std::string curvature = {};             // "phi(x) (2 - x^2)"
  std::string derivation = {};            // a few lines: how the slope follows from the value
  std::vector<Parameter> parameters = {};
  Symmetry symmetry = Symmetry::none;
  std::vector<Kink> kinks = {};
  bool slope_from_output = false;     // is f'(x) a function of y = f(x), and worth having
  std::string from_output_note = {};  // the formula and what it loses
  // Names elsewhere, "" where absent.
  std::string torch = {}, keras = {}, jax = {}, onnx = {}, onednn = {};
  std::string paper = {};
};

class Activation;
namespace detail {
// core/definition.h
struct Definition;
enum class Arithmetic : unsigned char;
}  // namespace detail

// A function with its parameters bound. Cheap to copy; safe to use from several threads at once.
// Spans of one call must have equal sizes (Error otherwise); x and an output may be the same array.
class Activation {
 public:
  // "gelu", "elu(alpha=0.5)", "LeakyReLU(0.2)": a name or alias, then parameters by name or place.
  // Throws Error for an unknown name (with the nearest known one), parameter or a value outside
  // the bounds.
  explicit Activation(std::string_view text, Bounds bounds = Bounds::recommended);
  // With parameter values in the order of info().parameters.
  Activation(std::string_view name, std::span<const double> parameters, Bounds bounds);

  const Info& info() const;
  const std::vector<Claim>& claims() const;
  std::span<const double> parameters() const;
  std::string text() const;  // "elu(alpha=0.5)": canonical, parses back to the same function
  Interval domain() const;   // where the function is defined; outside all three orders are NaN
  Interval range() const;    // of the value, as mathematics
  Limits limits() const;
  std::vector<double> kinks() const;  // the points, ascending, for these parameters
  // Whether slope and curvature are functions of y for these parameters (prelu's need a >= 0).
  bool has_output_form() const;

  // Replaces the parameters (learned ones during training). Throws Error outside the bounds.
  void set_parameters(std::span<const double> parameters, Bounds bounds = Bounds::any);

  // T is float, double, Float16 or BFloat16. The 16-bit types are computed in wider lanes and rounded
  // once: 0.51 ULP in the fast tier.
  template <class T>
  void value(std::span<const T> x, std::span<T> y, Tier tier = Tier::fast) const;
  template <class T>
  void slope(std::span<const T> x, std::span<T> dy, Tier tier = Tier::fast) const;
  template <class T>
  void curvature(std::span<const T> x, std::span<T> d2y, Tier tier = Tier::fast) const;
  // Order 0, 1 or 2 of the above.
  template <class T>
  void evaluate(int order, std::span<const T> x, std::span<T> out, Tier tier = Tier::fast) const;
  template <class T>
  void value_and_slope(std::span<const T> x, std::span<T> y, std::span<T> dy) const;

  // From y = f(x) instead of x, where has_output_form(). Bound by what y still knows: where
  // y has rounded to its limit the slope is 0. Throws Error where the form does not exist.
  template <class T>
  void slope_from_output(std::span<const T> y, std::span<T> dy) const;
  template <class T>
  void curvature_from_output(std::span<const T> y, std::span<T> d2y) const;

  // dx = dy * f'(x); dx may be dy.
  template <class T>
  void backward(std::span<const T> x, std::span<const T> dy, std::span<T> dx) const;
  template <class T>
  void backward_from_output(std::span<const T> y, std::span<const T> dy, std::span<T> dx) const;

  // df/dp at each x for parameter number k.
  template <class T>
  void parameter_slope(int k, std::span<const T> x, std::span<T> out) const;

  // One number, in double, exact tier rounded from double-double: for theory and tables.
  double operator()(double x, int order = 0) const;

  const detail::Definition& definition() const { return *definition_; }

 private:
  const detail::Definition* definition_;
  std::array<double, kMaxParameters> parameters_{};
  detail::Arithmetic arithmetic_{};  // which these parameters need
};

// All registered names in alphabetical order (aliases not among them).
std::vector<std::string> names();
// The definition behind a name or alias, spelled in any case; nullptr if none.
const Info* find_info(std::string_view name);

// The SIMD target in use ("AVX3", "AVX2", "SSE4", "SCALAR"); GRADKEEP_TARGET in the environment
// chooses another when the library loads.
std::string_view target_name();
std::vector<std::string> target_names();  // those this processor can run, best first

std::string_view version();  // "0.1.0"

// The known name nearest to a misspelt one, or "" if none is near: for "did you mean".
std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace gradkeep
