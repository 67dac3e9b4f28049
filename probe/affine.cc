// A Jacobian is carried from layer to layer as columns, what a change of the start does to h; the
// affine map as rows, what a change of h does to the outputs.
// SPDX-License-Identifier: Apache-2.0
#include "probe/affine.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <iterator>

#include "nn/product.h"

namespace gradkeep::probe {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::VectorXd;

auto view(const Table& table) {
  return Eigen::Map<const Matrix>(table.values.data(), table.rows, table.columns);
}
auto view(const std::vector<double>& values) {
  return Eigen::Map<const VectorXd>(values.data(), std::ssize(values));
}

Table to_table(const Matrix& m) {
  return {static_cast<int>(m.rows()), static_cast<int>(m.cols()), {m.data(), m.data() + m.size()}};
}

double inverse_deviation(double variance) {
  return 1 / std::sqrt(variance + nn::kNormalisationEpsilon);
}

// a b or, transposed, a^T b.
Matrix times(const Eigen::Ref<const Matrix>& a, const Matrix& b, nn::Op op = nn::Op::plain) {
  Matrix result(op == nn::Op::plain ? a.rows() : a.cols(), b.cols());
  const auto in_nn = [](const auto& m) {
    return nn::Matrix<const double>{m.data(), static_cast<int>(m.rows()),
                                    static_cast<int>(m.cols())};
  };
  nn::product<double>(
      op, in_nn(a), nn::Op::plain, in_nn(b),
      {result.data(), static_cast<int>(result.rows()), static_cast<int>(result.cols())});
  return result;
}

// Batch normalisation with the statistics of the snapshot's batch: scale * (a - mean) + beta.
struct Fixed {
  VectorXd mean, scale;
};
Fixed batch_statistics(const Layer& layer) {
  // b moves the mean only.
  const Matrix a = view(layer.x) * view(layer.w).transpose();
  Fixed fixed{a.colwise().mean(), VectorXd(a.cols())};
  for (Eigen::Index unit = 0; unit < a.cols(); ++unit)
    fixed.scale[unit] = layer.gamma[unit] *
                        inverse_deviation((a.col(unit).array() - fixed.mean[unit]).square().mean());
  fixed.mean += view(layer.b);
  return fixed;
}

// What a layer does to a change of h below it, at one example: its slopes there, the weights, the
// scale of normalisation, for layer normalisation (I - 1 1^T / m - n n^T / m) before that, and the
// skip.
struct Passage {
  const Layer* layer;
  VectorXd slope, scale, normal;  // the last two are empty where they do not apply

  Matrix forward(const Matrix& below) const {
    Matrix a = times(view(layer->w), slope.asDiagonal() * below);
    if (normal.size()) without_mean_and_normal(a);
    if (scale.size()) a = scale.asDiagonal() * a;
    if (layer->branch == 0) return a;
    return below + layer->branch * a;
  }
  Matrix backward(const Matrix& above) const {
    Matrix a = above;
    if (scale.size()) a = scale.asDiagonal() * a;
    if (normal.size()) without_mean_and_normal(a);
    Matrix result = slope.asDiagonal() * times(view(layer->w), a, nn::Op::transposed);
    if (layer->branch == 0) return result;
    return above + layer->branch * result;
  }
  void without_mean_and_normal(Matrix& a) const {
    const Matrix share = normal.transpose() * a / static_cast<double>(a.rows());
    a.rowwise() -= a.colwise().mean().eval();
    a -= normal * share;
  }
};

// From h of the first hidden layer to that of the last, for one example.
std::vector<Passage> passages(const Snapshot& snapshot, int example) {
  std::vector<Passage> result;
  const auto& layers = snapshot.layers;
  for (std::size_t i = 1; i < layers.size() && layers[i].hidden; ++i) {
    const Layer& layer = layers[i];
    Passage passage{&layer, view(layers[i - 1].slope).row(example), {}, {}};
    if (layer.normalisation == nn::Normalisation::batch)
      passage.scale = batch_statistics(layer).scale;
    if (layer.normalisation == nn::Normalisation::layer) {
      const VectorXd a = view(layer.w) * view(layer.x).row(example).transpose() + view(layer.b);
      passage.scale = view(layer.gamma) * inverse_deviation((a.array() - a.mean()).square().mean());
      passage.normal = view(layer.normal).row(example);
    }
    result.push_back(std::move(passage));
  }
  return result;
}

}  // namespace

// From the outputs down, as there are fewer of them than inputs in most networks.
std::optional<Affine> without_activations(const Snapshot& snapshot) {
  if (snapshot.layers.empty()) return {};
  const auto outputs = snapshot.layers.back().w.rows;
  // The outputs are by_h h + c, with h of the layer that the walk has come to.
  Matrix by_h = Matrix::Identity(outputs, outputs);
  VectorXd c = VectorXd::Zero(outputs);
  for (std::size_t i = snapshot.layers.size(); i-- > 0;) {
    const Layer& layer = snapshot.layers[i];
    if (layer.normalisation == nn::Normalisation::layer) return {};
    Matrix by_a = layer.branch == 0 ? by_h : Matrix(layer.branch * by_h);
    VectorXd constant = view(layer.b);
    if (layer.normalisation == nn::Normalisation::batch) {
      const Fixed fixed = batch_statistics(layer);
      c += by_a * view(layer.beta);
      by_a = by_a * fixed.scale.asDiagonal();
      constant -= fixed.mean;
    }
    c += by_a * constant;
    Matrix by_y = times(by_a, view(layer.w));
    if (i > 0) c += snapshot.layers[i - 1].shift * by_y.rowwise().sum();
    by_h = layer.branch == 0 ? by_y : Matrix(by_h + by_y);
  }
  if (!by_h.allFinite() || !c.allFinite()) return {};
  return Affine{to_table(by_h), {c.begin(), c.end()}};
}

std::optional<Table> jacobian(const Snapshot& snapshot, int example) {
  const auto way = passages(snapshot, example);
  if (way.empty()) return {};
  const auto width = snapshot.layers.front().h.columns;
  Matrix h = Matrix::Identity(width, width);
  for (const Passage& passage : way) h = passage.forward(h);
  if (!h.allFinite()) return {};
  return to_table(h);
}

std::optional<Operator> jacobian_operator(const Snapshot& snapshot, int example) {
  auto way = passages(snapshot, example);
  if (way.empty()) return {};
  const int rows = way.back().layer->h.columns, columns = snapshot.layers.front().h.columns;
  const auto copy = [](const Matrix& from, std::span<double> to) {
    std::copy_n(from.data(), to.size(), to.begin());
  };
  const auto column = [](std::span<const double> x) -> Matrix {
    return Eigen::Map<const Matrix>(x.data(), std::ssize(x), 1);
  };
  return Operator{rows, columns,
                  [=](std::span<const double> x, std::span<double> y) {
                    Matrix h = column(x);
                    for (const Passage& passage : way) h = passage.forward(h);
                    copy(h, y);
                  },
                  [=](std::span<const double> y, std::span<double> x) {
                    Matrix h = column(y);
                    for (auto at = way.rbegin(); at != way.rend(); ++at) h = at->backward(h);
                    copy(h, x);
                  }};
}

}  // namespace gradkeep::probe
