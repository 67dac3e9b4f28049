// The three losses; see loss.h. Sums are taken in double for float too: a batch has few logits, and
// the loss of a good network is small.
// SPDX-License-Identifier: Apache-2.0
#include "nn/loss.h"

#include <gradkeep/core.h>

#include <algorithm>
#include <cmath>

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

// -log sigmoid(z) for label 1, -log(1 - sigmoid(z)) for label 0: max(z, 0) - z t + log1p(e^-|z|).
double binary_loss(double z, int label) {
  return std::max(z, 0.0) - z * label + std::log1p(std::exp(-std::abs(z)));
}

// sigmoid(z) - t without cancellation: sigmoid(z) for label 0, -sigmoid(-z) for label 1.
double binary_slope(double z, int label) {
  return label ? -1 / (1 + std::exp(z)) : 1 / (1 + std::exp(-z));
}

}  // namespace

Loss parse_loss(std::string_view text) {
  return data::parse_word<Loss>(
      "loss", text,
      {{"softmax", Loss::softmax}, {"binary", Loss::binary}, {"squared", Loss::squared}});
}

template <class T>
double loss_and_gradient(Loss loss, Matrix<const T> logits, const Wanted<T>& wanted,
                         Matrix<T> gradient) {
  const double rows = logits.rows;
  double sum = 0;
  switch (loss) {
    case Loss::softmax:
      for (int r = 0; r < logits.rows; ++r) {
        sum += softmax_row<T>(logits.row(r), wanted.label[r], 1 / rows,
                              gradient.data ? gradient.row(r) : std::span<T>());
      }
      return sum / rows;
    case Loss::binary:
      for (int r = 0; r < logits.rows; ++r) {
        const double z = logits(r, 0);
        sum += binary_loss(z, wanted.label[r]);
        if (gradient.data) {
          gradient(r, 0) = static_cast<T>(binary_slope(z, wanted.label[r]) / rows);
        }
      }
      return sum / rows;
    case Loss::squared:
      break;
  }
  const double count = static_cast<double>(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double difference = static_cast<double>(logits.data[i]) - wanted.target.data[i];
    sum += difference * difference;
    if (gradient.data) gradient.data[i] = static_cast<T>(2 * difference / count);
  }
  return sum / count;
}

template <class T>
int count_correct(Loss loss, Matrix<const T> logits, std::span<const int> label) {
  int correct = 0;
  for (int r = 0; r < logits.rows; ++r) {
    const auto z = logits.row(r);
    const int guess = loss == Loss::binary
                          ? z[0] > 0
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
