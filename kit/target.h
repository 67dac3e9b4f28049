// A target is whatever computes activation functions and is held against the truth: gradkeep itself, a
// shared object with the C interface, or a program. The last two run in a process of their own, so that
// a crash, a hang or garbage is a finding about the target and never an accident of the kit.
//
// A program answers on its standard output what it is asked on its standard input, until that ends. A
// question is a line of text and an array in NumPy's .npy format (one axis, little endian):
//
//     WHAT FUNCTION\n <npy>
//
// WHAT is value, slope, curvature, slope_from_output or curvature_from_output (the array then holds
// y = f(x)), or parameter_slope_K (df/dp of parameter number K, from 0); FUNCTION is gradkeep's text with all
// parameters, "elu(alpha=1)". The array's type says the number format: <f4, <f8, <f2, or <V2 for
// bfloat16. The answer is an array of the same length and type, or a line: "unsupported REASON" for what
// the target does not have, "error TEXT" for what went wrong. "describe -" with an empty array asks for
// its name and version, a line of text.
//
// Functions of rows and gated ones (kit/row_call.h) are asked for `value` and `backward` with an array of two
// axes; FUNCTION then names the axis that the rows lie along, "softmax(axis=1)", and the half that gates,
// "glu(gate=second,axis=1)". For `backward` the array holds along that axis x and then dy, and the answer
// is dx. The first question has no rows, so that a target without such functions need read one axis only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kit/number.h"

namespace gradkeep::kit {

struct Quantity {
  enum Kind {
    value,
    slope,
    curvature,
    slope_from_output,
    curvature_from_output,
    parameter_slope,
    backward  // of functions of rows: the vector-Jacobian product
  } kind = value;
  int parameter = 0;  // parameter_slope: which

  // Both throw Error for another word.
  static Quantity named(std::string_view word);   // "slope", "parameter_slope_0"
  static Kind kind_named(std::string_view word);  // "slope", "parameter_slope"

  std::string text() const;
  bool from_output() const { return kind == slope_from_output || kind == curvature_from_output; }
  int order() const { return from_output() ? kind - curvature : kind; }  // of no parameter_slope
  friend bool operator==(const Quantity&, const Quantity&) = default;
};

struct Question {
  std::string function;  // Activation::text() with every parameter
  Quantity what;
  Number number = Number::f32;

  friend bool operator==(const Question&, const Question&) = default;
  std::string word() const;  // the function without spaces: "hard_tanh(min=-1,max=1)"
};

// How arrays lie in memory: a shared object can be asked for more than one way.
struct Layout {
  std::optional<int> offset = {};  // elements between a boundary of 64 bytes and the arrays
  bool in_place = false;           // the output is the input's array
};

// An array of two axes, the last one innermost.
struct Matrix {
  std::array<std::size_t, 2> shape{};
  std::vector<double> values;
};

struct Answer {
  bool supported = true;
  std::string reason;  // why not
  std::vector<double> out;
};

// What a target did instead of answering: "killed by signal 11 (Segmentation fault)".
struct TargetFailure : Error {
  using Error::Error;
};

class Target {
 public:
  virtual ~Target() = default;
  // Name and version as it gives them, or its command.
  virtual std::string description() = 0;
  virtual bool has_layouts() const { return false; }
  // Throws TargetFailure; the target can be asked again afterwards.
  virtual Answer ask(const Question& question, std::span<const double> x, Layout layout = {}) = 0;
  // About a function of rows, with its axis; so is the answer's shape (RowCall::answer_shape).
  virtual Answer ask_rows(const Question& question, const Matrix& in, Layout layout = {}) = 0;
};

// This build, in the tier given.
std::unique_ptr<Target> self_target(Tier tier);

// A file that is a shared object, by its name (.so, .so.1, .dylib), otherwise a command line for the
// shell. A question that takes longer than timeout seconds is a failure. Throws Error if there is no such
// file.
std::unique_ptr<Target> open_target(const std::string& what, double timeout);

}  // namespace gradkeep::kit
