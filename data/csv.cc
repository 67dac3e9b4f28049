// Reading a table of comma-separated values with a header line: cells may stand in double quotes
// (doubled inside), lines may end in \n or \r\n, a byte order mark is skipped, empty lines are too.
// Every message names file, line and column, both counted from 1; a column also by its name.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "data/dataset.h"
#include "data/target.h"
#include "data/words.h"

namespace gradkeep::data {
namespace {

struct Row {
  std::size_t line = 0;  // where it starts
  std::vector<std::string> cells;
};

std::string whole_file(const std::string& file) {
  std::error_code failure;
  if (std::filesystem::is_directory(file, failure)) throw Error(file + ": is a directory");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(file + ": cannot be read");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) throw Error(file + ": cannot be read to its end");
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  return text;
}

std::string place(const std::string& file, std::size_t line, std::size_t column) {
  return file + ", line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Walks through the text and hands out one row after the other.
class Reader {
 public:
  Reader(const std::string& file, std::string_view text) : file_(file), text_(text) {}

  std::optional<Row> next() {
    while (at_ < text_.size()) {
      Row row{line_, {}};
      do row.cells.push_back(cell(row.cells.size() + 1));
      while (take(','));
      end_line();
      if (row.cells.size() > 1 || !row.cells[0].empty()) return row;
    }
    return std::nullopt;
  }

 private:
  bool take(char symbol) {
    if (at_ == text_.size() || text_[at_] != symbol) return false;
    ++at_;
    return true;
  }

  void end_line() {
    take('\r');
    if (take('\n')) ++line_;
  }

  bool at_end_of_cell() const {
    return at_ == text_.size() || text_[at_] == ',' || text_[at_] == '\n' ||
           text_.substr(at_, 2) == "\r\n";
  }

  std::string cell(std::size_t column) {
    if (take('"')) return quoted_cell(column);
    const std::size_t start = at_;
    while (!at_end_of_cell()) ++at_;
    return std::string(trimmed(text_.substr(start, at_ - start)));
  }

  std::string quoted_cell(std::size_t column) {
    const std::size_t line = line_;
    std::string cell;
    while (true) {
      if (at_ == text_.size()) {
        throw Error(place(file_, line, column) + ": a quotation mark is never closed");
      }
      const char symbol = text_[at_++];
      if (symbol == '"' && !take('"')) break;
      line_ += symbol == '\n';
      cell += symbol;
    }
    if (!at_end_of_cell()) {
      throw Error(place(file_, line_, column) + ": text after the closing quotation mark");
    }
    return cell;
  }

  const std::string& file_;
  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
};

struct Number {
  enum { none, fits, outside } kind = none;  // outside: a number, but not one of float64's
  double value = 0;
};

Number number(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  Number found;
  const char *first = cell.data(), *end = first + cell.size();
  const auto [stop, failure] = std::from_chars(first, end, found.value);
  if (stop != end) return found;
  if (failure == std::errc()) found.kind = Number::fits;
  if (failure == std::errc::result_out_of_range) found.kind = Number::outside;
  return found;
}

// A table under construction: knows the names, so that every complaint can say where.
class Table {
 public:
  Table(std::string file, std::vector<std::string> names, const std::string& target, Task task)
      : file_(std::move(file)), names_(std::move(names)), task_(task) {
    const auto found = std::find(names_.begin(), names_.end(), target);
    if (found == names_.end()) missing(target);
    if (std::find(found + 1, names_.end(), target) != names_.end()) {
      throw Error(file_ + ", line 1: two columns are named '" + target + "'");
    }
    if (names_.size() < 2) {
      throw Error(file_ + ", line 1: " + in_quotes(target) +
                  " is the only column, expected features too");
    }
    target_ = static_cast<std::size_t>(found - names_.begin());
  }

  void add(const Row& row) {
    if (row.cells.size() != names_.size()) {
      throw Error(file_ + ", line " + std::to_string(row.line) + ": has " +
                  std::to_string(row.cells.size()) + " cells, the header has " +
                  std::to_string(names_.size()));
    }
    for (std::size_t c = 0; c < names_.size(); ++c) {
      if (c != target_) set_.x.push_back(feature(row, c));
    }
    add_target(row);
    ++set_.rows;
  }

  Dataset finished() && {
    if (set_.rows == 0) throw Error(file_ + ": has a header but no rows");
    set_.name = file_;
    set_.features = names_.size() - 1;
    for (std::size_t c = 0; c < names_.size(); ++c) {
      if (c != target_) set_.feature_names.push_back(names_[c]);
    }
    if (numeric_) {
      set_numeric_target(set_, numbers_, task_);
    } else {
      set_named_target(set_, words_);
    }
    check(set_);
    return std::move(set_);
  }

 private:
  [[noreturn]] void missing(const std::string& target) const {
    const std::string near = nearest(target, names_);
    std::string message = file_ + ", line 1: no column is named " + in_quotes(target);
    throw Error(near.empty() ? message : message + " (did you mean " + in_quotes(near) + "?)");
  }

  [[noreturn]] void wrong(const Row& row, std::size_t c, const std::string& what) const {
    throw Error(place(file_, row.line, c + 1) + " (" + in_quotes(names_[c]) + "): " + what);
  }

  double feature(const Row& row, std::size_t c) const {
    const std::string& cell = row.cells[c];
    if (cell.empty()) wrong(row, c, "the cell is empty, expected a number");
    const Number found = number(cell);
    if (found.kind == Number::none) wrong(row, c, in_quotes(cell) + " is not a number");
    refuse_extremes(row, c, found);
    return found.value;
  }

  void refuse_extremes(const Row& row, std::size_t c, const Number& found) const {
    const std::string cell = in_quotes(row.cells[c]);
    if (found.kind == Number::outside) {
      wrong(row, c, cell + " is outside the numbers of float64, 4.9e-324 to 1.8e308");
    }
    if (!std::isfinite(found.value)) wrong(row, c, cell + " is not a finite number");
  }

  // The first row decides whether targets are numbers or names, unless the task does.
  void add_target(const Row& row) {
    const std::string& cell = row.cells[target_];
    if (cell.empty()) wrong(row, target_, "the cell is empty, expected a target");
    const Number found = number(cell);
    const bool value = found.kind != Number::none;
    if (set_.rows == 0) numeric_ = value || task_ == Task::regression;
    if (task_ == Task::classification && !value) numeric_ = false;
    words_.push_back(cell);
    if (!numeric_ && value && task_ == Task::automatic) {
      wrong(row, target_,
            "'" + cell +
                "' is a number, the rows before have names; task = "
                "\"classification\" takes all of them as names");
    }
    if (!numeric_) return;
    if (!value) {
      wrong(row, target_,
            in_quotes(cell) + " is not a number" +
                (task_ == Task::automatic ? ", as the rows before have" : ""));
    }
    refuse_extremes(row, target_, found);
    numbers_.push_back(found.value);
  }

  std::string file_;
  std::vector<std::string> names_;
  Task task_;
  std::size_t target_ = 0;
  bool numeric_ = true;
  std::vector<double> numbers_;
  std::vector<std::string> words_;
  Dataset set_;
};

}  // namespace

Dataset read_csv(const std::string& file, const std::string& target, Task task) {
  const std::string text = whole_file(file);
  Reader reader(file, text);
  const std::optional<Row> header = reader.next();
  if (!header) throw Error(file + ": is empty, expected a header line");
  Table table(file, header->cells, target, task);
  while (const std::optional<Row> row = reader.next()) table.add(*row);
  return std::move(table).finished();
}

}  // namespace gradkeep::data
