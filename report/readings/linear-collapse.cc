// linear-collapse: a product of matrices is a matrix, and so is a product of convolutions. A stack
// of linear layers can therefore fit no more than one layer can; what it computes is printed here as
// that one layer. With a nonlinearity between them the same stacks fit more.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/parts.h"

namespace gradkeep::report::readings {
namespace {

bool linear(const lab::RunSpec& s) { return s.activation == "identity"; }
bool one_layer(const lab::RunSpec& s) { return s.depth == 0; }

Spread collapse(const Trial& t) {
  return over(t, [](const lab::Run& r) { return at_end(r, "collapse"); });
}

std::string name(const Trial& t) {
  if (one_layer(t.spec())) return "one layer";
  const std::string kind = t.spec().architecture == "convolution" ? "convolution" : "hidden layer";
  return t.activation() + ", " + count(t.spec().depth, kind);
}

// The trials of one data set.
std::vector<Trial> on(const Material& material, const std::string& data) {
  return material.trials([&](const lab::RunSpec& s) { return s.data == data; });
}

const Trial* single(const std::vector<Trial>& trials) {
  for (const auto& t : trials)
    if (one_layer(t.spec())) return &t;
  return nullptr;
}

Figure losses(const std::string& data, const std::vector<Trial>& trials) {
  Figure figure{
      .id = "loss-" + data,
      .kind = Figure::Kind::dots,
      .heading = "What depth gives",
      .title = "Squared error on the training part: " + data,
      .caption =
          "After equal budgets; mean and range over the seeds. The line is one linear layer.",
      .x = {"Network"},
      .y = {"squared error"}};
  if (const Trial* one = single(trials)) figure.rules = {{"one layer", over(*one, train_loss).mid}};
  Series series{"training loss"};
  for (const auto& t : trials)
    series.marks.push_back({.category = name(t), .y = over(t, train_loss)});
  figure.series = {series};
  return figure;
}

// The affine map that a net with few inputs and one output has become.
std::vector<std::string> printed(const lab::Run& run) {
  std::vector<std::string> row;
  for (int i = 1; i <= run.features; ++i)
    row.push_back(number(at_end(run, "product_" + std::to_string(i), 1), 4));
  row.push_back(number(at_end(run, "product_b", 1), 4));
  return row;
}

}  // namespace

Reading linear_collapse(const Material& material) {
  Reading reading;
  std::vector<std::string> sets;
  for (const auto& t : material.trials()) place(sets, t.spec().data);

  reading.key = {
      .title = "Squared error after training, and how far the network is from one linear map",
      .head = {"data", "network", "training loss", "test accuracy", "distance from linear"}};
  double worst_linear = 0, best_gain = 1;
  std::string best_name;
  std::vector<std::string> equal, unequal;  // data sets; networks with their ratio
  for (const auto& data : sets) {
    const auto trials = on(material, data);
    const Trial* one = single(trials);
    const std::size_t unequal_before = unequal.size();
    for (const auto& t : trials) {
      reading.key.rows.push_back({data, name(t), number(over(t, train_loss).mid, 4),
                                  percent(over(t, test_accuracy).mid), number(collapse(t).mid, 2)});
      if (linear(t.spec())) worst_linear = std::max(worst_linear, collapse(t).high);
      if (!one || &t == one) continue;
      const double ratio = over(t, train_loss).mid / over(*one, train_loss).mid;
      if (linear(t.spec()) && !(std::abs(ratio - 1) <= 0.01))
        unequal.push_back(name(t) + " (" + number(ratio) + ")");
      if (!linear(t.spec()) && ratio < best_gain) {
        best_gain = ratio;
        best_name = name(t) + " on " + data;
      }
    }
    if (one && unequal.size() == unequal_before) equal.push_back(data);
    reading.figures.push_back(losses(data, trials));
    Figure curves{.id = "curve-" + data,
                  .heading = "How they get there",
                  .title = "Training loss against steps: " + data,
                  .caption = "What a linear stack can reach is what one layer can.",
                  .x = {"step"},
                  .y = {"squared error"}};
    for (const auto& t : trials)
      curves.series.push_back(curve(
          name(t), "", place(curves.panels, one_layer(t.spec()) ? "identity" : t.activation()), t,
          train_loss_of));
    reading.figures.push_back(curves);
  }
  if (!reading.figures.empty()) reading.figures.front().lead = true;

  for (const auto& data : sets) {
    const auto trials = on(material, data);
    const Trial* one = single(trials);
    if (!one || one->runs.front()->features > 6) continue;
    TextTable table{.id = "product",
                    .title = "The one layer that each linear stack is",
                    .note =
                        "The product of its weight matrices and what its biases add up to, at the "
                        "end of training, for the first seed: "
                        "the same line whatever the depth.",
                    .head = {"network"}};
    for (int i = 1; i <= one->runs.front()->features; ++i)
      table.head.push_back("weight of input " + std::to_string(i));
    table.head.push_back("bias");
    for (const auto& t : trials) {
      if (!linear(t.spec())) continue;
      auto row = printed(*t.runs.front());
      row.insert(row.begin(), name(t));
      table.rows.push_back(std::move(row));
    }
    reading.tables.push_back(std::move(table));
  }

  reading.verdict.headline =
      "Without a nonlinearity depth gives nothing: every linear stack is one layer.";
  reading.verdict.text.push_back(
      "Each linear stack, dense or of convolutions, computes one matrix and one bias, to within " +
      number(worst_linear, 2) + " of its outputs." +
      (equal.empty()
           ? ""
           : " Its loss is that of one layer, to 1 %, at every depth on " + join(equal) + ".") +
      (unequal.empty() ? ""
                       : " Off one layer's after this budget, as a ratio: " + join(unequal) + "."));
  if (best_gain < 1)
    reading.verdict.text.push_back("The same stack with a nonlinearity goes below: " + best_name +
                                   " ends at " + number(best_gain) + " of the one layer's loss.");
  reading.findings.push_back(
      {.id = "convolution",
       .level = Finding::Level::note,
       .title = "A convolution is linear",
       .text = "Written as a matrix, a convolution is one with many zeros and few different "
               "numbers. A product of such matrices is again "
               "a matrix: away from the border three convolutions of 3 by 3 in a row are one of 7 "
               "by 7.",
       .evidence = {{"largest distance from one linear map", number(worst_linear, 2)}},
       .figure = reading.tables.empty() ? "" : "product"});
  return reading;
}

}  // namespace gradkeep::report::readings
