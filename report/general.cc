// The general report's model: what gather.h gathered and findings.h found, as JSON.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/findings.h"
#include "report/gather.h"
#include "report/model.h"
#include "report/phrases.h"
#include "report/theory.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

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
  if (cell.depth > 1) {
    json["square"] = spread_row(cell.square);
    json["similarity"] = spread_row(cell.similarity);
    json["layer_gain"] = spread_row(cell.layer_gain);
    json["foreseen"] = foresight_json(cell);
  }
  for (const auto& [parameter, row] : cell.learned) json["learned"][parameter] = spread_row(row);
  return json;
}

// The picture of the study.
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
  if (sick.foreseen.none.empty())
    series.push_back({{"role", "predicted"},
                      {"label", "predicted"},
                      {"note", "mean-field theory"},
                      {"row", spread_row(sick.foreseen.gradient)}});
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
               ". Measured: solid. Dotted: the most that the slopes alone can let through. Dashed: "
               "what theory predicts of the sick network from its last layer on, with the range of "
               "95 % of such networks."},
          {"series", series}};
}

// One row for each activation, at the depth that tells most: the table under the verdict.
TextTable key_table(const Gathered& g) {
  const int depth = telling_depth(g);
  const bool classes = g.classification();
  TextTable table{.head = {"activation"}};
  for (const auto& s : g.settings)
    table.head.push_back((classes ? "accuracy, " : "loss, ") + s.label);
  if (depth > 1)
    for (const auto& s : g.settings) table.head.push_back("gain, " + s.label);
  if (g.depths.size() > 1) table.head.push_back("learns to, depth");
  for (const auto& name : g.activations) {
    std::vector<std::string> row = {name};
    for (const bool gains : {false, true}) {
      if (gains && depth < 2) break;
      for (int s = 0; s < static_cast<int>(g.settings.size()); ++s) {
        const Cell* cell = g.find(name, depth, s);
        row.push_back(!cell   ? "–"
                      : gains ? number(cell->gain(kStart).layer, 2) + " (" +
                                    number(cell->foreseen.layer_gain, 2) + ")"
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
    table.rows.push_back(std::move(row));
  }
  const std::string what = classes ? "test accuracy" : "training loss";
  table.title =
      "At " + layers(depth) + ": " + what +
      (depth > 1 ? ", and the gradient's gain of a layer before training (predicted)" : "");
  return table;
}

}  // namespace

Json general_model(const lab::Store& store) {
  const Gathered g = gather(store);
  const Patient patient = find_patient(g, store);
  Json model =
      common_model(g, make_verdict(g, patient), key_table(g), make_findings(g, store, patient));

  Json settings = Json::array(), goals = Json::array(), cells = Json::array(),
       slope_max = Json::object(), learned = Json::array();
  for (const auto& s : g.settings) settings.push_back({{"name", s.name}, {"label", s.label}});
  for (const double goal : g.goals) goals.push_back(rounded(goal));
  for (const auto& l : g.learned)
    learned.push_back(
        {{"activation", l.activation}, {"parameter", l.parameter}, {"start", rounded(l.start)}});
  for (const auto& cell : g.cells) cells.push_back(cell_json(g, cell));
  for (const auto& name : g.activations) slope_max[name] = rounded(g.slope_max.at(name));

  model["study"].update(Json{{"activations", g.activations},
                             {"depths", g.depths},
                             {"setting_title", g.setting_title},
                             {"settings", settings},
                             {"main_depth", telling_depth(g)},
                             {"goals", goals},
                             {"main_goal", g.main_goal}});
  model["slope_max"] = slope_max;
  model["learned"] = learned;
  if (auto picture = hero(g, patient); !picture.is_null()) model["hero"] = std::move(picture);
  model["cells"] = cells;
  model["maps"] = maps(g);
  for (const auto& table : theory_tables(g)) model["tables"].push_back(table_json(table));
  for (const auto& figure : theory_figures(g)) model["figures"].push_back(figure_json(figure));
  return model;
}

}  // namespace gradkeep::report
