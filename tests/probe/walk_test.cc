// The way of the weights: what probes say of walks that can be drawn on paper.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "measured.h"
#include "nn/train.h"
#include "probe/observer.h"

namespace gradkeep::probe {
namespace {

// x = 1, target 0, rate 0.75 on the square of s = w + b: s goes 1, -2, 4, -8 and w moves by -1.5 s:
// three steps walk 10.5 and end 4.5 from the start.
TEST(Path, ThereAndBack) {
  data::Dataset set;
  set.rows = set.features = 1;
  set.x = {1};
  set.target = {0};
  nn::Network<double> net(nn::plain_network(1, 0, 1, 1, Activation("identity")), 1);
  net.weights(0)(0, 0) = 1;
  net.mark_start();
  Observer<double> observer(net, set, nn::Loss::squared);
  nn::Trainer<double> trainer(net, set,
                              {.loss = nn::Loss::squared,
                               .optimiser = {.kind = nn::OptimiserSpec::Kind::sgd, .rate = 0.75},
                               .batch = 1});
  trainer.follow_path(true);
  EXPECT_EQ(measured("path_ratio", observer.look(net, trainer.walks())), Rows{})
      << "nothing has moved";
  for (int step = 0; step < 3; ++step) trainer.step();
  for (const char* name : {"path_ratio", "update_ratio", "zig_zag"})
    EXPECT_EQ(measured(name, observer.look(net)), Rows{}) << "nobody counted";
  const auto& s = observer.look(net, trainer.walks());
  for (const auto& [name, number] : std::map<std::string, double>{
           {"path_ratio", 10.5 / 4.5}, {"update_ratio", 6 / 3.5}, {"zig_zag", -1}}) {
    const auto rows = measured(name, s);
    ASSERT_EQ(rows.size(), 2u) << name;
    EXPECT_NEAR(rows.at(0), number, 1e-14) << name;
    EXPECT_NEAR(rows.at(1), number, 1e-14) << name;
  }
}

// Layers that walked 3 and 4 away, in a straight line each, but not at the same time: 7 steps of
// length 1 for a distance of 5.
TEST(Path, AllTogether) {
  Snapshot s;
  for (int number : {1, 2}) {
    Layer layer;
    layer.number = number;
    layer.initial_w = table(1, 1, {1});
    layer.w = table(1, 1, {1.0 + 2 + number});
    s.layers.push_back(layer);
  }
  s.walks = {{.length = 3}, {.length = 4}, {.length = 7}};
  EXPECT_EQ(measured("path_ratio", s), (Rows{{0, 1.4}, {1, 1}, {2, 1}}));
}

TEST(Walk, SizesAndTurns) {
  Snapshot s;
  for (int number : {1, 2}) {
    Layer layer;
    layer.number = number;
    layer.w = table(1, 2, {3.0 * number, 4.0 * number});
    s.layers.push_back(layer);
  }
  s.walks = {{.length = 9, .last = 0.5, .cosines = -1.5, .turns = 6},
             {.length = 9, .last = 0.25, .cosines = 2, .turns = 4},
             {.length = 9, .last = std::sqrt(1.25), .cosines = 0, .turns = 6}};
  EXPECT_EQ(measured("update_ratio", s), (Rows{{0, 0.1}, {1, 0.1}, {2, 0.025}}));
  EXPECT_EQ(measured("zig_zag", s), (Rows{{0, 0}, {1, -0.25}, {2, 0.5}}));
  s.previous_walks = {{.cosines = 0.5, .turns = 2}, {.cosines = 2, .turns = 4}, {}};
  EXPECT_EQ(measured("zig_zag", s), (Rows{{0, 0}, {1, -0.5}})) << "since the look before";
  s.layers[1].w = table(1, 2, {0, 0});
  EXPECT_EQ(measured("update_ratio", s).count(2), 0u) << "no weights to compare with";
}

}  // namespace
}  // namespace gradkeep::probe
