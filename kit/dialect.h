// A dialect is what a framework means by a function where mathematics leaves a choice or it decided
// otherwise: the slope at a kink, defaults of parameters, a threshold, names. It is a file of
// declarations (kit/dialects/*.toml), no code, and states intentions: what a framework rounds away or
// loses is not its dialect. "limit" is mathematics with the conventions of gradkeep's own definitions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/gated.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::kit {

// What holds at one input, which may be NaN, instead of the truth; empty where the truth does.
struct Convention {
  double x = 0;
  std::optional<double> value, slope, curvature;
};

// Between two inputs, ends not among them, another function is meant: softplus is x beyond 20.
struct Piece {
  double above = -kInfinity, below = kInfinity;
  std::string is;
};

// About one function with its parameters.
struct Rule {
  std::vector<Convention> conventions;
  std::vector<Piece> pieces;
  bool any_slope_of_nan = false;  // slope and curvature of NaN are nobody's business
};

class Dialect {
 public:
  // "torch", "torch@2.11" for a version other than the one its file was checked with, "keras/jax" for a
  // backend other than the file's own. Throws Error for an unknown name, with those that are known.
  explicit Dialect(std::string_view name);

  const std::string& name() const { return name_; }  // as given
  // The rule for a function; empty where the dialect has nothing to add.
  Rule rule(const Activation& f) const;
  // Which half of a gated function gates; nothing where the dialect does not have it.
  std::optional<Gate> gate(std::string_view function) const;
  // Whether what a function of rows makes of a row with NaN is nobody's business.
  bool any_of_nan(std::string_view function) const;

 private:
  std::string name_, file_, version_, backend_;
};

// All of kit/dialects, by name.
std::vector<std::string> dialect_names();

}  // namespace gradkeep::kit
