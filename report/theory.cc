// Theory in the general report: predictions beside what was measured before the first step, the map
// of weight and bias scales with the networks' places on it, what number formats would lose, and how
// treatments compare with what is expected of them.
// SPDX-License-Identifier: Apache-2.0
#include "report/theory.h"

#include <gradkeep/critical.h>

#include <algorithm>
#include <cmath>

#include "report/findings.h"
#include "report/phrases.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

constexpr int kWeights = 46, kBiases = 21;  // points of a map
constexpr double kLargestBias = 1;          // unless a network has larger ones

std::vector<double> steps(double from, double to, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(from + (to - from) * i / (count - 1));
  return out;
}

// The networks of a cell lie on the map if weights and an activation are all that they have.
bool on_map(const Cell& cell) { return cell.foreseen.none.empty() && cell.foreseen.plain; }

// chi_1 where an input of mean square 1 arrives. The phase diagram of gradkeep/phase.h says more of each
// point, likenesses too, and takes ten times as long.
double settled_chi_1(const MeanField& field, const WeightScale& scale) {
  // Beyond these every function is straight, on either side of 0.
  constexpr double kSmall = 1e-8, kLarge = 1e12;
  double q = field.length(1, scale);
  for (int layer = 0; layer < 1000 && q > kSmall && q < kLarge; ++layer) {
    const double next = field.length(q, scale);
    const bool settled = std::abs(next - q) <= 1e-9 * q;
    q = next;
    if (settled) break;
  }
  const double slope = q <= kSmall  ? field.phi().mean_square_slope_at_zero()
                       : q < kLarge ? field.averages(q).dphi2
                                    : field.phi().mean_square_slope_at_infinity();
  return scale.weight_std * scale.weight_std * slope;
}

// The deepest network of each setting that lies on the map.
std::vector<const Cell*> placed(const Gathered& g, const std::string& activation) {
  std::vector<const Cell*> cells(g.settings.size());
  for (const auto& cell : g.cells) {
    const Cell*& deepest = cells[static_cast<std::size_t>(cell.setting)];
    if (cell.activation == activation && on_map(cell) && (!deepest || deepest->depth < cell.depth))
      deepest = &cell;
  }
  cells.erase(std::remove(cells.begin(), cells.end(), nullptr), cells.end());
  return cells;
}

Json map_of(const Gathered& g, const std::string& activation) {
  lab::RunSpec spec;
  spec.activation = Activation(activation, Bounds::any).text();
  const MeanField& field = g.theory->field_of(spec);
  const auto networks = placed(g, activation);
  // A quarter beyond the network that lies farthest out, and beyond the line where there is one.
  double end = 2, top = kLargestBias;
  for (const Cell* cell : networks) {
    end = std::max(end, 1.25 * cell->foreseen.scale.weight_std);
    top = std::max(top, 1.25 * cell->foreseen.scale.bias_std);
  }
  for (const double bias : {0.0, 0.5 * top, top})
    for (const auto& point : critical(field, bias).points)
      if (point.weight_std < 16) end = std::max(end, 1.25 * point.weight_std);

  const auto weights = steps(end / kWeights, end, kWeights), biases = steps(0, top, kBiases);
  Json chi = Json::array(), places = Json::array();
  for (const double bias : biases)
    for (const double weight : weights)
      chi.push_back(rounded(std::clamp(settled_chi_1(field, {weight, bias}), 1e-9, 1e9)));
  for (const Cell* cell : networks)
    places.push_back({{"setting", g.settings[static_cast<std::size_t>(cell->setting)].name},
                      {"weight_std", rounded(cell->foreseen.scale.weight_std)},
                      {"bias_std", rounded(cell->foreseen.scale.bias_std)}});
  return {{"activation", activation},
          {"weight_std", {rounded(weights.front()), rounded(end)}},
          {"bias_std", {0, rounded(top)}},
          {"columns", kWeights},
          {"chi_1", chi},
          {"places", places}};
}

// The depth at which treatments are compared: the deepest at which any was tried.
int ward_depth(const Gathered& g) {
  int depth = 0;
  for (const auto& cell : g.treated) depth = std::max(depth, cell.depth);
  return depth;
}

// The treated networks of an activation, behind those that were not treated.
std::vector<const Cell*> ward(const Gathered& g, const std::string& activation) {
  std::vector<const Cell*> beds;
  for (const auto& cell : g.treated) {
    if (cell.activation != activation || cell.depth != ward_depth(g)) continue;
    if (beds.empty())
      for (int s = 0; s < static_cast<int>(g.settings.size()); ++s)
        if (const Cell* plain = g.find(activation, cell.depth, s)) beds.push_back(plain);
    beds.push_back(&cell);
  }
  return beds;
}

bool is_treated(const Gathered& g, const Cell& cell) {
  return std::any_of(g.treated.begin(), g.treated.end(),
                     [&](const Cell& other) { return &other == &cell; });
}

std::string label_of(const Gathered& g, const Cell& cell) {
  return (is_treated(g, cell) ? g.treatments : g.settings)[cell.setting].label;
}

std::vector<std::string> treated_activations(const Gathered& g) {
  std::vector<std::string> names;
  for (const auto& name : g.activations)
    if (!ward(g, name).empty()) names.push_back(name);
  return names;
}

Figure treatment_figure(const Gathered& g, const std::string& id) {
  Figure figure{.id = id,
                .kind = Figure::Kind::dots,
                .heading = "What else keeps the gradient",
                .panels = treated_activations(g)};
  const std::string depth = layers(ward_depth(g));
  const bool gains = id == "treatment-gain";
  if (gains) {
    figure.title = "Each treatment against its prediction";
    figure.caption =
        "What a layer multiplies the gradient's norm by before the first step, as geometric mean "
        "over the layers of networks with " +
        depth + ". At 1 the gradient neither vanishes nor explodes.";
    figure.y = {.label = "gain of a layer", .log = true};
    figure.rules = {{"keeps the gradient", 1}};
  } else {
    figure.title = "What the treatments give";
    figure.caption = "Test accuracy after " + std::to_string(g.steps) + " steps, " + depth +
                     ", mean and range over " + count(g.seeds, "seed") + ".";
    figure.y = {.label = "test accuracy", .unit = "%"};
    figure.rules = {{"guessing", g.chance}};
  }
  for (std::size_t panel = 0; panel < figure.panels.size(); ++panel) {
    const std::string& activation = figure.panels[panel];
    Series measured{
        .label = gains ? "measured" : "", .activation = "", .panel = static_cast<int>(panel)};
    Series foreseen{.label = "predicted", .panel = static_cast<int>(panel)};
    for (const Cell* cell : ward(g, activation)) {
      const double gain = cell->gain(kStart).layer, expected = cell->foreseen.layer_gain;
      const std::string label = label_of(g, *cell);
      measured.marks.push_back(
          {.category = label, .y = gains ? Spread{gain, gain, gain} : cell->accuracy});
      foreseen.marks.push_back({.category = label, .y = {expected, expected, expected}});
    }
    figure.series.push_back(std::move(measured));
    if (gains) figure.series.push_back(std::move(foreseen));
  }
  return figure;
}

std::string ratio_text(double ratio) {
  return percent(std::abs(ratio - 1), std::abs(ratio - 1) < 0.1 ? 1 : 0);
}

}  // namespace

Json foresight_json(const Cell& cell) {
  const Foresight& f = cell.foreseen;
  if (!f.none.empty()) return {{"none", f.none}};
  return {{"layer_gain", rounded(f.layer_gain)},   {"weight_std", rounded(f.scale.weight_std)},
          {"square", spread_row(f.square)["mid"]}, {"similarity", spread_row(f.similarity)["mid"]},
          {"gain", spread_row(f.gain)["mid"]},     {"saturated", spread_row(f.saturated)["mid"]},
          {"gradient", spread_row(f.gradient)}};
}

Json maps(const Gathered& g) {
  Json list = Json::array();
  for (const auto& name : g.activations) {
    try {
      list.push_back(map_of(g, name));
    } catch (const Error&) {
      continue;  // not defined everywhere: mean-field theory has no map of it
    }
  }
  return list;
}

std::vector<TextTable> theory_tables(const Gathered& g) {
  std::vector<TextTable> tables;
  const int depth = telling_depth(g);
  TextTable formats{
      .id = "formats",
      .title = "In which layers a number format would lose the gradient, " + layers(depth),
      .note =
          "Layers count from the input. Predicted from the gradient measured in the last hidden "
          "layer, for the mean loss of a mini-batch and no loss scaling: in the layers named at "
          "least half of the entries are subnormal, or round to zero.",
      .head = {"network", "float32", "bfloat16", "float16"}};
  for (const auto& cell : g.cells) {
    if (cell.depth != depth || cell.foreseen.formats.empty()) continue;
    std::vector<std::string> row{with_setting(g, cell)};
    for (const auto& loss : cell.foreseen.formats) row.push_back(loss_text(loss));
    formats.rows.push_back(std::move(row));
  }
  if (!formats.rows.empty()) tables.push_back(std::move(formats));

  if (g.treated.empty()) return tables;
  const bool classes = g.classification();
  TextTable table{.id = "treatments",
                  .title = "What else keeps the gradient, " + layers(ward_depth(g)),
                  .note = "–: not reached by every seed.",
                  .head = {"network", "gain of a layer, predicted", "gain of a layer, measured",
                           classes ? "test accuracy" : "training loss"}};
  for (const double goal : g.goals) table.head.push_back("steps to loss, " + number(goal));
  for (const auto& name : g.activations)
    for (const Cell* cell : ward(g, name)) {
      std::vector<std::string> row{name + ", " + label_of(g, *cell),
                                   number(cell->foreseen.layer_gain),
                                   number(cell->gain(kStart).layer),
                                   classes ? percent(cell->accuracy.mid) : number(cell->loss.mid)};
      for (const auto& reached : cell->reached)
        row.push_back(reached.seeds == cell->seeds ? number(reached.steps.mid) : "–");
      table.rows.push_back(std::move(row));
    }
  tables.push_back(std::move(table));
  return tables;
}

std::vector<Figure> theory_figures(const Gathered& g) {
  if (g.treated.empty()) return {};
  std::vector<Figure> figures = {treatment_figure(g, "treatment-gain")};
  if (g.classification()) figures.push_back(treatment_figure(g, "treatment-accuracy"));
  return figures;
}

void add_foresight(const Gathered& g, std::vector<Finding>& out) {
  struct Miss {
    const Cell* cell;
    double ratio;
  };
  std::vector<Miss> misses;
  int doomed = 0, doomed_failed = 0;
  for (const auto* cells : {&g.cells, &g.treated})
    for (const auto& cell : *cells) {
      if (!cell.foreseen.none.empty() || cell.depth < 2) continue;
      const double whole = std::pow(cell.foreseen.layer_gain, cell.depth - 1);
      if (cells == &g.cells && whole < 1e-3) {
        ++doomed;
        doomed_failed += !learns(g, cell);
      }
      const double ratio = cell.gain(kStart).layer / cell.foreseen.layer_gain;
      if (std::isfinite(ratio) && ratio > 0) misses.push_back({&cell, ratio});
    }
  if (misses.size() < 3) return;
  const auto size = [](const Miss& m) { return std::abs(std::log(m.ratio)); };
  std::sort(misses.begin(), misses.end(),
            [&](const Miss& a, const Miss& b) { return size(a) < size(b); });
  const Miss &middle = misses[misses.size() / 2], &worst = misses.back();
  Finding f{.id = "foreseen"};
  f.title = "Theory foresaw the gain of a layer: within " + ratio_text(middle.ratio) +
            " in half of " + count(static_cast<int>(misses.size()), "network");
  f.text =
      "Before the first step the measured gain of a layer is compared with what mean-field "
      "theory says of the same weights, activation and width. It lies farthest off, by " +
      ratio_text(worst.ratio) + ", in " + worst.cell->activation + " over " +
      layers(worst.cell->depth) + ", " + label_of(g, *worst.cell) + ".";
  if (doomed > 0)
    f.text += " Of " + count(doomed, "network") +
              " of which theory lets less than a thousandth of the gradient arrive at the first "
              "layer, " +
              (doomed_failed == doomed ? "none" : std::to_string(doomed - doomed_failed)) +
              " learned.";
  f.evidence = {{"farthest off, predicted", number(worst.cell->foreseen.layer_gain)},
                {"measured", number(worst.cell->gain(kStart).layer)}};
  f.figure = "foreseen";
  out.push_back(std::move(f));
}

void add_treatments(const Gathered& g, std::vector<Finding>& out) {
  if (g.treated.empty()) return;
  const bool classes = g.classification();
  const auto score = [&](const Cell& c) { return classes ? c.accuracy.mid : -c.loss.mid; };
  const auto said = [&](const Cell& c) {
    return classes ? percent(c.accuracy.mid) : number(c.loss.mid);
  };
  std::vector<std::string> sentences;
  const Cell* best = nullptr;
  for (const auto& name : treated_activations(g)) {
    std::vector<std::string> cured, not_cured;
    for (const Cell* cell : ward(g, name)) {
      if (!is_treated(g, *cell)) continue;
      const bool learned = learns(g, *cell);
      (learned ? cured : not_cured)
          .push_back(label_of(g, *cell) + " (" +
                     (learned ? said(*cell)
                              : "predicted gain of a layer " + number(cell->foreseen.layer_gain)) +
                     ")");
      if (learned && (!best || score(*cell) > score(*best))) best = cell;
    }
    sentences.push_back(name + " learns with " + (cured.empty() ? "none of them" : join(cured)) +
                        (not_cured.empty() ? "" : ", not with " + join(not_cured)) + ".");
  }
  Finding f{.id = "treatments", .level = best ? Finding::Level::cure : Finding::Level::note};
  f.title = "What else was tried at " + layers(ward_depth(g));
  f.text = join(sentences, " ");
  if (best)
    f.evidence = {{"best", best->activation + ", " + label_of(g, *best)},
                  {classes ? "test accuracy" : "training loss", said(*best)}};
  f.figure = "treatments";
  out.push_back(std::move(f));
}

}  // namespace gradkeep::report
