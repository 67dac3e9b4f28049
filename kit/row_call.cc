// SPDX-License-Identifier: Apache-2.0
#include "kit/row_call.h"

#include <algorithm>
#include <sstream>

#include "data/words.h"

namespace gradkeep::kit {
namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void set_argument(RowCall& call, const std::string& argument) {
  const bool gated = call.is_gated();
  if (argument == "axis=0" || argument == "axis=1") {
    call.axis = argument.back() - '0';
  } else if (gated && (argument == "gate=first" || argument == "gate=second")) {
    std::get<Gated>(call.function).gate = argument == "gate=first" ? Gate::first : Gate::second;
  } else {
    throw Error(call.name + " has no '" + argument + "': expected axis=0 or axis=1" +
                (gated ? ", gate=first or gate=second" : ""));
  }
}

// Elements `from` to `to` along the axis.
Matrix part_of(const Matrix& all, int axis, std::size_t from, std::size_t to) {
  const bool columns = axis == 1;
  const std::size_t top = columns ? 0 : from, bottom = columns ? all.shape[0] : to;
  const std::size_t left = columns ? from : 0, right = columns ? to : all.shape[1];
  Matrix part{{bottom - top, right - left}, {}};
  for (std::size_t i = top; i < bottom; ++i) {
    const auto row = all.values.begin() + static_cast<std::ptrdiff_t>(i * all.shape[1]);
    part.values.insert(part.values.end(), row + static_cast<std::ptrdiff_t>(left),
                       row + static_cast<std::ptrdiff_t>(right));
  }
  return part;
}

}  // namespace

std::optional<RowCall> RowCall::named(std::string_view text) {
  std::string word(text);
  std::erase(word, ' ');
  const std::size_t bracket = word.find('(');
  const std::string name = word.substr(0, bracket);
  std::optional<RowCall> call;
  if (is_among(row_function_names(), name)) call = {name, row_function(name)};
  if (is_among(gated_function_names(), name)) call = {name, gated_function(name)};
  if (!call || bracket == word.npos) return call;
  if (word.back() != ')') throw Error("'" + word + "' lacks its closing bracket");
  std::istringstream list(word.substr(bracket + 1, word.size() - bracket - 2));
  for (std::string argument; std::getline(list, argument, ',');) set_argument(*call, argument);
  return call;
}

std::optional<RowCall> RowCall::named(std::string_view text, const Dialect& dialect) {
  std::optional<RowCall> call = named(text);
  if (!call || !call->is_gated() || text.find("gate=") != text.npos) return call;
  Gated& gated = std::get<Gated>(call->function);
  gated.gate = dialect.gate(call->name).value_or(gated.gate);
  return call;
}

RowCall RowCall::of(std::string_view text) {
  if (auto call = named(text)) return *std::move(call);
  data::unknown_word("function of rows", text, row_call_names());
}

std::string RowCall::text() const {
  if (!is_gated()) return name;
  return name + (gated().gate == Gate::first ? "(gate=first)" : "(gate=second)");
}

std::string RowCall::axis_text() const {
  const std::string where = "axis=" + std::to_string(axis) + ")";
  if (!is_gated()) return name + "(" + where;
  return text().substr(0, text().size() - 1) + "," + where;
}

std::array<std::size_t, 2> RowCall::answer_shape(bool backward,
                                                 const std::array<std::size_t, 2>& shape) const {
  const auto along = static_cast<std::size_t>(axis);
  if (shape[along] % parts(backward) != 0) {
    throw Error(axis_text() + ": an extent of " + std::to_string(shape[along]) + ", expected " +
                std::to_string(parts(backward)) + " equal parts");
  }
  std::array<std::size_t, 2> out = shape;
  out[along] = shape[along] / parts(backward) * answer_parts(backward);
  return out;
}

std::array<Matrix, 2> RowCall::split(bool backward, const Matrix& in) const {
  const std::size_t end = in.shape[static_cast<std::size_t>(axis)];
  const std::size_t cut = backward ? end - end / parts(true) : end;
  return {part_of(in, axis, 0, cut), part_of(in, axis, cut, end)};
}

std::vector<std::string> row_call_names() {
  std::vector<std::string> names = row_function_names();
  for (const std::string& name : gated_function_names()) names.push_back(name);
  return names;
}

Matrix transposed(const Matrix& matrix) {
  const auto [rows, columns] = matrix.shape;
  Matrix turned{{columns, rows}, std::vector<double>(rows * columns)};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      turned.values[j * rows + i] = matrix.values[i * columns + j];
    }
  }
  return turned;
}

}  // namespace gradkeep::kit
