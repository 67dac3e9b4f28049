// The toy study and its reading.
// SPDX-License-Identifier: Apache-2.0
#include "tests/report/toy.h"

#include <gradkeep/core.h>

#include <cmath>

#include "report/words.h"

namespace gradkeep::report::toy {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

lab::Run make_run(std::int64_t session, const std::string& activation, int depth, int seed) {
  lab::Run run;
  run.session = session;
  run.spec.activation = Activation(activation).text();
  run.spec.depth = depth;
  run.spec.seed = seed;
  run.spec.steps = 100;
  run.spec.targets = {1.0, 0.1};
  run.key = lab::canonical_key(run.spec);
  run.initialiser = "he_normal";
  run.data = "digits";
  run.examples = 1797;
  run.features = 64;
  run.classes = 10;
  run.seconds = 0.5;
  const double accuracy = 0.9 + 0.01 * depth + 0.001 * seed;
  run.curve = {{0, 0, 2.3, 0.1, 2.3, 0.1}, {100, 0.5, 0.3, accuracy, 0.35, accuracy}};
  run.last = run.curve.back();
  run.test_loss = 0.35;
  run.test_accuracy = accuracy;
  run.targets = {{1.0, 40 + seed, 0.2}, {0.1, -1, 0}};
  for (const int step : {0, 10, 100})
    for (int layer = 1; layer <= depth; ++layer)
      run.measures.push_back({step, layer, "dead", 0.1 * layer + 0.001 * step});
  run.measures.push_back({100, 0, "brier", 0.25});
  return run;
}

Spread about(double mid, double range) { return {mid, mid * (1 - range), mid * (1 + range)}; }

const std::vector<std::string> kAll = {"sigmoid", "improved_sigmoid", "tanh",     "softsign",
                                       "relu",    "leaky_relu",       "prelu",    "elu",
                                       "selu",    "softplus",         "silu",     "gelu",
                                       "mish",    "hard_tanh",        "identity", "gelu_tanh"};

// One panel, names at the ends, shares, depths as they are, a rule.
Figure accuracy() {
  Figure f{.id = "toy-accuracy",
           .heading = "Lines",
           .title = "Test accuracy against depth",
           .caption = "Leads the page: a logarithmic x axis with ticks at the depths themselves.",
           .x = {.label = "hidden layers", .log = true},
           .y = {.label = "test accuracy", .unit = "%"},
           .rules = {{"guessing", 0.1}},
           .lead = true};
  for (const char* name : {"sigmoid", "tanh", "relu", "improved_sigmoid"}) {
    Series s{.label = name, .activation = name};
    for (const int depth : {1, 2, 4, 8, 16, 32}) {
      const double fall = name[0] == 's'   ? 0.4
                          : name[0] == 't' ? 0.06
                          : name[0] == 'r' ? 0.02
                                           : 0.1;
      s.marks.push_back({.x = 1.0 * depth, .y = about(0.1 + 0.86 * std::exp(-fall * depth), 0.02)});
    }
    f.series.push_back(std::move(s));
  }
  return f;
}

// Small multiples with titles of different length, bands, gaps, and losses that underflow to zero.
Figure losses() {
  Figure f{
      .id = "toy-losses",
      .heading = "Lines",
      .title = "Training loss, batch by batch",
      .caption = "Five panels on one scale; relu reaches exactly zero, elu misses some points.",
      .x = {.label = "step"},
      .y = {.label = "training loss", .log = true},
      .panels = {"plain SGD, batches of 1", "plain SGD, batches of 32",
                 "momentum 0.9, batches of 32, with a name that needs more than one line of room",
                 "adam", "adam, clipped"},
      .rules = {{"goal 0.05", 0.05}}};
  for (int panel = 0; panel < 5; ++panel)
    for (const char* name : {"relu", "elu", "sigmoid"}) {
      Series s{.label = name, .activation = name, .panel = panel};
      for (int i = 0; i <= 30; ++i) {
        const double rate = (name[0] == 'r' ? 0.5 : name[0] == 'e' ? 0.25 : 0.05) * (panel + 1);
        double loss = 2.3 * std::exp(-rate * i);
        if (name[0] == 'r' && loss < 1e-6) loss = 0;
        if (name[0] == 'e' && (i == 8 || (i > 14 && i < 18))) loss = kNone;
        s.marks.push_back({.x = 100.0 * i, .y = about(loss, 0.4)});
      }
      f.series.push_back(std::move(s));
    }
  return f;
}

// Everything at once, and names that are too long for the margin.
Figure sixteen() {
  Figure f{.id = "toy-sixteen",
           .heading = "Lines",
           .title = "Sixteen series in one panel",
           .caption = "Each ends in a legend's entry of its own.",
           .x = {.label = "learning rate", .log = true},
           .y = {.label = "steps to a loss of 0.5"}};
  for (std::size_t k = 0; k < kAll.size(); ++k) {
    Series s{
        .label = kAll[k] + (k % 4 == 0 ? " with a name that goes on and on, to the margin" : ""),
        .activation = kAll[k]};
    for (const double rate : {1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2})
      s.marks.push_back(
          {.x = rate,
           .y = about(900 + 35.0 * static_cast<double>(k) - 150 * std::log10(rate / 1e-4), 0.03)});
    f.series.push_back(std::move(s));
  }
  return f;
}

// One activation in many variants, a control that is none, and zero on a logarithmic x axis.
Figure variants() {
  Figure f{.id = "toy-variants",
           .heading = "Lines",
           .title = "Variants of one function",
           .caption = "They share its hue; the control is drawn in ink; x has a place for zero.",
           .x = {.label = "beta", .log = true},
           .y = {.label = "time of a step", .unit = "s"}};
  for (int k = 0; k < 5; ++k) {
    Series s{.label = k == 4 ? "control" : "improved_sigmoid(alpha=" + number(1.5 + 0.5 * k) + ")",
             .activation = k == 4 ? "" : "improved_sigmoid"};
    for (const double beta : {0.0, 0.01, 0.05, 0.1})
      s.marks.push_back({.x = beta, .y = about(1e-4 * (k + 1) * (1 + beta), 0.05)});
    f.series.push_back(std::move(s));
  }
  return f;
}

// One seed, one point, the same value everywhere.
Figure equal() {
  Figure f{.id = "toy-equal",
           .heading = "Awkward data",
           .title = "All equal",
           .caption = "Two series that agree in every point, and one of a single point.",
           .x = {.label = "depth"},
           .y = {.label = "loss"}};
  for (const char* name : {"one layer", "three layers"})
    f.series.push_back(
        {.label = name, .marks = {{.x = 1, .y = {0.5, 0.5, 0.5}}, {.x = 2, .y = {0.5, 0.5, 0.5}}}});
  f.series.push_back({.label = "single", .marks = {{.x = 2, .y = {0.5, 0.5, 0.5}}}});
  return f;
}

Figure nothing(const std::string& id, std::vector<Series> series) {
  return {.id = id,
          .kind = Figure::Kind::dots,
          .heading = "Awkward data",
          .title = "Nothing to show",
          .caption = "A study that has just begun.",
          .y = {.label = "accuracy"},
          .series = std::move(series)};
}

// One series of dots: values written out, activations in their colours, one that is missing.
Figure times() {
  Figure f{.id = "toy-times",
           .kind = Figure::Kind::dots,
           .heading = "Dots",
           .title = "Time to the goal",
           .caption = "One row for each activation; sigmoid does not get there.",
           .x = {.label = "activation"},
           .y = {.label = "processor time to a loss of 0.1", .log = true, .unit = "s"},
           .rules = {{"one second", 1.0}}};
  Series s{.label = "time"};
  for (std::size_t k = 0; k < kAll.size(); ++k)
    s.marks.push_back({.category = kAll[k],
                       .y = k == 0 ? Spread{kNone, kNone, kNone}
                                   : about(0.02 * std::pow(1.4, static_cast<double>(k)), 0.2)});
  f.series.push_back(std::move(s));
  return f;
}

// Several series over long categories and panels, with zeros on a logarithmic scale.
Figure outside() {
  Figure f{.id = "toy-outside",
           .kind = Figure::Kind::dots,
           .heading = "Dots",
           .title = "What is left of the gradient",
           .caption = "Four cures in three panels; an exact zero stands open at the edge.",
           .x = {.label = "network"},
           .y = {.label = "gradient at the first layer", .log = true},
           .panels = {"4 layers", "16 layers", "32 layers"}};
  const std::vector<std::string> networks = {"relu", "sigmoid with weights 4 times as large",
                                             "residual, unscaled", "tanh"};
  for (int panel = 0; panel < 3; ++panel)
    for (const char* cure : {"none", "clipping", "orthogonal", "normalisation"}) {
      Series s{.label = cure, .panel = panel};
      for (std::size_t k = 0; k < networks.size(); ++k) {
        const double v =
            std::pow(10, -1.0 - 2 * panel * static_cast<double>(k) + (cure[0] == 'n' ? 0 : 1));
        s.marks.push_back({.category = networks[k], .y = about(v < 1e-12 ? 0 : v, 0.5)});
      }
      f.series.push_back(std::move(s));
    }
  return f;
}

Figure dead() {
  Figure f{.id = "toy-dead",
           .kind = Figure::Kind::heat,
           .heading = "Heat",
           .title = "Dead units by layer",
           .caption = "Shares over sixteen layers; prelu was not measured before training.",
           .x = {.label = "layer"},
           .y = {.label = "share of dead units", .unit = "%"},
           .panels = {"before training", "after training", "with the cure"}};
  for (int panel = 0; panel < 3; ++panel)
    for (const char* name : {"relu", "leaky_relu", "prelu", "sigmoid"}) {
      Series s{.label = name, .activation = name, .panel = panel};
      for (int layer = 1; layer <= 16; ++layer) {
        const double v = name[0] == 'r' ? 0.06 * layer * (panel % 2 + 0.1) / 1.1 : 0.01 * panel;
        s.marks.push_back(
            {.category = std::to_string(layer),
             .y = name[0] == 'p' && panel == 0 ? Spread{kNone, kNone, kNone} : about(v, 0.1)});
      }
      f.series.push_back(std::move(s));
    }
  return f;
}

Figure correlations() {
  Figure f{.id = "toy-correlations",
           .kind = Figure::Kind::heat,
           .heading = "Heat",
           .title = "Values of both signs under long names",
           .caption = "Differences of accuracy against the baseline of each data set.",
           .x = {.label = "data"},
           .y = {.label = "difference"}};
  for (const char* name : {"sigmoid", "tanh", "relu"}) {
    Series s{.label = name};
    int k = 0;
    for (const char* data :
         {"digits", "credit, numbers as they are", "breast_cancer", "two_spirals"})
      s.marks.push_back(
          {.category = data, .y = about(0.08 * (k++ - 1.5) * (name[0] == 't' ? 2 : 1), 0.1)});
    f.series.push_back(std::move(s));
  }
  return f;
}

Figure spectrum() {
  Figure f{.id = "toy-spectrum",
           .kind = Figure::Kind::heat,
           .heading = "Heat",
           .title = "Many orders of magnitude",
           .caption = "A logarithmic scale with a zero.",
           .x = {.label = "spread of the singular values"},
           .y = {.label = "gain", .log = true}};
  for (const char* name : {"orthogonal", "Gaussian", "log-normal"}) {
    Series s{.label = name};
    for (int k = 0; k < 5; ++k)
      s.marks.push_back({.category = number(0.5 * k),
                         .y = about(name[0] == 'o' && k == 4 ? 0 : std::pow(10, -3.0 * k), 0.1)});
    f.series.push_back(std::move(s));
  }
  return f;
}

}  // namespace

lab::Store make_store(const std::string& path) {
  lab::Store store(path, lab::Store::Mode::write);
  const auto session = store.begin_session({.started = "2026-01-01T00:00:00Z",
                                            .version = "0.1.0",
                                            .study = "toy",
                                            .title = "What can a figure be?",
                                            .description = "Made by hand.",
                                            .spec = "depth = [1, 2]",
                                            .processor = "Test",
                                            .target = "AVX2",
                                            .cores = 2,
                                            .threads = 2});
  std::vector<lab::RunSpec> wanted;
  for (const char* activation : {"relu", "elu(alpha=0.5)"})
    for (const int depth : {1, 2})
      for (const int seed : {1, 2, 3}) {
        const auto run = make_run(session, activation, depth, seed);
        store.add(run);
        wanted.push_back(run.spec);
      }
  store.set_wanted(wanted);
  return store;
}

Reading read(const Material& material) {
  Reading reading;
  reading.verdict = {
      "Every kind of figure can be drawn.",
      {"This page shows " + count(static_cast<int>(material.trials().size()), "trial") +
       " and what a reading may ask of the charts."}};
  reading.key = {.title = "Two depths",
                 .head = {"activation", "accuracy, 1 layer", "accuracy, 2 layers", "what it is"}};
  for (const char* activation : {"relu", "elu(alpha=0.5)"}) {
    std::vector<std::string> row = {activation};
    for (const auto& trial : material.trials(
             [&](const auto& spec) { return short_activation(spec.activation) == activation; }))
      row.push_back(percent(over(trial, test_accuracy).mid));
    row.push_back(activation[0] == 'r' ? "a kink" : "smooth");
    reading.key.rows.push_back(std::move(row));
  }
  reading.findings = {{.id = "figure",
                       .level = Finding::Level::problem,
                       .cause = "function",
                       .title = "A finding that a figure shows",
                       .text = "Its evidence stands below.",
                       .evidence = {{"accuracy", "92.2 %"}},
                       .remedy = "Look at it.",
                       .figure = "toy-losses"},
                      {.id = "table",
                       .title = "A finding that a table shows",
                       .text = "Points are offset + factor × log-odds.",
                       .figure = "toy-scorecard"}};
  reading.tables = {{.id = "toy-scorecard",
                     .title = "A scorecard",
                     .note = "20 points double the odds.",
                     .head = {"feature", "points", "meaning"},
                     .rows = {{"duration", "−12.4", "of the credit, in months"},
                              {"amount", "–", "not used"},
                              {"status=<0", "31", "<script>alert(1)</script>"}}}};
  reading.figures = {
      accuracy(),
      losses(),
      sixteen(),
      variants(),
      times(),
      outside(),
      dead(),
      correlations(),
      spectrum(),
      equal(),
      nothing("toy-empty", {}),
      nothing("toy-unknown",
              {{.label = "runs", .marks = {{.category = "relu", .y = {kNone, kNone, kNone}}}}})};
  return reading;
}

}  // namespace gradkeep::report::toy
