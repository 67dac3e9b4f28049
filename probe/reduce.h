// The reductions that probes share. Squares are summed relative to the largest magnitude, so that a
// gradient of 1e-200 has a root mean square too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "probe/snapshot.h"

namespace gradkeep::probe {

double mean(std::span<const double> values);
double deviation(std::span<const double> values);  // standard deviation around the mean
double norm(std::span<const double> values);       // Euclidean (Frobenius)
double distance(std::span<const double> a, std::span<const double> b);  // norm of a - b
double root_mean_square(std::span<const double> values);
double share_of_zeros(std::span<const double> values);
// The same of a table, from its summary where that will do.
double mean(const Table& table);
double deviation(const Table& table);
double norm(const Table& table);
double root_mean_square(const Table& table);
double share_of_zeros(const Table& table);
bool all_finite(const Table& table);
// Of ascending numbers: share 0 is the first, 1 the last, between two of them the straight line.
double quantile(std::span<const double> ascending, double share);
bool all_finite(std::span<const double> values);

// The share of the nonzero numbers that have the sign of most of them, 0.5 to 1; nothing where all
// are zero.
std::optional<double> majority_sign(std::span<const double> values);

// Calls measure(layer) for each layer, or each hidden one, and hands its number on; a
// std::optional may be empty where there is none.
template <class Measure>
void each_layer(const Snapshot& snapshot, auto& sink, const Measure& measure) {
  for (const auto& layer : snapshot.layers) sink.add(layer.number, measure(layer));
}
template <class Measure>
void each_hidden(const Snapshot& snapshot, auto& sink, const Measure& measure) {
  for (const auto& layer : snapshot.layers)
    if (layer.hidden) sink.add(layer.number, measure(layer));
}
// Calls measure(layer, next) for each hidden layer and the one that its gradient comes from.
template <class Measure>
void each_passage(const Snapshot& snapshot, auto& sink, const Measure& measure) {
  for (std::size_t i = 0; i + 1 < snapshot.layers.size(); ++i)
    sink.add(snapshot.layers[i].number, measure(snapshot.layers[i], snapshot.layers[i + 1]));
}

}  // namespace gradkeep::probe
