// foresee: networks of every activation and several sizes of weights, drawn and looked at once,
// beside what mean-field theory says of them from their first layer's signal and their last layer's
// gradient. What lies off is shown, not averaged away.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/foresight.h"
#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

// A network, measured over predicted; NaN where either is missing, zero or without end.
struct Compared {
  const Trial* trial;
  double gain, size;         // of a layer; root mean square of the last hidden layer's h
  double likeness;           // measured minus predicted, in the last hidden layer
  double expected_gain = 0;  // predicted
};

double ratio(double measured, double expected) {
  const double r = measured / expected;
  return std::isfinite(r) && r > 0 ? r : std::numeric_limits<double>::quiet_NaN();
}

double start_of(const Trial& t, const std::string& probe, int layer) {
  return over_geometric(t, [&](const lab::Run& r) { return at_start(r, probe, layer); }).mid;
}

Compared compare(const Trial& trial, lab::Theory& theory) {
  std::vector<lab::Run> runs;
  for (const auto* run : trial.runs) runs.push_back(*run);
  const Foresight expected = foresee(runs, theory);
  Compared out{&trial, std::nan(""), std::nan(""), std::nan("")};
  if (!expected.none.empty()) return out;
  const int depth = trial.spec().depth;
  const double whole = start_of(trial, "gradient_rms", 1) / start_of(trial, "gradient_rms", depth);
  out.expected_gain = expected.layer_gain;
  out.gain = ratio(std::pow(whole, 1.0 / (depth - 1)), expected.layer_gain);
  out.size = std::sqrt(ratio(start_of(trial, "h_square", depth), expected.square.back().mid));
  out.likeness =
      over(trial, [&](const lab::Run& r) { return at_start(r, "similarity", depth); }).mid -
      expected.similarity.back().mid;
  return out;
}

std::string weights_of(const Trial& t) {
  const std::string& text = t.spec().initialiser;
  return text.starts_with("plain(") ? text.substr(6, text.size() - 7) : text;
}

Figure field(const std::vector<Compared>& all, const std::string& id, const std::string& title,
             const std::string& caption, const std::function<double(const Compared&)>& number) {
  Figure figure{.id = id,
                .kind = Figure::Kind::heat,
                .heading = "Measured against predicted",
                .title = title,
                .caption = caption,
                .x = {"σ_w, the weights' standard deviation times √inputs:"},
                .y = {.label = title}};
  std::vector<std::string> names;
  for (const auto& c : all) {
    const int row = place(names, c.trial->activation());
    if (row == static_cast<int>(figure.series.size()))
      figure.series.push_back({c.trial->activation()});
    const double v = number(c);
    figure.series[static_cast<std::size_t>(row)].marks.push_back(
        {.category = weights_of(*c.trial), .y = {v, v, v}});
  }
  return figure;
}

// The share of sorted sizes that `part` of the values stay within.
double within(const std::vector<double>& sizes, double part) {
  const auto place =
      static_cast<std::size_t>(std::ceil(part * static_cast<double>(sizes.size()))) - 1;
  return std::exp(sizes[std::min(place, sizes.size() - 1)]) - 1;
}

}  // namespace

Reading foresee(const Material& material) {
  const auto trials = material.trials();
  lab::Theory theory;
  std::vector<Compared> all;
  for (const auto& t : trials) all.push_back(compare(t, theory));
  std::vector<Compared> known;
  std::copy_if(all.begin(), all.end(), std::back_inserter(known),
               [](const Compared& c) { return std::isfinite(c.gain); });
  const auto off = [](const Compared& c) { return std::abs(std::log(c.gain)); };
  std::sort(known.begin(), known.end(),
            [&](const Compared& a, const Compared& b) { return off(a) > off(b); });

  Reading reading;
  reading.figures = {
      field(all, "gain", "Gain of a layer: measured over predicted, in percent off",
            "Of the gradient's norm, as geometric mean over the layers and seeds. Red: the network "
            "lets more through than theory says, blue: less. Empty: no finite gradient, or a slope "
            "that is zero everywhere.",
            [](const Compared& c) { return 100 * std::log(c.gain); }),
      field(all, "size", "Size of the last layer's signal: in percent off",
            "Root mean square of the pre-activations in the last hidden layer, measured over "
            "predicted. Near an unstable fixed point small differences grow layer by layer.",
            [](const Compared& c) { return 100 * std::log(c.size); }),
      field(all, "likeness", "Likeness of two examples in the last layer: measured minus predicted",
            "Mean cosine between two examples' pre-activations.",
            [](const Compared& c) { return c.likeness; })};
  reading.figures.front().lead = true;

  reading.key = {.title = "Farthest off",
                 .note = "Gains of a layer before training.",
                 .head = {"network", "predicted", "measured", "off"}};
  for (std::size_t i = 0; i < std::min<std::size_t>(10, known.size()); ++i) {
    const auto& c = known[i];
    reading.key.rows.push_back({c.trial->activation() + ", σ_w " + weights_of(*c.trial),
                                number(c.expected_gain), number(c.expected_gain * c.gain),
                                number(100 * (c.gain - 1), 2) + " %"});
  }
  if (known.empty()) {
    reading.verdict.headline = "Theory has nothing to say of these networks.";
    return reading;
  }
  std::vector<double> sizes;
  for (const auto& c : known) sizes.push_back(off(c));
  std::sort(sizes.begin(), sizes.end());
  reading.verdict.headline = "Theory foresees the gain of a layer within " +
                             percent(within(sizes, 0.5)) + " in half of " +
                             count(static_cast<int>(known.size()), "network") + ".";
  reading.verdict.text.push_back(
      "In nine of ten it lies within " + percent(within(sizes, 0.9)) + ", farthest off, by " +
      percent(within(sizes, 1)) + ", in " + known.front().trial->activation() + " at σ_w " +
      weights_of(*known.front().trial) + ". Theory is about infinitely wide layers; these have " +
      count(material.runs().front().spec.width, "unit") + ".");
  const auto left_out = all.size() - known.size();
  if (left_out > 0)
    reading.verdict.text.push_back(
        count(static_cast<int>(left_out), "network") +
        " more have no gain to compare: the function's value jumps or its slope is zero, or the "
        "signal outgrew the numbers.");
  return reading;
}

}  // namespace gradkeep::report::readings
