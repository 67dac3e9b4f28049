// Who is ill, and the first sentences of the report.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "lab/doctor.h"
#include "report/findings.h"
#include "report/phrases.h"
#include "report/words.h"

namespace gradkeep::report {

bool learns(const Gathered& g, const Cell& cell) {
  if (g.classification()) return cell.accuracy.mid >= 0.5 * (1 + g.chance);
  return !cell.curve.empty() && cell.loss.mid <= 0.5 * cell.curve.front().loss.mid;
}

int depth_reached(const Gathered& g, const std::string& activation, int setting) {
  int reached = 0;
  for (const int depth : g.depths) {
    const Cell* cell = g.find(activation, depth, setting);
    if (!cell) continue;
    if (!learns(g, *cell)) break;
    reached = depth;
  }
  return reached;
}

int telling_depth(const Gathered& g) {
  int failing = g.depths.back();
  bool found = false;
  for (auto depth = g.depths.rbegin(); depth != g.depths.rend(); ++depth) {
    int learned = 0, failed = 0;
    for (const auto& cell : g.cells)
      if (cell.depth == *depth) ++(learns(g, cell) ? learned : failed);
    if (learned > 0 && failed > 0) return *depth;
    if (failed > 0 && !found) {
      failing = *depth;
      found = true;
    }
  }
  return failing;
}

namespace {

bool better(const Gathered& g, const Cell& a, const Cell& b) {
  return g.classification() ? a.accuracy.mid > b.accuracy.mid : a.loss.mid < b.loss.mid;
}

// A setting is the weights' only where nothing else varies.
std::string weights_of(const Gathered& g) {
  return g.setting_title == "Initialisation" ? " weights" : "";
}

double arriving(const Cell& cell) {
  const double total = cell.gain(kStart).total;
  return std::isfinite(total) ? total : std::numeric_limits<double>::infinity();
}

}  // namespace

Patient find_patient(const Gathered& g, const lab::Store& store) {
  Patient patient;
  // A row tells most where some learn and some do not; of the deepest such row (or of the deepest in
  // which any fails) the network whose gradient arrives weakest, one with the first setting rather
  // than one that was already improved.
  const auto worse = [](const Cell& a, const Cell& b) {
    return std::pair{a.setting > 0, arriving(a)} < std::pair{b.setting > 0, arriving(b)};
  };
  const int depth = telling_depth(g);
  for (const auto& cell : g.cells)
    if (cell.depth == depth && !learns(g, cell) && (!patient.sick || worse(cell, *patient.sick)))
      patient.sick = &cell;
  if (!patient.sick) return patient;
  for (const auto& cell : g.cells)
    if (cell.depth == depth && learns(g, cell) &&
        (!patient.cured || better(g, cell, *patient.cured)))
      patient.cured = &cell;
  // Of those that cannot be told from the best, the one that changes least about the patient.
  if (const Cell* best = patient.cured; best && g.classification())
    for (const auto& cell : g.cells) {
      const auto changes = [&](const Cell& c) {
        return (c.activation != patient.sick->activation) + (c.setting != patient.sick->setting);
      };
      if (cell.depth == depth && learns(g, cell) && changes(cell) < changes(*patient.cured) &&
          !apart(cell.accuracy, best->accuracy, g.test_examples))
        patient.cured = &cell;
    }
  const auto diagnosis = lab::diagnose(store.run(patient.sick->run), *g.theory);
  patient.cause = lab::name(diagnosis.cause);
  patient.diagnosis = diagnosis.verdict;
  return patient;
}

Verdict make_verdict(const Gathered& g, const Patient& patient) {
  Verdict verdict;
  const int learned = static_cast<int>(
      std::count_if(g.cells.begin(), g.cells.end(), [&](const auto& c) { return learns(g, c); }));
  const int cells = static_cast<int>(g.cells.size());
  if (!patient.sick) {
    verdict.headline =
        cells == 1 ? "The network learned." : "All " + count(cells, "network") + " learned.";
    const auto& deepest = g.cells.back();
    verdict.text.push_back("The last of them, " + network(g, deepest) + ", ends at " +
                           result(g, deepest) + ".");
    return verdict;
  }
  const Cell& sick = *patient.sick;
  const auto gain = sick.gain(kStart);
  const bool nothing = g.classification() && sick.accuracy.mid < g.chance + 0.1 * (1 - g.chance);
  verdict.headline = "The " + std::to_string(sick.depth) + "-layer " + sick.activation +
                     " network learned " + (nothing ? "nothing" : "too little");
  if (patient.cause == "exploding")
    verdict.headline += ": it blew up.";
  else if (std::isfinite(gain.layer) && gain.layer < 0.9)
    verdict.headline +=
        ": at every layer its gradient shrinks to " + number(gain.layer, 2) + " of itself.";
  else
    verdict.headline += ".";
  std::string text =
      "With " + g.settings[sick.setting].label + weights_of(g) + " it ends at " + result(g, sick) +
      (g.classification() ? ", where guessing gives " + percent(g.chance) : "") + ". ";
  if (patient.cured) {
    const Cell& cured = *patient.cured;
    text += "At the same depth and budget, " + with_setting(g, cured) + " reaches " +
            result(g, cured) + ".";
  } else {
    text += "No other network of this depth learned either.";
  }
  const Cell* treated = nullptr;
  for (const auto& cell : g.treated)
    if (cell.activation == sick.activation && cell.depth == sick.depth && learns(g, cell) &&
        (!treated || better(g, cell, *treated)))
      treated = &cell;
  if (treated)
    text += " Its own activation need not go: with " + g.treatments[treated->setting].label + " " +
            sick.activation + " reaches " + result(g, *treated) + ".";
  const bool none_deeper = std::none_of(g.cells.begin(), g.cells.end(), [&](const auto& c) {
    return c.depth > sick.depth && learns(g, c);
  });
  if (sick.depth < g.depths.back() && none_deeper) text += " Deeper than that, no network learned.";
  verdict.text.push_back(text);
  std::string reach;
  const int last = static_cast<int>(g.settings.size()) - 1;
  std::vector<std::string> best;
  for (const auto& name : g.activations)
    if (depth_reached(g, name, last) == g.depths.back()) best.push_back(name);
  if (!best.empty() && g.depths.size() > 1)
    reach = " With " + g.settings[last].label + weights_of(g) + " " + join(best) +
            (best.size() == 1 ? " still learns" : " still learn") + " at " +
            layers(g.depths.back()) + ".";
  verdict.text.push_back(std::to_string(learned) + " of the study's " +
                         count(cells, "combination") + " of " + "activation, depth and " +
                         lower(g.setting_title) + " learned." + reach);
  return verdict;
}

}  // namespace gradkeep::report
