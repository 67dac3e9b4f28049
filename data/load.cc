// One door to every data set, and the reader of NPY pairs; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "data/dataset.h"
#include "data/npy.h"
#include "data/target.h"
#include "data/words.h"

namespace gradkeep::data {
namespace {

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

// Cell (row, column), counted from 1 in the message.
double finite_cell(const NpyArray& array, const std::string& file, std::size_t i,
                   std::size_t columns) {
  const double value = array.number(i);
  if (!std::isfinite(value)) {
    throw Error(file + ": row " + std::to_string(i / columns + 1) + ", column " +
                std::to_string(i % columns + 1) + " is not a finite number");
  }
  return value;
}

void need_file(const std::string& file, const char* source, const char* key) {
  if (file.empty()) throw Error(std::string("data ") + source + ": " + key + " is missing");
}

}  // namespace

Dataset read_npy(const std::string& x_file, const std::string& y_file, Task task) {
  const NpyArray x(x_file), y(y_file);
  if (x.shape().size() != 2) {
    throw Error(x_file + ": has shape " + shape_text(x.shape()) +
                ", expected two dimensions: rows, features");
  }
  const bool column = y.shape().size() == 2 && y.shape()[1] == 1;
  if (y.shape().size() != 1 && !column) {
    throw Error(y_file + ": has shape " + shape_text(y.shape()) + ", expected one number a row");
  }
  if (x.shape()[0] != y.shape()[0]) {
    throw Error(y_file + ": has " + std::to_string(y.shape()[0]) + " rows, but " + x_file +
                " has " + std::to_string(x.shape()[0]));
  }
  Dataset set;
  set.name = x_file;
  set.rows = x.shape()[0];
  set.features = x.shape()[1];
  set.x.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    set.x.push_back(finite_cell(x, x_file, i, set.features));
  }
  std::vector<double> targets;
  for (std::size_t i = 0; i < y.size(); ++i) targets.push_back(finite_cell(y, y_file, i, 1));
  if (set.rows > 0) set_numeric_target(set, targets, task);
  check(set);
  return set;
}

std::vector<std::string> source_names() {
  return {"digits", "credit", "breast_cancer", "two_spirals", "xor", "separable", "csv", "npy"};
}

Dataset load(const Source& source) {
  if (source.name == "digits") return digits();
  if (source.name == "credit") return credit();
  if (source.name == "breast_cancer") return breast_cancer();
  if (source.name == "two_spirals") return two_spirals(source.rows, source.noise, source.seed);
  if (source.name == "xor") return xor_clouds(source.rows, source.noise, source.seed);
  if (source.name == "separable") return separable(source.rows, source.noise, source.seed);
  if (source.name == "csv") {
    need_file(source.file, "csv", "file");
    need_file(source.target, "csv", "target (the label column's name)");
    return read_csv(source.file, source.target, source.task);
  }
  if (source.name == "npy") {
    need_file(source.file, "npy", "file (x)");
    need_file(source.target_file, "npy", "target_file (y)");
    return read_npy(source.file, source.target_file, source.task);
  }
  unknown_word("data", source.name, source_names());
}

}  // namespace gradkeep::data
