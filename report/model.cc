// The model: what was gathered and found, as JSON. Measured numbers are rounded to four significant
// digits, more than any of them deserves; a number that is not finite is null.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "data/dataset.h"
#include "report/findings.h"
#include "report/gather.h"
#include "report/phrases.h"
#include "report/report.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

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

Json middle_row(const std::vector<Spread>& row) { return spread_row(row)["mid"]; }

template <class Write>
Json over_time(const Rows& rows, Write write) {
  Json result = Json::object();
  if (!rows[kStart].empty()) result["start"] = write(rows[kStart]);
  if (!rows[kEnd].empty()) result["end"] = write(rows[kEnd]);
  return result;
}

Json curve(const Cell& cell) {
  Json steps = Json::array(), seconds = Json::array();
  std::vector<Spread> loss, accuracy;
  bool has_accuracy = false;
  for (const auto& p : cell.curve) {
    steps.push_back(p.step);
    seconds.push_back(rounded(p.seconds));
    loss.push_back(p.loss);
    accuracy.push_back(p.accuracy);
    has_accuracy = has_accuracy || p.accuracy.known();
  }
  Json result = {{"steps", steps}, {"seconds", seconds}, {"loss", spread_row(loss)}};
  if (has_accuracy) result["accuracy"] = spread_row(accuracy);
  return result;
}

Json cell_json(const Gathered& g, const Cell& cell) {
  Json reached = Json::array();
  for (const auto& r : cell.reached)
    reached.push_back(
        {{"seeds", r.seeds}, {"steps", rounded(r.steps.mid)}, {"seconds", rounded(r.seconds.mid)}});
  Json json = {{"activation", cell.activation},
               {"depth", cell.depth},
               {"setting", g.settings[cell.setting].name},
               {"initialiser", cell.initialiser},
               {"seeds", cell.seeds},
               {"diverged", cell.diverged},
               {"learned_something", learns(g, cell)},
               {"loss", spread(cell.loss)},
               {"reached", reached},
               {"step_seconds", rounded(cell.step_seconds)}};
  if (cell.accuracy.known()) json["accuracy"] = spread(cell.accuracy);
  if (cell.activation_share.known()) json["activation_share"] = spread(cell.activation_share);
  if (cell.curve.size() > 1) json["curve"] = curve(cell);
  json["gradient"] = over_time(cell.gradient, spread_row);
  json["slope_gain"] = over_time(cell.slope_gain, middle_row);
  json["weight_gain"] = over_time(cell.weight_gain, middle_row);
  json["saturated"] = over_time(cell.saturated, middle_row);
  json["dead"] = over_time(cell.dead, middle_row);
  for (const auto& [parameter, row] : cell.learned) json["learned"][parameter] = spread_row(row);
  return json;
}

// The picture of the study. A predicted series, when theory has one, goes between these.
Json hero(const Gathered& g, const Patient& patient) {
  if (!patient.sick || patient.sick->depth < 2) return nullptr;
  const Cell& sick = *patient.sick;
  const auto& measured = sick.gradient[kStart];
  if (measured.empty() || !(measured.back().mid > 0)) return nullptr;
  const double slope_max = g.slope_max.at(sick.activation);
  std::vector<Spread> bound;
  for (int layer = 1; layer <= sick.depth; ++layer) {
    const double v = measured.back().mid * std::pow(slope_max, sick.depth - layer);
    bound.push_back({v, v, v});
  }
  const auto note = [&](const Cell& c) {
    return g.classification() ? "test accuracy " + percent(c.accuracy.mid)
                              : "training loss " + number(c.loss.mid);
  };
  Json series = Json::array();
  series.push_back({{"role", "bound"},
                    {"label", "chain bound " + number(slope_max) + "ᵏ"},
                    {"note", "k layers back"},
                    {"row", spread_row(bound)}});
  series.push_back({{"role", "sick"},
                    {"label", sick.activation + ", " + g.settings[sick.setting].label},
                    {"note", note(sick)},
                    {"row", spread_row(measured)}});
  if (patient.cured && !patient.cured->gradient[kStart].empty())
    series.push_back(
        {{"role", "cured"},
         {"label", patient.cured->activation + ", " + g.settings[patient.cured->setting].label},
         {"note", note(*patient.cured)},
         {"row", spread_row(patient.cured->gradient[kStart])}});
  const auto gain = sick.gain(kStart);
  return {{"depth", sick.depth},
          {"activation", sick.activation},
          {"cause", "Cause: " + patient.cause + ". Each layer passes on " + number(gain.layer) +
                        " of the gradient: slopes " + number(gain.slope) + " × weights " +
                        number(gain.weight)},
          {"caption",
           "RMS over units and examples of the gradient with respect to the pre-activations, "
           "before the first step, " +
               layers(sick.depth) + "; the band spans " + count(sick.seeds, "seed") +
               ". Measured: solid. Dotted: the most that the slopes alone can let through."},
          {"series", series}};
}

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

// One row for each activation, at the depth that tells most: the table under the verdict.
Json key_table(const Gathered& g) {
  const int depth = telling_depth(g);
  const bool classes = g.classification();
  Json head = {"activation"};
  for (const auto& s : g.settings) head.push_back((classes ? "accuracy, " : "loss, ") + s.label);
  if (depth > 1)
    for (const auto& s : g.settings) head.push_back("gain, " + s.label);
  if (g.depths.size() > 1) head.push_back("learns to, depth");
  Json rows = Json::array();
  for (const auto& name : g.activations) {
    Json row = {name};
    for (const bool gains : {false, true}) {
      if (gains && depth < 2) break;
      for (int s = 0; s < static_cast<int>(g.settings.size()); ++s) {
        const Cell* cell = g.find(name, depth, s);
        row.push_back(!cell     ? "–"
                      : gains   ? number(cell->gain(kStart).layer)
                      : classes ? percent(cell->accuracy.mid)
                                : number(cell->loss.mid));
      }
    }
    if (g.depths.size() > 1) {
      int reach = 0;
      for (int s = 0; s < static_cast<int>(g.settings.size()); ++s)
        reach = std::max(reach, depth_reached(g, name, s));
      row.push_back(reach == 0 ? "–" : std::to_string(reach));
    }
    rows.push_back(std::move(row));
  }
  const std::string what = classes ? "test accuracy" : "training loss";
  return {{"title", "At " + layers(depth) + ": " + what +
                        (depth > 1 ? ", and the gradient's gain of a layer before training" : "")},
          {"head", head},
          {"rows", rows}};
}

Json method(const Gathered& g) {
  Json facts = Json::array();
  const auto fact = [&](const char* what, const std::string& value) {
    facts.push_back({{"what", what}, {"value", value}});
  };
  fact("Data",
       g.data + ": " + thousands(g.examples) + " examples of " + count(g.features, "feature") +
           (g.classes > 0 ? ", " + std::to_string(g.classes) + " classes"
                          : ", a number to predict") +
           "; " + thousands(g.test_examples) +
           " of them held back for the test, inputs scaled by " + g.scale + " fitted on the rest");
  fact("Networks", "dense, " + std::to_string(g.width) + " units in each hidden layer, " +
                       (g.precision == "f64" ? "float64" : "float32"));
  fact("Training", g.optimiser + ", learning rate " + number(g.learning_rate) + ", batches of " +
                       std::to_string(g.batch) + ", " + thousands(g.steps) +
                       " steps for every network");
  fact("Runs", thousands(g.done) + " of " + thousands(g.planned) + ", " + count(g.seeds, "seed") +
                   " for each combination; " + seconds(g.seconds) + " of processor time");
  fact("Seconds",
       "processor time of the training alone, without the measuring, so that a busy machine does "
       "not make a function look slow");
  fact("Differences",
       "are claimed only where two means lie further apart than both ranges over the seeds "
       "together and than twice the standard error of the test");
  fact("Program", "gradkeep " + g.session.version + ", study “" + g.session.study + "”, started " +
                      g.session.started);
  fact("Machine",
       g.session.processor + ", " + g.session.target + ", " + count(g.session.cores, "core"));
  return facts;
}

}  // namespace

Json make_model(const lab::Store& store) {
  const Gathered g = gather(store);
  const Patient patient = find_patient(g, store);
  const Verdict verdict = make_verdict(g, patient);

  Json settings = Json::array(), goals = Json::array(), cells = Json::array(),
       slope_max = Json::object(), learned = Json::array();
  for (const auto& s : g.settings) settings.push_back({{"name", s.name}, {"label", s.label}});
  for (const double goal : g.goals) goals.push_back(rounded(goal));
  for (const auto& l : g.learned)
    learned.push_back(
        {{"activation", l.activation}, {"parameter", l.parameter}, {"start", rounded(l.start)}});
  for (const auto& cell : g.cells) cells.push_back(cell_json(g, cell));
  for (const auto& name : g.activations) slope_max[name] = rounded(g.slope_max.at(name));

  Json model = {{"schema_version", kSchemaVersion},
                {"generator", "gradkeep " + std::string(version())}};
  model["study"] = {{"name", g.session.study},
                    {"title", g.title},
                    {"description", g.session.description},
                    {"activations", g.activations},
                    {"depths", g.depths},
                    {"setting_title", g.setting_title},
                    {"settings", settings},
                    {"seeds", g.seeds},
                    {"steps", g.steps},
                    {"main_depth", telling_depth(g)},
                    {"goals", goals},
                    {"main_goal", g.main_goal},
                    {"chance", rounded(g.chance)},
                    {"test_examples", g.test_examples},
                    {"runs", {{"done", g.done}, {"planned", g.planned}, {"diverged", g.diverged}}},
                    {"spec", g.session.spec}};
  model["verdict"] = {{"headline", verdict.headline}, {"text", verdict.text}};
  model["table"] = key_table(g);
  model["findings"] = findings_json(make_findings(g, store, patient));
  model["method"] = method(g);
  if (g.data == "digits") model["credits"] = data::credits();
  model["slope_max"] = slope_max;
  model["learned"] = learned;
  if (auto picture = hero(g, patient); !picture.is_null()) model["hero"] = std::move(picture);
  model["cells"] = cells;
  return model;
}

}  // namespace gradkeep::report
