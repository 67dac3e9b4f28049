// Effective rank of a layer's outputs: over how many directions of the space of its units the examples
// of the batch spread. Of the singular values of the outputs, from which each unit's mean has been
// taken, divided by their sum, it is e to the entropy (Roy and Vetterli 2007): k for k equal ones, 1
// where the examples lie on a line. effective_rank_h is the same of the pre-activations. Nothing where
// the examples cannot be told apart by more than rounding.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "probe/probe.h"
#include "probe/reduce.h"
#include "probe/spectrum.h"

namespace gradkeep::probe::quantity {
namespace {

// `epsilon`: of the numbers as the network computed them.
std::optional<double> effective_rank_of(const Table& table, double epsilon) {
  Table centred = table;
  centred.summary.reset();
  for (int unit = 0; unit < table.columns; ++unit) {
    double sum = 0;
    for (int row = 0; row < table.rows; ++row) sum += table.row(row)[unit];
    for (int row = 0; row < table.rows; ++row)
      centred.values[static_cast<std::size_t>(row) * table.columns + unit] -= sum / table.rows;
  }
  // What rounding leaves of outputs that are all equal is no direction: neither that of the means
  // here nor that of the outputs, whose last bits differ from example to example.
  const double rounding =
      std::max(epsilon, table.rows * std::numeric_limits<double>::epsilon()) * norm(table.values);
  auto values = singular_values(centred).values;
  std::erase_if(values, [&](double v) { return v <= rounding; });
  if (values.empty()) return {};
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  double entropy = 0;
  for (const double v : values) entropy -= v / sum * std::log(v / sum);
  return std::exp(entropy);
}

}  // namespace

Probe effective_rank() {
  return {.name = "effective_rank",
          .title = "effective rank of the layer's outputs and pre-activations",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                for (const Layer& layer : snapshot.layers) {
                  sink.add(layer.number, effective_rank_of(layer.y, snapshot.epsilon));
                  if (const auto of_h = effective_rank_of(layer.h, snapshot.epsilon))
                    sink.add(layer.number, *of_h, "h");
                }
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
