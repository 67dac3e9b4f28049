// output: what stands on top of a network, and which error it sends back. Cross-entropy on logits
// sends back p - y; the squared error of a sigmoid sends back (p - y) p (1 - p), which is next to
// nothing exactly where the net is confidently wrong. And a score that can be explained: log-odds
// add up, so logistic regression prints as a card of points.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/dataset.h"
#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

// 20 points double the odds, 600 points at odds of 50 to 1.
constexpr double kDouble = 20, kAnchor = 600, kAnchorOdds = 50;
const double kFactor = kDouble / std::log(2.0);
const double kOffset = kAnchor - kFactor * std::log(kAnchorOdds);
constexpr std::size_t kLongest = 16;

std::string name(const lab::RunSpec& s) {
  if (s.loss == "softmax") return "softmax, cross-entropy";
  if (s.loss == "binary") return "sigmoids, cross-entropy";
  return short_activation(s.output) + "s, squared error";
}

Number score(const std::string& probe) {
  return [probe](const lab::Run& r) { return at_end(r, probe); };
}

Figure dots(const std::string& id, const std::string& title, const std::string& caption, Scale y,
            const std::vector<Trial>& trials, const std::function<Spread(const Trial&)>& value) {
  Figure figure{.id = id,
                .kind = Figure::Kind::dots,
                .heading = "On ten digits",
                .title = title,
                .caption = caption,
                .x = {"Output"},
                .y = std::move(y)};
  std::vector<std::string> depths;
  for (const auto& t : trials) {
    const int i = place(depths, count(t.spec().depth, "hidden layer"));
    if (i == static_cast<int>(figure.series.size())) figure.series.push_back({depths.back()});
    figure.series[static_cast<std::size_t>(i)].marks.push_back(
        {.category = name(t.spec()), .y = value(t)});
  }
  return figure;
}

// What reaches the last layer's pre-activation z of a lone sigmoid that should say 1.
TextTable confidently_wrong() {
  const Activation sigmoid("sigmoid");
  TextTable table{.id = "wrong",
                  .title = "The error that reaches the last layer when the answer should be 1",
                  .note =
                      "Derivative of the loss with respect to z, as a size: p - y for "
                      "cross-entropy, (p - y) p (1 - p) for half the squared error.",
                  .head = {"z", "p = sigmoid(z)", "cross-entropy", "squared error"}};
  for (const double z : {-8.0, -4.0, -2.0, 0.0, 2.0, 4.0}) {
    const double p = sigmoid(z), rest = sigmoid(-z);
    table.rows.push_back({number(z), number(p), number(rest), number(rest * p * rest)});
  }
  return table;
}

struct Card {
  std::vector<std::pair<std::string, double>> points;  // by feature: for a dummy being 1, or a unit
  double base = 0;
};

// Weights of standardised inputs as points of the inputs themselves.
Card card(const lab::Run& run) {
  const auto set = data::load({.name = run.spec.data});
  auto parts = data::split(set, run.spec.validation_share, run.spec.test_share,
                           static_cast<std::uint64_t>(run.spec.split_seed));
  const auto scaler = data::fit_scaler(data::parse_scale(run.spec.scale), parts.train);
  Card result;
  double logit = at_end(run, "product_b", 1);
  for (std::size_t j = 0; j < set.features; ++j) {
    const double slope = at_end(run, "product_" + std::to_string(j + 1), 1) * scaler.factor[j];
    logit -= slope * scaler.shift[j];
    result.points.emplace_back(set.feature_names[j], kFactor * slope);
  }
  result.base = kOffset + kFactor * logit;
  return result;
}

TextTable scorecard(const lab::Run& run) {
  Card made = card(run);
  std::stable_sort(made.points.begin(), made.points.end(), [](const auto& a, const auto& b) {
    return std::abs(a.second) > std::abs(b.second);
  });
  TextTable table{
      .id = "scorecard",
      .title = "Logistic regression on German credit as a scorecard",
      .note = "points = offset + factor × log-odds of a good payer; " + number(kDouble) +
              " points double the odds and " + number(kAnchor) + " points stand at " +
              number(kAnchorOdds) + ":1, so factor = " + number(kFactor, 6) +
              " and offset = " + number(kOffset, 7) +
              ". A feature with = counts where it holds, a number counts for each unit. The " +
              std::to_string(kLongest) + " heaviest of " + std::to_string(made.points.size()) +
              " features, first seed.",
      .head = {"feature", "points"}};
  const auto signed_points = [](double v) { return (v >= 0 ? "+" : "−") + number(std::abs(v), 3); };
  table.rows.push_back({"to begin with", number(made.base, 4)});
  for (std::size_t i = 0; i < std::min(kLongest, made.points.size()); ++i)
    table.rows.push_back({made.points[i].first, signed_points(made.points[i].second)});
  return table;
}

}  // namespace

Reading output(const Material& material) {
  const auto digits = material.trials([](const lab::RunSpec& s) { return s.data == "digits"; });
  const auto credit = material.trials([](const lab::RunSpec& s) { return s.data == "credit"; });
  Reading reading;
  const auto accuracy = [](const Trial& t) { return over(t, test_accuracy); };
  reading.figures = {
      dots("accuracy", "Test accuracy", "Mean and range over the seeds.",
           {"test accuracy", false, "%"}, digits, accuracy),
      dots("ece", "Calibration error",
           "How far confidence is from accuracy: mean over 15 bins of confidence, weighted by "
           "their examples. 0 is perfect; with some hundred test images it is never 0.",
           {"expected calibration error", false, "%"}, digits,
           [](const Trial& t) { return over(t, score("ece")); }),
      dots("sum", "Sum of the ten outputs",
           "Mean over the test images. Softmax sums to 1 by construction, ten sigmoids to whatever "
           "they like.",
           {"sum"}, digits, [](const Trial& t) { return over(t, score("output_sum")); })};
  if (!reading.figures.empty()) reading.figures.front().lead = true;
  reading.figures[2].rules = {{"1", 1.0}};
  Figure losses{.id = "loss",
                .heading = "On ten digits",
                .title = "Test-like accuracy against steps",
                .caption = "Accuracy on the validation part while training.",
                .x = {"step"},
                .y = {"validation accuracy", false, "%"}};
  losses.title = "Validation accuracy against steps";
  for (const auto& t : digits)
    losses.series.push_back(curve(name(t.spec()), "",
                                  place(losses.panels, count(t.spec().depth, "hidden layer")), t,
                                  [](const lab::CurvePoint& p) { return p.held_accuracy; }));
  reading.figures.push_back(losses);

  reading.key = {.title = "Three outputs on ten digits",
                 .head = {"output and loss", "hidden layers", "test accuracy", "calibration error",
                          "log loss", "Brier score", "sum of outputs"}};
  int deepest = 0;
  for (const auto& t : digits) {
    deepest = std::max(deepest, t.spec().depth);
    reading.key.rows.push_back(
        {name(t.spec()), std::to_string(t.spec().depth), percent(accuracy(t).mid),
         percent(over(t, score("ece")).mid), number(over(t, score("log_loss")).mid),
         number(over(t, score("brier")).mid), number(over(t, score("output_sum")).mid)});
  }
  reading.tables.push_back(confidently_wrong());

  const auto find = [&](const std::string& loss, int depth) -> const Trial* {
    for (const auto& t : digits)
      if (t.spec().loss == loss && t.spec().depth == depth) return &t;
    return nullptr;
  };
  const Trial *softmax = find("softmax", deepest), *binary = find("binary", deepest),
              *squared = find("squared", deepest);
  const int test =
      digits.empty() ? material.test_examples() : test_examples(*digits.front().runs.front());
  const double p = Activation("sigmoid")(-8.0);
  reading.verdict.headline =
      "Cross-entropy on logits: its error does not vanish where the network is confidently wrong.";
  reading.verdict.text.push_back(
      "A sigmoid output that says " + number(p) + " where it should say 1 sends back an error of " +
      number(1 - p, 2) + " with cross-entropy and of " + number((1 - p) * p * (1 - p), 2) +
      " with half the squared error.");
  if (softmax && binary && squared) {
    const Spread a = accuracy(*softmax), b = accuracy(*binary), c = accuracy(*squared);
    const auto against = [&](const Spread& s, const std::string& what) {
      return apart(a, s, test)
                 ? (a.mid > s.mid ? "beats " : "loses to ") + what + " (" + percent(s.mid) + ")"
                 : "cannot be told apart from " + what + " (" + percent(s.mid) + ")";
    };
    reading.verdict.text.push_back(
        "On ten digits over " + count(deepest, "hidden layer") +
        ", each at its own best learning rate, softmax (" + percent(a.mid) + ") " +
        against(b, "ten sigmoids with cross-entropy") + " and " +
        against(c, "ten sigmoids with the squared error") +
        ". Its outputs sum to 1, those of ten sigmoids to " +
        number(over(*binary, score("output_sum")).mid) + " with cross-entropy and " +
        number(over(*squared, score("output_sum")).mid) + " with the squared error.");
    reading.findings.push_back(
        {.id = "squared",
         .level = Finding::Level::problem,
         .title = "The squared error pays with a factor p (1 - p)",
         .text = "Its gradient carries the slope of the sigmoid, at most 1/4 and next to 0 at both "
                 "ends. A larger learning rate makes up for the "
                 "first, nothing for the second.",
         .evidence = {{"learning rate chosen, cross-entropy", number(binary->spec().learning_rate)},
                      {"learning rate chosen, squared error",
                       number(squared->spec().learning_rate)}},
         .remedy = "loss = \"softmax\" for one class of many, \"binary\" for yes or no.",
         .figure = "wrong"});
    reading.findings.push_back(
        {.id = "calibration",
         .level = Finding::Level::note,
         .title = "Calibration is a matter of its own",
         .text = "Accuracy asks which class is first; calibration whether 90 % sure means right "
                 "nine times in ten. It is estimated from " +
                 std::to_string(test) +
                 " test examples here, so read small differences with care, and beside log loss or "
                 "Brier score.",
         .evidence = {{"softmax", percent(over(*softmax, score("ece")).mid)},
                      {"sigmoids, cross-entropy", percent(over(*binary, score("ece")).mid)},
                      {"sigmoids, squared error", percent(over(*squared, score("ece")).mid)}},
         .figure = "ece"});
  }
  const Trial* regression = nullptr;
  TextTable scores{.id = "credit",
                   .title = "German credit: three outputs on one linear layer",
                   .note =
                       "On the test part, mean over the seeds. Clipped: probabilities cut to "
                       "[1e-7, 1 - 1e-7] first.",
                   .head = {"output and loss", "accuracy", "log loss", "clipped", "Brier score",
                            "calibration error", "outside (0,1)"}};
  for (const auto& t : credit) {
    if (t.spec().loss == "binary") regression = &t;
    const double outside = over(t, score("outside")).mid;
    bool infinite = false;
    for (const auto* r : t.runs) infinite |= std::isinf(at_end(*r, "log_loss"));
    scores.rows.push_back({name(t.spec()), percent(accuracy(t).mid),
                           infinite ? "infinite" : number(over(t, score("log_loss")).mid),
                           number(over(t, score("log_loss_clipped")).mid),
                           number(over(t, score("brier")).mid),
                           percent(over(t, score("ece_positive")).mid),
                           std::isfinite(outside) ? percent(outside) : "0.0 %"});
  }
  if (regression) {
    reading.tables.push_back(scorecard(*regression->runs.front()));
    reading.findings.push_back(
        {.id = "scorecard",
         .level = Finding::Level::note,
         .title = "A probability with log-odds can be printed as points",
         .text = "Logistic regression adds up log-odds, so each feature has its points and the sum "
                 "is the score. The improved sigmoid cannot be read "
                 "that way: its values leave (0,1), and a number below 0 has no odds.",
         .evidence = {{"factor", number(kFactor, 6)},
                      {"offset", number(kOffset, 7)},
                      {"test accuracy", share_text(accuracy(*regression))}},
         .figure = "scorecard"});
  }
  if (!scores.rows.empty()) reading.tables.push_back(scores);
  return reading;
}

}  // namespace gradkeep::report::readings
