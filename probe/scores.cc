// Probabilities and their logarithms come from the logits in double, so that a confident sigmoid is
// neither 0 nor 1 for want of digits.
// SPDX-License-Identifier: Apache-2.0
#include "probe/scores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "probe/reduce.h"

namespace gradkeep::probe {
namespace {

constexpr int kBins = 15;

double softplus(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

// ln of the sum of e^v.
double log_sum(std::span<const double> values) {
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double v : values) sum += std::exp(v - top);
  return top + std::log(sum);
}

// ln of each output's probability, which need not sum to one.
std::vector<double> log_probabilities(nn::Loss loss, std::span<const double> z) {
  std::vector<double> result(z.begin(), z.end());
  if (loss == nn::Loss::softmax) {
    const double sum = log_sum(z);
    for (double& v : result) v -= sum;
  } else {
    for (double& v : result) v = -softplus(-v);
  }
  return result;
}

double log_loss_of_logits(nn::Loss loss, std::span<const double> z, int label) {
  if (z.size() == 1) return softplus(label == 1 ? -z[0] : z[0]);
  const auto log_p = log_probabilities(loss, z);
  return loss == nn::Loss::softmax ? -log_p[label] : log_sum(log_p) - log_p[label];
}

double log_loss_of_outputs(std::span<const double> p, int label) {
  const bool outside = std::any_of(p.begin(), p.end(), [](double v) { return v < 0 || v > 1; });
  const double share = outside ? 0 : right_share(p, label);
  return share > 0 ? -std::log(share) : kInfinity;
}

}  // namespace

std::optional<Forecasts> forecasts_of(const Held& held) {
  if (held.outputs.rows == 0 || held.classes == 0 || !all_finite(held.outputs.values)) return {};
  Forecasts result{held.classes, held.outputs, {}, held.label};
  for (int row = 0; row < held.outputs.rows; ++row) {
    const auto outputs = held.outputs.row(row);
    const int label = held.label[row];
    if (held.loss == nn::Loss::squared) {
      result.log_loss.push_back(log_loss_of_outputs(outputs, label));
      continue;
    }
    result.log_loss.push_back(log_loss_of_logits(held.loss, outputs, label));
    double* p = result.p.values.data() + static_cast<std::size_t>(row) * outputs.size();
    for (const double log_p : log_probabilities(held.loss, outputs)) *p++ = std::exp(log_p);
  }
  return result;
}

double right_share(std::span<const double> p, int label) {
  if (p.size() == 1) return label == 1 ? p[0] : 1 - p[0];
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  return sum > 0 ? p[label] / sum : 0;
}

double calibration_error(std::span<const double> p, const std::vector<bool>& happened) {
  // Per bin the sum of (happened - p): the count that it would be weighted by cancels.
  double surplus[kBins] = {};
  for (std::size_t i = 0; i < p.size(); ++i) {
    // Compared with the edges as doubles: p = 0.2 is the edge 3/15, whatever 0.2 * 15 rounds to.
    int bin = 0;
    while (bin < kBins - 1 && p[i] > (bin + 1) / static_cast<double>(kBins)) ++bin;
    surplus[bin] += happened[i] - p[i];
  }
  double sum = 0;
  for (const double v : surplus) sum += std::abs(v);
  return sum / static_cast<double>(p.size());
}

}  // namespace gradkeep::probe
