// The three losses; see loss.h. Sums are taken in double for float too: a batch has few logits, and
// the loss of a good network is small.
// SPDX-License-Identifier: Apache-2.0
#include "nn/loss.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "data/words.h"

namespace gradkeep::nn {
namespace {

// log(sum exp z) - z[label], and softmax(z) - onehot.
template <class T>
double softmax_row(std::span<const T> z, int label, double scale, std::span<T> dz) {
  const double top = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (const T v : z) sum += std::exp(v - top);
  if (!dz.empty()) {
    for (std::size_t j = 0; j < z.size(); ++j) {
      const double p = std::exp(z[j] - top) / sum;
      dz[j] = static_cast<T>((p - (static_cast<int>(j) == label)) * scale);
    }
  }
  return std::log(sum) - (static_cast<double>(z[label]) - top);
}

// -log sigmoid(z) for t = 1, -log(1 - sigmoid(z)) for t = 0: max(z, 0) - z t + log1p(e^-|z|).
double binary_loss(double z, double t) {
  return std::max(z, 0.0) - z * t + std::log1p(std::exp(-std::abs(z)));
}

// sigmoid(z) - t without cancellation: sigmoid(z) for t = 0, -sigmoid(-z) for t = 1.
double binary_slope(double z, double t) {
  return t == 1 ? -1 / (1 + std::exp(z)) : 1 / (1 + std::exp(-z));
}

// What output j of row r should be: the label itself or the label's place among the outputs; for
// the squared loss a target, if there is one.
template <class T>
double wanted_value(Loss loss, const Wanted<T>& wanted, int r, int j, int outputs) {
  if (loss == Loss::squared && wanted.target.data) return wanted.target(r, j);
  return outputs == 1 ? wanted.label[r] : wanted.label[r] == j;
}

}  // namespace

Loss parse_loss(std::string_view text) {
  return data::parse_word<Loss>(
      "loss", text,
      {{"softmax", Loss::softmax}, {"binary", Loss::binary}, {"squared", Loss::squared}});
}

void check_output(Loss loss, const Activation& output) {
  if (loss == Loss::squared || output.info().name == "identity") return;
  const bool softmax = loss == Loss::softmax;
  std::string message = "loss: " + std::string(softmax ? "softmax" : "binary") +
                        " takes logits, to which it applies the " +
                        (softmax ? "softmax" : "sigmoid") +
                        " itself, expected the output activation identity, got " + output.text();
  const Interval range = output.range();
  if (range.low < 0 || range.high > 1) {
    message += "; its range is " + range.text() + ", so its values are no probabilities";
  }
  throw Error(message);
}

template <class T>
double loss_and_gradient(Loss loss, Matrix<const T> outputs, const Wanted<T>& wanted,
                         Matrix<T> gradient) {
  const double rows = outputs.rows, count = static_cast<double>(outputs.size());
  double sum = 0;
  if (loss == Loss::softmax) {
    for (int r = 0; r < outputs.rows; ++r) {
      sum += softmax_row<T>(outputs.row(r), wanted.label[r], 1 / rows,
                            gradient.data ? gradient.row(r) : std::span<T>());
    }
    return sum / rows;
  }
  for (int r = 0; r < outputs.rows; ++r) {
    for (int j = 0; j < outputs.cols; ++j) {
      const double z = outputs(r, j), t = wanted_value(loss, wanted, r, j, outputs.cols);
      const bool binary = loss == Loss::binary;
      sum += binary ? binary_loss(z, t) : (z - t) * (z - t);
      if (gradient.data) {
        gradient(r, j) = static_cast<T>(binary ? binary_slope(z, t) / count : 2 * (z - t) / count);
      }
    }
  }
  return sum / count;
}

template <class T>
int count_correct(Loss loss, Matrix<const T> outputs, std::span<const int> label) {
  const T threshold = loss == Loss::squared ? T(0.5) : T(0);
  int correct = 0;
  for (int r = 0; r < outputs.rows; ++r) {
    const auto z = outputs.row(r);
    const int guess = z.size() == 1
                          ? z[0] > threshold
                          : static_cast<int>(std::max_element(z.begin(), z.end()) - z.begin());
    correct += guess == label[r];
  }
  return correct;
}

template double loss_and_gradient(Loss, Matrix<const float>, const Wanted<float>&, Matrix<float>);
template double loss_and_gradient(Loss, Matrix<const double>, const Wanted<double>&,
                                  Matrix<double>);
template int count_correct(Loss, Matrix<const float>, std::span<const int>);
template int count_correct(Loss, Matrix<const double>, std::span<const int>);

}  // namespace gradkeep::nn
