// The common parts, and the choice of who reads the store.
// SPDX-License-Identifier: Apache-2.0
#include "report/model.h"

#include <gradkeep/core.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "report/reading.h"
#include "report/report.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

constexpr int kSchemaVersion = 1;

Json findings_json(const std::vector<Finding>& findings) {
  static const char* const kLevels[] = {"problem", "cure", "note"};
  Json list = Json::array();
  for (const auto& f : findings) {
    Json evidence = Json::array();
    for (const auto& [what, value] : f.evidence)
      evidence.push_back({{"what", what}, {"value", value}});
    Json json = {{"id", f.id},
                 {"level", kLevels[static_cast<int>(f.level)]},
                 {"title", f.title},
                 {"text", f.text},
                 {"evidence", evidence}};
    if (!f.cause.empty()) json["cause"] = f.cause;
    if (!f.remedy.empty()) json["remedy"] = f.remedy;
    if (!f.figure.empty()) json["figure"] = f.figure;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

Json rounded(double v) {
  if (!std::isfinite(v)) return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", v);
  const double value = std::strtod(text, nullptr);
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

Json spread(const Spread& s) {
  return {{"mid", rounded(s.mid)}, {"low", rounded(s.low)}, {"high", rounded(s.high)}};
}

Json spread_row(const std::vector<Spread>& row) {
  Json mid = Json::array(), low = Json::array(), high = Json::array();
  for (const auto& s : row) {
    mid.push_back(rounded(s.mid));
    low.push_back(rounded(s.low));
    high.push_back(rounded(s.high));
  }
  return {{"mid", mid}, {"low", low}, {"high", high}};
}

Json table_json(const TextTable& table) {
  Json json = {{"title", table.title}, {"head", table.head}, {"rows", table.rows}};
  if (!table.id.empty()) json["id"] = table.id;
  if (!table.note.empty()) json["note"] = table.note;
  return json;
}

Json common_model(const Account& account, const Verdict& verdict, const TextTable& key,
                  const std::vector<Finding>& findings) {
  Json model = {{"schema_version", kSchemaVersion},
                {"generator", "gradkeep " + std::string(version())}};
  model["study"] = {
      {"name", account.session.study},
      {"title", account.session.title},
      {"description", account.session.description},
      {"seeds", account.seeds},
      {"steps", account.steps},
      {"chance", rounded(account.chance)},
      {"test_examples", account.test_examples},
      {"runs",
       {{"done", account.done}, {"planned", account.planned}, {"diverged", account.diverged}}},
      {"spec", account.session.spec}};
  model["verdict"] = {{"headline", verdict.headline}, {"text", verdict.text}};
  model["table"] = table_json(key);
  model["findings"] = findings_json(findings);
  model["method"] = Json::array();
  for (const auto& [what, value] : account.method)
    model["method"].push_back({{"what", what}, {"value", value}});
  if (!account.credits.empty()) model["credits"] = account.credits;
  model["tables"] = Json::array();
  model["figures"] = Json::array();
  return model;
}

Json make_model(const lab::Store& store) {
  const auto sessions = store.sessions();
  const std::string name = sessions.empty() ? "" : sessions.back().report;
  if (name.empty()) return general_model(store);
  const Read read = find_reading(name);
  if (!read)
    throw Error("store " + store.path() + " asks for the reading \"" + name + "\"; expected " +
                join(reading_names(), " or "));
  const Material material(store);
  return make_model(material, read(material));
}

}  // namespace gradkeep::report
