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

std::string line(const std::vector<std::string>& cells, const std::vector<int>& widths) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i)
    text += (i == 0 ? "" : "  ") + padded(cells[i], widths[i], i > 0);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::string summary_text(const nlohmann::ordered_json& model, int columns) {
  std::string out = wrapped(model.at("verdict").at("headline"), columns);
  for (const auto& p : model.at("verdict").at("text")) out += wrapped(p, columns);
  const auto& table = model.at("table");
  std::vector<std::vector<std::string>> heads;
  std::vector<int> widths;
  std::size_t lines = 1;
  for (const auto& h : table.at("head")) {
    heads.push_back(parts(h));
    lines = std::max(lines, heads.back().size());
    int w = 0;
    for (const auto& part : heads.back()) w = std::max(w, width(part));
    widths.push_back(w);
  }
  for (const auto& row : table.at("rows"))
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i].get<std::string>()));
  out += "\n" + wrapped(table.at("title").get<std::string>() + ":", columns);
  for (std::size_t k = 0; k < lines; ++k) {
    std::vector<std::string> cells;
    for (const auto& head : heads) {
      const std::size_t skip = lines - head.size();
      cells.push_back(k < skip ? "" : head[k - skip]);
    }
    out += line(cells, widths);
  }
  for (const auto& row : table.at("rows")) out += line(row.get<std::vector<std::string>>(), widths);
  return out;
}

}  // namespace gradkeep::report
