// The report in a terminal: the verdict, wrapped, and the table of the deepest networks.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "report/report.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

std::string wrapped(const std::string& text, int columns) {
  std::istringstream words(text);
  std::string out, line, word;
  while (words >> word) {
    if (!line.empty() && width(line) + 1 + width(word) > columns) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + "\n";
}

// A column's head stands on as many lines as it has parts between commas.
std::vector<std::string> parts(const std::string& head) {
  std::vector<std::string> result;
  std::istringstream stream(head);
  for (std::string part; std::getline(stream, part, ',');)
    result.push_back(part.substr(part.find_first_not_of(' ')));
  return result;
}

struct Column {
  int width = 0;
  bool number = false;  // set to the right
};

// Of as many cells as there are columns.
std::string line(const std::vector<std::string>& cells, const std::vector<Column>& columns) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += (i == 0 ? "" : "  ") + padded(cells[i], columns[i].width, columns[i].number);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::string summary_text(const nlohmann::ordered_json& model, int columns) {
  std::string out = wrapped(model.at("verdict").at("headline"), columns);
  for (const auto& p : model.at("verdict").at("text")) out += wrapped(p, columns);
  const auto& table = model.at("table");
  const auto rows = table.at("rows").get<std::vector<std::vector<std::string>>>();
  const auto numbers = number_columns(rows);
  std::vector<std::vector<std::string>> heads;
  std::vector<Column> shown;
  std::size_t lines = 1;
  int taken = -2;
  for (const auto& h : table.at("head")) {
    const std::size_t i = heads.size();
    heads.push_back(parts(h));
    Column column{0, i < numbers.size() && numbers[i]};
    for (const auto& part : heads.back()) column.width = std::max(column.width, width(part));
    for (const auto& row : rows) column.width = std::max(column.width, width(row[i]));
    taken += column.width + 2;
    // What does not fit beside the others is left to the page; the first column always stands.
    if (shown.size() < i || (i > 0 && taken > columns)) continue;
    lines = std::max(lines, heads.back().size());
    shown.push_back(column);
  }
  const int left_out = static_cast<int>(heads.size() - shown.size());
  out += "\n" + wrapped(table.at("title").get<std::string>() + ":", columns);
  for (std::size_t k = 0; k < lines; ++k) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const std::size_t skip = lines - std::min(lines, heads[i].size());
      cells.push_back(k < skip ? "" : heads[i][k - skip]);
    }
    out += line(cells, shown);
  }
  for (const auto& row : rows) out += line(row, shown);
  if (left_out > 0) out += "(" + count(left_out, "more column") + " in the report)\n";
  return out;
}

}  // namespace gradkeep::report
