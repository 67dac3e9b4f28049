// SPDX-License-Identifier: Apache-2.0
#include "cli/theory.h"

#include <algorithm>
#include <cmath>

#include "report/words.h"

namespace gradkeep::cli {

double parse_size(const std::string& text, const char* option, bool positive) {
  const double v = parse_number<double>(text, option);
  if (!(positive ? v > 0 : v >= 0) || std::isinf(v)) {
    throw Error(std::string(option) + " is " + text + ", expected a finite number " +
                (positive ? "above 0" : "of 0 or more"));
  }
  return v;
}

int parse_count(const std::string& text, const char* option, int most) {
  const double v = parse_number<double>(text, option);
  if (!(v >= 1 && v <= most && std::floor(v) == v)) {
    throw Error(std::string(option) + " is " + text + ", expected a whole number from 1 to " +
                std::to_string(most));
  }
  return static_cast<int>(v);
}

void add_weight_std(Verb verb, std::string& text) {
  verb.add_option("--weight-std", text,
                  "Weights have this standard deviation divided by the root of the fan-in: 1 is "
                  "Glorot's, sqrt(2) = 1.4142 He's")
      .type_name("S");
}

void add_bias_std(Verb verb, std::string& text) {
  verb.add_option("--bias-std", text, "The standard deviation of the biases (0)").type_name("B");
}

void print_table(Output& out, const std::vector<std::string>& titles,
                 const std::vector<std::vector<std::string>>& rows) {
  const std::vector<bool> numbers = report::number_columns(rows);
  std::vector<int> widths;
  for (std::size_t c = 0; c < titles.size(); ++c) {
    int width = report::width(titles[c]);
    for (const auto& row : rows) width = std::max(width, report::width(row[c]));
    widths.push_back(width);
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line = " ";
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += " " + report::padded(row[c], widths[c], numbers[c]) + " ";
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  };
  print(titles);
  for (const auto& row : rows) print(row);
}

void field_or_null(Json& json, const char* name, double v) {
  json.key(name);
  std::isnan(v) ? json.null() : json.value(v);
}

}  // namespace gradkeep::cli
