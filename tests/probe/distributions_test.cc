// Effective ranks, histograms and quantiles of layers whose numbers are written down.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "data/random.h"
#include "measured.h"
#include "nn/initialise.h"
#include "probe/observer.h"
#include "probe/reduce.h"
#include "probe/spectrum.h"

namespace gradkeep::probe {
namespace {

Snapshot of(Table y, const Activation* activation = nullptr) {
  Snapshot s;
  Layer layer;
  layer.number = 1;
  layer.activation = activation;
  layer.h = layer.y = std::move(y);
  s.layers = {layer};
  return s;
}

// The means of the columns are 2 and 3; what remains has singular values a sqrt(2) and b sqrt(2).
Table cross(double a, double b) { return table(4, 2, {2 + a, 3, 2 - a, 3, 2, 3 + b, 2, 3 - b}); }

TEST(EffectiveRank, OfTwoDirections) {
  EXPECT_NEAR(measured("effective_rank", of(cross(1, 1))).at(1), 2, 1e-14);
  EXPECT_NEAR(measured("effective_rank", of(cross(5, 0))).at(1), 1, 1e-14);
  // Shares 3/4 and 1/4: 4 / 3^(3/4).
  EXPECT_NEAR(measured("effective_rank", of(cross(3, 1))).at(1), 4 / std::pow(3, 0.75), 1e-14);
  auto s = of(cross(3, 1));
  s.layers[0].h = cross(0, 1);
  EXPECT_NEAR(measured("effective_rank", s, "effective_rank_h").at(1), 1, 1e-14);
}

TEST(EffectiveRank, NothingWhereExamplesAreAlike) {
  Table alike{3, 3, {}};
  for (int i = 0; i < 3; ++i) alike.values.insert(alike.values.end(), {0.1, 0.7, 1e5 / 3});
  EXPECT_EQ(measured("effective_rank", of(alike)), Rows{});
  EXPECT_EQ(measured("effective_rank", of(table(2, 2, {0, 0, 0, 0}))), Rows{});
  EXPECT_EQ(measured("effective_rank", of(table(2, 2, {0, 1, kInfinity, 0}))), Rows{});
}

// After 32 sigmoids all examples are one, but for the last bits of float.
TEST(EffectiveRank, NothingWhereRoundingTellsExamplesApart) {
  data::Dataset set;
  set.rows = 64;
  set.features = 8;
  data::Random random(3);
  for (std::size_t i = 0; i < set.rows * set.features; ++i) set.x.push_back(random.normal());
  set.target.assign(set.rows, 0);
  for (const auto format : {nn::NumberFormat::own, nn::NumberFormat::bf16, nn::NumberFormat::f16}) {
    nn::NetworkSpec spec = nn::plain_network(8, 32, 50, 1, Activation("sigmoid"));
    spec.format = format;
    nn::Network<float> net(spec, 64);
    nn::initialise(net, nn::parse_initialiser("glorot_normal"), 1);
    Observer<float> observer(net, set, nn::Loss::squared);
    const Snapshot& s = observer.look(net);
    for (const char* row : {"effective_rank", "effective_rank_h"}) {
      const Rows ranks = measured("effective_rank", s, row);
      EXPECT_GT(ranks.at(1), 2) << row;
      EXPECT_FALSE(ranks.contains(32)) << row << " " << ranks.at(32);
    }
  }
}

std::vector<double> shares(const Snapshot& s) {
  std::vector<double> result;
  for (int bin = 0; bin < 32; ++bin)
    result.push_back(measured("histogram", s,
                              "histogram_" + std::string(bin < 10 ? "0" : "") + std::to_string(bin))
                         .at(1));
  return result;
}
Rows edges(const Snapshot& s) {
  return {{0, measured("histogram", s, "histogram_left").at(1)},
          {1, measured("histogram", s, "histogram_right").at(1)}};
}

TEST(Histogram, FitsTheRange) {
  const Activation tanh("tanh"), relu("relu"), identity("identity");
  auto s = of(table(2, 4, {-1, -0.99, 0, 0.01, 0.07, 1, 1, 0.5}), &tanh);
  EXPECT_EQ(edges(s), (Rows{{0, -1}, {1, 1}}));
  std::vector<double> wanted(32);
  wanted[0] = wanted[31] = 0.25;  // -1, -0.99; 1, 1
  wanted[16] = 0.25;              // 0, 0.01
  wanted[17] = wanted[24] = 0.125;
  EXPECT_EQ(shares(s), wanted);
  s.layers[0].shift = 0.5;
  EXPECT_EQ(edges(s), (Rows{{0, -1}, {1, 1}})) << "kept for the run";
  s.histogram_edges.clear();
  EXPECT_EQ(edges(s), (Rows{{0, -0.5}, {1, 1.5}}));

  // 0, 1, ..., 100: quantiles 1 and 99, and half of 98 beyond.
  Table y{101, 1, std::vector<double>(101)};
  std::iota(y.values.begin(), y.values.end(), 0.0);
  EXPECT_EQ(edges(of(y, &identity)), (Rows{{0, -48}, {1, 148}}));
  s = of(y, &relu);
  EXPECT_EQ(edges(s), (Rows{{0, 0}, {1, 148}}));
  for (double& v : s.layers[0].y.values) v += 1000;
  wanted.assign(32, 0);
  wanted[31] = 1;
  EXPECT_EQ(shares(s), wanted) << "beyond the edge of the first look";
  s.layers[0].y.values[0] = std::nan("");
  s.layers[0].y.values[1] = -kInfinity;
  wanted[31] = 99 / 101.0;
  wanted[0] = 1 / 101.0;
  EXPECT_EQ(shares(s), wanted);
  EXPECT_EQ(edges(of(table(2, 1, {3, 3}), &identity)), (Rows{{0, 2}, {1, 4}}));
}

TEST(Histogram, OfHugeNumbers) {
  const Activation identity("identity");
  const auto sum_of = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0);
  };
  for (const std::vector<double>& y :
       {std::vector<double>{-1e308, 1e308}, {1.7e308, 1.7e308}, {1e20, 1e20}}) {
    auto s = of(table(2, 1, y), &identity);
    const Rows found = edges(s);
    EXPECT_TRUE(std::isfinite(found.at(0)) && found.at(0) < found.at(1)) << y[0];
    EXPECT_EQ(sum_of(shares(s)), 1) << y[0];
  }
  auto s = of(table(2, 1, {0, 1}), &identity);
  s.histogram_edges = {{1, 1}};
  EXPECT_EQ(sum_of(shares(s)), 0.5) << "of 0 / 0 there is no bin";
}

TEST(Quantiles, StraightBetweenNumbers) {
  const std::vector<double> five{1, 2, 3, 4, 5}, open{1, 2, kInfinity};
  EXPECT_EQ(quantile(five, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(five, 0.1), 1.4);
  EXPECT_EQ(quantile(five, 0.5), 3);
  EXPECT_EQ(quantile(five, 1), 5);
  EXPECT_EQ(quantile(open, 0.5), 2);
}

Rows by_percent(const std::string& probe, const Snapshot& s, int layer) {
  Rows result;
  for (const int percent : {0, 10, 50, 90, 100}) {
    const auto rows = measured(probe, s, probe + "_" + std::to_string(percent));
    if (rows.contains(layer)) result[percent] = rows.at(layer);
  }
  return result;
}
void near(const Rows& got, const Rows& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& [percent, value] : wanted) EXPECT_NEAR(got.at(percent), value, 1e-13) << percent;
}

TEST(Quantiles, OfSpectra) {
  Snapshot s;
  Layer layer;
  layer.number = 1;
  layer.w = {5, 5, std::vector<double>(25)};
  for (int i = 0; i < 5; ++i) layer.w.values[6 * i] = i % 2 == 0 ? i + 1 : -i - 1;
  s.layers = {layer, layer, layer};
  s.layers[1].number = 2;
  s.layers[1].w.values[1] = std::nan("");
  // Eigenvalues 0, 0 of a matrix that stretches by 7.
  s.layers[2].number = 3;
  s.layers[2].w = table(2, 2, {0, 7, 0, 0});
  const Rows line{{0, 1}, {10, 1.4}, {50, 3}, {90, 4.6}, {100, 5}};
  near(by_percent("weight_spectrum", s, 1), line);
  near(by_percent("weight_eigenvalues", s, 1), line);
  near(by_percent("weight_spectrum", s, 2), {});
  near(by_percent("weight_eigenvalues", s, 2), {});
  near(by_percent("weight_spectrum", s, 3), {{0, 0}, {10, 0.7}, {50, 3.5}, {90, 6.3}, {100, 7}});
  near(by_percent("weight_eigenvalues", s, 3), {{0, 0}, {10, 0}, {50, 0}, {90, 0}, {100, 0}});

  // All examples together; where one is known by its ends, the ends.
  s.spectra_cache.jacobians = {std::vector<double>{5, 3, 1}, Spectrum{}, std::vector<double>{4, 2}};
  near(by_percent("jacobian_spectrum", s, 0), line);
  Spectrum ends;
  ends.size = 2000;
  ends.largest = 9;
  s.spectra_cache.jacobians.push_back(ends);
  near(by_percent("jacobian_spectrum", s, 0), {{100, 9}});
}

}  // namespace
}  // namespace gradkeep::probe
