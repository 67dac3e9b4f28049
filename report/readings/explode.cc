// explode: weights above the critical size enlarge forward signals or backward gradients at every
// layer, and depth raises the factor to a power. relu passes the size on until a number overflows;
// tanh clips the signal, so that the forward side looks healthy while the gradient grows.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

// "he_normal(2)" is twice the critical size for relu, "lecun_normal(2)" for tanh.
double times_critical(const lab::RunSpec& s) {
  const auto open = s.initialiser.find('(');
  if (open == std::string::npos) return 1;
  const double scale = std::stod(s.initialiser.substr(open + 1));
  return s.initialiser.starts_with("orthogonal") && s.activation == "relu" ? scale / std::sqrt(2.0)
                                                                           : scale;
}

// What is done about it; "" for the bare stack.
std::string remedy(const lab::RunSpec& s) {
  if (s.clip > 0) return "clipping at " + number(s.clip);
  if (s.warmup > 0) return "warm-up of " + count(s.warmup, "step");
  if (s.normalisation != "none") return s.normalisation + " normalisation";
  if (s.initialiser.starts_with("orthogonal")) return "orthogonal weights";
  if (s.residual == "plain") return "skips, branches unscaled";
  if (s.residual == "scaled") return "skips, branches / sqrt(depth)";
  return "";
}

bool bare(const lab::RunSpec& s) { return remedy(s).empty(); }

Spread gain(const Trial& t) {
  return over_geometric(t, [](const lab::Run& r) {
    return std::pow(at_start(r, "gradient_rms", 1) / at_start(r, "gradient_rms", r.spec.depth),
                    1.0 / (r.spec.depth - 1));
  });
}
Spread overflow(const Trial& t) {
  return over(
      t, [](const lab::Run& r) { return r.diverged ? static_cast<double>(r.last.step) : NAN; });
}
int blown(const Trial& t) {
  return static_cast<int>(
      std::count_if(t.runs.begin(), t.runs.end(), [](const auto* r) { return r->diverged; }));
}
std::string overflow_text(const Trial& t) {
  if (blown(t) == 0) return "none";
  const Spread s = overflow(t);
  const std::string at = s.low == s.high ? number(s.low) : number(s.low) + " to " + number(s.high);
  return at + (blown(t) < static_cast<int>(t.runs.size())
                   ? " (" + std::to_string(blown(t)) + " of " +
                         count(static_cast<int>(t.runs.size()), "seed") + ")"
                   : "");
}

std::string name(const Trial& t) {
  const std::string cure = remedy(t.spec());
  return t.activation() + " × " + number(times_critical(t.spec())) +
         (cure.empty() ? "" : ", " + cure);
}

}  // namespace

Reading explode(const Material& material) {
  const auto trials = material.trials();
  Reading reading;

  Figure profiles{
      .id = "profile",
      .heading = "Where it grows",
      .title = "The gradient on its way back",
      .caption =
          "RMS of the gradient with respect to the pre-activations before the first step, by "
          "hidden "
          "layer; geometric mean and range over the seeds. Layer 1 is nearest the data.",
      .x = {"hidden layer"},
      .y = {"gradient, RMS", true},
      .lead = true};
  Figure losses{.id = "loss",
                .heading = "What it does to training",
                .title = "Training loss",
                .caption = "A line that stops is a run whose loss was no number any more.",
                .x = {"step"},
                .y = {"training loss", true}};
  for (const auto& t : trials) {
    if (!bare(t.spec())) continue;
    const int panel = place(profiles.panels, t.activation());
    profiles.series.push_back(
        profile("× " + number(times_critical(t.spec())), "", panel, t, "gradient_rms", false));
    losses.series.push_back(curve("× " + number(times_critical(t.spec())), "",
                                  place(losses.panels, t.activation()), t, train_loss_of));
  }
  Figure cures{.id = "cures",
               .kind = Figure::Kind::dots,
               .heading = "What helps",
               .title = "Test accuracy with one remedy at a time",
               .caption =
                   "Mean and range over the seeds; the number after × says how many times critical "
                   "the weights are.",
               .x = {"Network"},
               .y = {"test accuracy", false, "%"},
               .rules = {{"guessing", material.account().chance}}};
  Series measured{"test accuracy"};
  for (const auto& t : trials)
    measured.marks.push_back({.category = name(t), .y = over(t, test_accuracy)});
  cures.series = {measured};
  reading.figures = {profiles, losses, cures};

  reading.key = {.title = count(trials.front().spec().depth, "hidden layer") +
                          ": gain of the gradient a layer before training, first overflow, result",
                 .head = {"network", "gain a layer", "first overflow, step", "training loss",
                          "test accuracy"}};
  for (const auto& t : trials)
    reading.key.rows.push_back({name(t), number(gain(t).mid), overflow_text(t),
                                number(over(t, train_loss).mid),
                                percent(over(t, test_accuracy).mid)});

  // By function: the healthy stack, the factor at which it first fails, and what saves it at 2.
  std::vector<std::string> headlines;
  for (const std::string f : {"relu", "tanh"}) {
    const Trial *healthy = nullptr, *first_blown = nullptr, *twice = nullptr;
    double largest = 1;
    for (const auto& t : trials) {
      if (t.activation() != f || !bare(t.spec())) continue;
      largest = std::max(largest, times_critical(t.spec()));
      if (times_critical(t.spec()) == 1) healthy = &t;
      if (times_critical(t.spec()) == 2) twice = &t;
      if (!first_blown && blown(t) > 0) first_blown = &t;
    }
    if (!healthy || !twice) continue;
    const Spread well = over(*healthy, test_accuracy), ill = over(*twice, test_accuracy);
    std::string text = "At its critical size " + f + " reaches " + percent(well.mid) +
                       "; at twice that size, where the gradient grows " +
                       number(gain(*twice).mid, 2) + " times a layer, " +
                       (blown(*twice) > 0 ? "its loss overflows after step " + overflow_text(*twice)
                                          : "it ends at " + percent(ill.mid)) +
                       ".";
    if (!first_blown && f == "tanh")
      text += " No run of it overflows up to " + number(largest) +
              " times critical: its outputs are bounded, only the gradient grows.";
    std::vector<std::string> better, no_better;
    for (const auto& t : trials) {
      if (t.activation() != f || bare(t.spec()) || t.spec().residual != "none") continue;
      if (std::abs(times_critical(t.spec()) - 2) > 1e-6) continue;
      const Spread now = over(t, test_accuracy);
      // After an overflow a remedy has to beat guessing, else the bare stack.
      const double bar = blown(*twice) > 0 ? 2 * material.account().chance : ill.mid;
      const bool helps = blown(t) == 0 && now.known() && now.mid > bar &&
                         (blown(*twice) > 0 || apart(now, ill, material.test_examples()));
      (helps ? better : no_better)
          .push_back(remedy(t.spec()) + " (" + (blown(t) > 0 ? "overflow" : percent(now.mid)) +
                     ")");
    }
    if (!better.empty()) text += " Better there: " + join(better) + ".";
    if (!no_better.empty()) text += " Not better: " + join(no_better) + ".";
    reading.verdict.text.push_back(text);
    headlines.push_back(f + " " +
                        (blown(*twice) > 0 ? "overflows"
                         : ill.mid < well.mid && apart(ill, well, material.test_examples())
                             ? "learns less"
                             : "still learns"));
    reading.findings.push_back(
        {.id = f,
         .level = Finding::Level::problem,
         .cause = "exploding",
         .title = f + ": every layer multiplies the gradient by " + number(gain(*twice).mid, 2) +
                  " at twice the critical size",
         .text = f == "relu" ? "relu passes sizes on unchanged, so weights twice as large double "
                               "signal and gradient at every layer, and the product of all "
                               "layers reaches the loss."
                             : "tanh cuts the signal at 1, so nothing overflows on the way "
                               "forward; but where the units are not saturated the gradient "
                               "grows with the weights, and training jumps about.",
         .evidence = {{"gain a layer, critical", number(gain(*healthy).mid)},
                      {"gain a layer, twice", number(gain(*twice).mid)}},
         .remedy = "Start at the critical size: initialiser = \"matched\".",
         .figure = "profile"});
  }
  const auto residual = [&](const std::string& f, const std::string& kind) -> const Trial* {
    for (const auto& t : trials)
      if (t.activation() == f && t.spec().residual == kind) return &t;
    return nullptr;
  };
  if (const Trial *plain = residual("relu", "plain"), *scaled = residual("relu", "scaled");
      plain && scaled)
    reading.findings.push_back(
        {.id = "residual",
         .level = Finding::Level::cure,
         .title = "Skips need scaled branches",
         .text = "A layer that adds its branch to what it was given multiplies the gradient's "
                 "square by 1 + 1 at relu's critical size, so an "
                 "unscaled residual stack explodes where a plain one is critical. With branches "
                 "divided "
                 "by the root of the depth the gradient's square grows by less than e altogether.",
         .evidence = {{"gain a layer, unscaled (theory: 1.414)", number(gain(*plain).mid)},
                      {"gain a layer, scaled (theory: " +
                           number(std::sqrt(1 + 1.0 / plain->spec().depth)) + ")",
                       number(gain(*scaled).mid)},
                      {"test accuracy, unscaled",
                       blown(*plain) > 0 ? "overflow" : percent(over(*plain, test_accuracy).mid)},
                      {"test accuracy, scaled", percent(over(*scaled, test_accuracy).mid)}},
         .remedy = "residual = \"scaled\"",
         .figure = "cures"});
  reading.verdict.headline =
      headlines.empty()       ? "No stack at twice the critical weights in this study."
      : headlines.size() == 1 ? "At twice the critical weights " + headlines.front() + "."
                              : "At twice the critical weights " + join(headlines) +
                                    ": relu passes the size of the signal on, tanh cuts it.";
  return reading;
}

}  // namespace gradkeep::report::readings
