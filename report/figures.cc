// A reading as a model: its figures as rows of numbers, and the checks that keep a page from
// pointing nowhere.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <set>

#include "report/model.h"
#include "report/reading.h"

namespace gradkeep::report {
namespace {

constexpr std::size_t kKeyColumns = 8;

void require(bool holds, const std::string& problem) {
  if (!holds) throw Error("reading: " + problem);
}

void check_table(const TextTable& table) {
  for (const auto& row : table.rows)
    require(row.size() == table.head.size(),
            "table \"" + (table.id.empty() ? table.title : table.id) + "\" has a row of " +
                std::to_string(row.size()) + " cells, expected " +
                std::to_string(table.head.size()));
}

void check(const Reading& reading) {
  std::set<std::string> ids;
  const auto take = [&](const std::string& id, const std::string& what) {
    require(!id.empty(), what + " without an id");
    require(ids.insert(id).second, "the id \"" + id + "\" occurs twice");
  };
  int leads = 0;
  for (const auto& figure : reading.figures) {
    take(figure.id, "figure \"" + figure.title + "\"");
    leads += figure.lead;
    const int panels = figure.panels.empty() ? 1 : static_cast<int>(figure.panels.size());
    for (const auto& series : figure.series) {
      const std::string where = "figure \"" + figure.id + "\", series \"" + series.label + "\": ";
      require(series.panel >= 0 && series.panel < panels,
              where + "panel " + std::to_string(series.panel) + ", expected 0 to " +
                  std::to_string(panels - 1));
      for (const auto& mark : series.marks)
        require(figure.kind == Figure::Kind::lines ? mark.x == mark.x : !mark.category.empty(),
                where + (figure.kind == Figure::Kind::lines ? "a mark without x"
                                                            : "a mark without a category"));
    }
  }
  require(leads <= 1, std::to_string(leads) + " figures lead, expected at most one");
  check_table(reading.key);
  require(reading.key.head.size() <= kKeyColumns,
          "the key table has " + std::to_string(reading.key.head.size()) +
              " columns, expected at most " + std::to_string(kKeyColumns));
  for (const auto& table : reading.tables) {
    take(table.id, "table \"" + table.title + "\"");
    check_table(table);
  }
  std::set<std::string> findings;
  for (const auto& finding : reading.findings) {
    require(findings.insert(finding.id).second, "finding \"" + finding.id + "\" occurs twice");
    require(finding.figure.empty() || ids.contains(finding.figure),
            "finding \"" + finding.id + "\" points to \"" + finding.figure +
                "\", which is no figure and no table");
  }
}

Json scale_json(const Scale& scale) {
  Json json = {{"label", scale.label}, {"log", scale.log}};
  if (!scale.unit.empty()) json["unit"] = scale.unit;
  return json;
}

}  // namespace

Json figure_json(const Figure& figure) {
  static const char* const kKinds[] = {"lines", "dots", "heat"};
  Json rules = Json::array(), all = Json::array();
  for (const auto& rule : figure.rules)
    rules.push_back({{"label", rule.label}, {"value", rounded(rule.value)}});
  for (const auto& series : figure.series) {
    Json json = {{"label", series.label}, {"panel", series.panel}};
    if (!series.activation.empty()) json["activation"] = series.activation;
    Json at = Json::array();
    std::vector<Spread> row;
    for (const auto& mark : series.marks) {
      if (figure.kind == Figure::Kind::lines)
        at.push_back(rounded(mark.x));
      else
        at.push_back(mark.category);
      row.push_back(mark.y);
    }
    json["at"] = at;
    json["row"] = spread_row(row);
    all.push_back(std::move(json));
  }
  return {{"id", figure.id},
          {"kind", kKinds[static_cast<int>(figure.kind)]},
          {"heading", figure.heading},
          {"title", figure.title},
          {"caption", figure.caption},
          {"x", scale_json(figure.x)},
          {"y", scale_json(figure.y)},
          {"panels", figure.panels},
          {"rules", rules},
          {"series", all},
          {"lead", figure.lead}};
}

Json make_model(const Material& material, const Reading& reading) {
  check(reading);
  Json model = common_model(material.account(), reading.verdict, reading.key, reading.findings);
  for (const auto& table : reading.tables) model["tables"].push_back(table_json(table));
  for (const auto& figure : reading.figures) model["figures"].push_back(figure_json(figure));
  return model;
}

}  // namespace gradkeep::report
