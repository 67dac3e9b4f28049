// Functions of rows as the kit asks for them: softmax and its kin, and the gated ones, along either axis of an array
// of two. A call is a name with the half that gates, if any, and the axis; it knows which shapes go in and
// come out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/gated.h>
#include <gradkeep/rows.h>

#include <array>
#include <optional>
#include <string>
#include <variant>

#include "kit/dialect.h"
#include "kit/target.h"

namespace gradkeep::kit {

struct RowCall {
  std::string name;  // "softmax", "swiglu"
  std::variant<RowFunction, Gated> function;
  int axis = 1;

  // "softmax", "glu(gate=first)", "softmax(axis=0)". Nothing where the name is no function of rows, nor a
  // gated one; throws Error where what is in brackets is wrong.
  static std::optional<RowCall> named(std::string_view text);
  static RowCall of(std::string_view text);  // throws Error for another name too
  // With the dialect's gate where the text leaves it open.
  static std::optional<RowCall> named(std::string_view text, const Dialect& dialect);

  bool is_gated() const { return function.index() == 1; }
  const Gated& gated() const { return std::get<Gated>(function); }
  RowFunction rowwise() const { return std::get<RowFunction>(function); }
  std::string text() const;       // "softmax", "glu(gate=second)": in reports
  std::string axis_text() const;  // with the axis: in questions

  // Of how many parts an array is made along the axis: x, which has two halves for a gated function, and dy.
  std::size_t parts(bool backward) const { return (is_gated() ? 2 : 1) + (backward ? 1 : 0); }
  std::size_t answer_parts(bool backward) const { return is_gated() && backward ? 2 : 1; }
  // x and dy of what is asked; dy is empty where nothing goes backward.
  std::array<Matrix, 2> split(bool backward, const Matrix& in) const;
  // Throws Error where the extent along the axis has no such parts.
  std::array<std::size_t, 2> answer_shape(bool backward,
                                          const std::array<std::size_t, 2>& shape) const;
};
std::vector<std::string> row_call_names();

Matrix transposed(const Matrix& matrix);

}  // namespace gradkeep::kit
