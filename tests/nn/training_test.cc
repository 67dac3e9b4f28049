// Training as a whole: nets learn, the last layer's loss is that of an evaluation, learned
// parameters stay inside their bounds, the probes' call comes between backward and update, and what
// does not fit together is an error.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "nn/initialise.h"
#include "nn/tie.h"
#include "nn/train.h"

namespace gradkeep::nn {
namespace {

struct Run {
  Loss loss = Loss::softmax;
  const char* activation = "tanh";
  int depth = 2, width = 16, steps = 600;
  OptimiserSpec::Kind optimiser = OptimiserSpec::Kind::adam;
  double rate = 0.01;
};

template <class T>
Evaluation train(const data::Dataset& train_part, const data::Dataset& test_part, const Run& run) {
  const auto spec = plain_network(static_cast<int>(train_part.features), run.depth, run.width,
                                  outputs_for(run.loss, train_part), Activation(run.activation));
  Network<T> net(spec, 32);
  initialise(net, {}, 1);
  TrainSpec how;
  how.loss = run.loss;
  how.optimiser.kind = run.optimiser;
  how.optimiser.rate = run.rate;
  Trainer<T> trainer(net, train_part, how);
  while (trainer.steps() < run.steps) trainer.step();
  return Evaluator<T>(spec, test_part, run.loss)(net);
}

TEST(Training, learns_xor_with_either_loss) {
  const auto set = data::xor_clouds(200, 0.2, 1);
  EXPECT_EQ(train<float>(set, set, {Loss::softmax}).accuracy, 1);
  EXPECT_EQ(train<double>(set, set, {Loss::binary}).accuracy, 1);
}

TEST(Training, learns_the_spirals) {
  const auto set = data::two_spirals(400, 0.1, 1);
  EXPECT_GT(train<float>(set, set, {.width = 32, .steps = 3000}).accuracy, 0.95);
}

TEST(Training, learns_the_digits) {
  auto parts = data::split(data::digits(), 0.1, 0.2, 1);
  data::scale_inputs(data::Scale::minmax, parts);
  for (const char* activation : {"relu", "sigmoid", "prelu", "silu"}) {
    const auto got = train<float>(parts.train, parts.test,
                                  {.activation = activation, .width = 32, .steps = 800});
    EXPECT_GT(got.accuracy, 0.93) << activation;
  }
}

TEST(Training, fits_a_line) {
  data::Dataset set;
  set.name = "line";
  set.rows = 50;
  set.features = 1;
  for (int r = 0; r < 50; ++r) {
    set.x.push_back(r / 25.0 - 1);
    set.target.push_back(3 * set.x.back() - 1);
  }
  const auto got = train<double>(set, set,
                                 {.loss = Loss::squared,
                                  .depth = 0,
                                  .width = 1,
                                  .steps = 500,
                                  .optimiser = OptimiserSpec::Kind::momentum,
                                  .rate = 0.05});
  EXPECT_LT(got.loss, 1e-12);
  EXPECT_TRUE(std::isnan(got.accuracy));
}

TEST(Training, probes_see_the_state_between_backward_and_update) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 40);
  initialise(net, {}, 1);
  TrainSpec how;
  how.batch = 40;
  how.optimiser.rate = 0.5;
  Trainer<double> trainer(net, set, how);
  const double before = net.weights(0)(0, 0);
  double during = 0, gradient = 0;
  trainer.after_backward([&](const Step<double>& step) {
    EXPECT_EQ(step.number, 0);
    EXPECT_EQ(step.epoch, 0);
    EXPECT_TRUE(std::isnan(step.gradient_norm));
    const auto layer = step.net.layer(0);
    EXPECT_EQ(layer.x.rows, 40);
    during = layer.w(0, 0);
    gradient = layer.dw(0, 0);
    EXPECT_EQ(layer.dh(3, 1), layer.dy(3, 1) * layer.slope(3, 1));
    EXPECT_NEAR(layer.y(3, 1), std::tanh(layer.h(3, 1)), 1e-15);
  });
  const double loss = trainer.step();
  EXPECT_EQ(during, before);
  EXPECT_NE(gradient, 0);
  EXPECT_EQ(net.weights(0)(0, 0), before - 0.5 * gradient);
  EXPECT_GT(loss, 0);
}

TEST(Training, learns_the_digits_with_every_loss_and_output) {
  auto parts = data::split(data::digits(), 0.1, 0.2, 1);
  data::scale_inputs(data::Scale::minmax, parts);
  for (const auto& [loss, output] : {std::pair{Loss::binary, "identity"},
                                     {Loss::squared, "sigmoid"},
                                     {Loss::squared, "identity"},
                                     {Loss::squared, "improved_sigmoid"}}) {
    NetworkSpec spec = plain_network(64, 1, 32, 10, Activation("tanh"));
    spec.layers.back().activation = Activation(output);
    Network<float> net(spec, 32);
    initialise(net, {}, 1);
    Trainer<float> trainer(net, parts.train,
                           {.loss = loss, .optimiser = {OptimiserSpec::Kind::adam, 0.01}});
    while (trainer.steps() < 800) trainer.step();
    EXPECT_GT(Evaluator<float>(spec, parts.test, loss)(net).accuracy, 0.93) << output;
  }
}

TEST(Training, learns_the_digits_with_normalisation_skips_and_convolutions) {
  auto parts = data::split(data::digits(), 0.1, 0.2, 1);
  data::scale_inputs(data::Scale::minmax, parts);
  for (const auto normalisation :
       {Normalisation::none, Normalisation::batch, Normalisation::layer}) {
    for (const bool convolution : {false, true}) {
      NetworkSpec spec = plain_network(64, 4, 64, 10, Activation("relu"));
      for (std::size_t i = 0; i < 4; ++i) {
        spec.layers[i].normalisation = normalisation;
        if (i > 0) spec.layers[i].branch = 0.5;
        if (convolution) spec.layers[i].tie = tie_convolution(8);
      }
      Network<float> net(spec, 32);
      initialise(net, parse_initialiser("he_normal"), 1);
      Trainer<float> trainer(net, parts.train, {.optimiser = {OptimiserSpec::Kind::adam, 0.01}});
      while (trainer.steps() < 400) trainer.step();
      // In evaluation mode: the running averages have come near those of the batches.
      EXPECT_GT(Evaluator<float>(spec, parts.test, Loss::softmax)(net).accuracy, 0.9)
          << static_cast<int>(normalisation) << convolution;
      if (!convolution) continue;
      const auto w = net.weights(2);
      EXPECT_EQ(w(20, 20), w(30, 30));  // still tied, bit for bit
      EXPECT_EQ(w(20, 40), 0);
    }
  }
}

TEST(Training, warming_up_raises_the_rate_evenly) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 40);
  initialise(net, {}, 1);
  Trainer<double> trainer(net, set, {.optimiser = {.rate = 0.5}, .batch = 40, .warmup = 4});
  double before = 0, gradient = 0;
  trainer.after_backward([&](const Step<double>& step) {
    before = step.net.layer(0).w(0, 0);
    gradient = step.net.layer(0).dw(0, 0);
  });
  for (const double rate : {0.125, 0.25, 0.375, 0.5, 0.5, 0.5}) {
    trainer.step();
    EXPECT_EQ(net.weights(0)(0, 0), before - rate * gradient);
  }
}

TEST(Training, a_schedule_follows_the_warm_up) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 40);
  initialise(net, {}, 1);
  Trainer<double> trainer(net, set,
                          {.optimiser = {.rate = 0.5},
                           .batch = 40,
                           .warmup = 2,
                           .schedule = Schedule::linear,
                           .budget = 6});
  double before = 0, gradient = 0;
  trainer.after_backward([&](const Step<double>& step) {
    before = step.net.layer(0).w(0, 0);
    gradient = step.net.layer(0).dw(0, 0);
  });
  for (const double rate : {0.25, 0.5, 0.5, 0.375, 0.25, 0.125, 0.0}) {
    trainer.step();
    EXPECT_EQ(net.weights(0)(0, 0), before - rate * gradient);
  }
}

TEST(Training, paths_add_up_the_steps_of_the_weights) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 20);
  initialise(net, {}, 1);
  Trainer<double> trainer(net, set, {.optimiser = {.rate = 0.5}, .batch = 20});
  trainer.step();
  EXPECT_EQ(trainer.walks()[0].length, 0);  // not followed yet
  trainer.follow_path(true);
  double of_first = 0, of_all = 0;
  trainer.after_backward([&](const Step<double>& step) {
    double squares[2] = {};
    for (int i = 0; i < 2; ++i) {
      for (const double g : step.net.layer(i).dw.flat()) squares[i] += g * g;
    }
    of_first += 0.5 * std::sqrt(squares[0]);
    of_all += 0.5 * std::sqrt(squares[0] + squares[1]);
  });
  for (int i = 0; i < 10; ++i) trainer.step();
  const Walk& all = trainer.walks().back();
  EXPECT_NEAR(trainer.walks()[0].length, of_first, 1e-14);
  EXPECT_NEAR(all.length, of_all, 1e-14);
  EXPECT_GT(all.length, trainer.walks()[0].length);
  const double walked = all.length;
  trainer.follow_path(false);
  trainer.step();
  EXPECT_EQ(all.length, walked);
}

// Steps are remembered as vectors and compared when all have been made.
TEST(Training, walks_tell_how_far_steps_turn) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 20);
  initialise(net, {}, 1);
  Trainer<double> trainer(net, set, {.optimiser = {.rate = 0.5}, .batch = 20});
  trainer.follow_path(true);
  std::vector<std::vector<double>> steps[3];  // of two layers and of all
  for (int i = 0; i < 6; ++i) {
    if (i == 3) {
      trainer.follow_path(false);
      trainer.step();
      trainer.follow_path(true);
    }
    std::vector<std::vector<double>> before;
    for (int k = 0; k < 2; ++k)
      before.emplace_back(net.weights(k).flat().begin(), net.weights(k).flat().end());
    trainer.step();
    std::vector<double> all;
    for (int k = 0; k < 2; ++k) {
      for (std::size_t j = 0; j < before[k].size(); ++j)
        before[k][j] = net.weights(k).flat()[j] - before[k][j];
      all.insert(all.end(), before[k].begin(), before[k].end());
      steps[k].push_back(before[k]);
    }
    steps[2].push_back(all);
  }
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  for (int k = 0; k < 3; ++k) {
    double cosines = 0;
    for (const int i : {1, 2, 4, 5}) {  // the third step and the fourth are none after the other
      const auto &a = steps[k][i - 1], &b = steps[k][i];
      cosines += dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
    }
    const Walk& walk = trainer.walks()[k];
    EXPECT_EQ(walk.turns, 4);
    EXPECT_NEAR(walk.cosines, cosines, 1e-12);
    EXPECT_NEAR(walk.last, std::sqrt(dot(steps[k].back(), steps[k].back())), 1e-14);
  }
}

TEST(Training, clipping_bounds_the_norm) {
  const auto set = data::xor_clouds(40, 0.2, 1);
  Network<double> net(plain_network(2, 1, 4, 2, Activation("tanh")), 32);
  initialise(net, {}, 1);
  TrainSpec how;
  how.clip = 1e-3;
  Trainer<double> trainer(net, set, how);
  trainer.after_backward([&](const Step<double>& step) {
    double squares = 0;
    for (const double g : step.net.gradients()) squares += g * g;
    EXPECT_GT(step.gradient_norm, 1e-3);
    EXPECT_NEAR(std::sqrt(squares), 1e-3, 2e-8);
  });
  trainer.step();
}

TEST(Evaluation, agrees_with_a_training_pass_and_leaves_it_alone) {
  const auto set = data::xor_clouds(70, 0.3, 1);
  const auto spec = plain_network(2, 1, 4, 2, Activation("tanh"));
  Network<double> net(spec, 70);
  initialise(net, {}, 1);
  TrainSpec how;
  how.batch = 70;
  Trainer<double> trainer(net, set, how);
  Evaluator<double> evaluate(spec, set, Loss::softmax, 32);  // in three pieces
  double loss = 0;
  trainer.after_backward([&](const Step<double>& step) {
    const double h = step.net.layer(0).h(69, 3);
    loss = evaluate(step.net).loss;
    EXPECT_EQ(step.net.layer(0).h(69, 3), h);
  });
  const double training_loss = trainer.step();
  EXPECT_NEAR(training_loss, loss, 1e-14);
}

TEST(LearnedParameters, stay_inside_their_bounds) {
  NetworkSpec spec{2, {{3, Activation("improved_sigmoid"), 0, Learn::all}}, Derivative::input};
  Network<float> net(spec, 1);
  ASSERT_EQ(net.layer(0).learned.cols, 2);
  EXPECT_EQ(net.layer(0).learned(0, 0), 2.0f);
  auto& alpha = const_cast<float&>(net.layer(0).learned(0, 0));
  auto& beta = const_cast<float&>(net.layer(0).learned(0, 1));
  alpha = -3;
  beta = -1;
  net.parameters_changed();
  EXPECT_EQ(alpha, std::numeric_limits<float>::denorm_min());  // alpha > 0
  EXPECT_EQ(beta, 0);                                          // beta >= 0
  EXPECT_EQ(net.layer(0).activation->parameters()[1], 0);
  alpha = std::numeric_limits<float>::infinity();
  net.parameters_changed();
  EXPECT_EQ(alpha, std::numeric_limits<float>::max());

  spec.layers[0].learn_within = Bounds::recommended;
  Network<float> narrow(spec, 1);
  const_cast<float&>(narrow.layer(0).learned(0, 0)) = 9;
  const_cast<float&>(narrow.layer(0).learned(0, 1)) = 1;
  narrow.parameters_changed();
  EXPECT_EQ(narrow.layer(0).learned(0, 0), std::nextafter(5.0f, 0.0f));  // alpha < 5
  EXPECT_LE(narrow.layer(0).learned(0, 1), 0.1);                         // beta <= 0.1
  EXPECT_GT(narrow.layer(0).learned(0, 1), 0.0999);
}

TEST(LearnedParameters, are_those_declared_unless_said_otherwise) {
  const auto count = [](const char* activation, Learn learn) {
    Network<float> net({2, {{3, Activation(activation), 0, learn}}, Derivative::input}, 1);
    return net.layer(0).learned.cols;
  };
  EXPECT_EQ(count("prelu", Learn::declared), 1);
  EXPECT_EQ(count("prelu", Learn::none), 0);
  EXPECT_EQ(count("elu", Learn::declared), 0);
  EXPECT_EQ(count("elu", Learn::all), 1);
}

TEST(LearnedParameters, prelu_learns) {
  const auto set = data::xor_clouds(200, 0.2, 1);
  Network<float> net(plain_network(2, 2, 8, 2, Activation("prelu")), 32);
  initialise(net, {}, 1);
  Trainer<float> trainer(net, set, {});
  for (int i = 0; i < 50; ++i) trainer.step();
  EXPECT_NE(net.layer(0).learned(0, 0), 0.25f);
  EXPECT_EQ(net.layer(0).activation->parameters()[0], net.layer(0).learned(0, 0));
}

TEST(Timing, counts_activation_seconds_only_while_on) {
  const auto set = data::xor_clouds(64, 0.2, 1);
  Network<float> net(plain_network(2, 2, 64, 2, Activation("tanh")), 32);
  Trainer<float> trainer(net, set, {});
  trainer.step();
  EXPECT_EQ(net.activation_seconds(), 0);
  net.time_activations(true);
  trainer.step();
  EXPECT_GT(net.activation_seconds(), 0);
}

TEST(Errors, what_does_not_fit_is_said) {
  const auto classes = data::xor_clouds(20, 0.1, 1);
  auto numbers = classes;
  numbers.classes = 0;
  numbers.target.assign(numbers.label.begin(), numbers.label.end());
  numbers.label.clear();
  const auto attempt = [](const data::Dataset& set, Loss loss, int inputs, int outputs,
                          const TrainSpec& base = {}) {
    Network<float> net(plain_network(inputs, 1, 4, outputs, Activation("tanh")), 32);
    TrainSpec spec = base;
    spec.loss = loss;
    Trainer<float> trainer(net, set, spec);
  };
  EXPECT_NO_THROW(attempt(classes, Loss::softmax, 2, 2));
  EXPECT_NO_THROW(attempt(classes, Loss::binary, 2, 1));
  EXPECT_NO_THROW(attempt(numbers, Loss::squared, 2, 1));
  EXPECT_THROW(attempt(classes, Loss::softmax, 3, 2), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 3), Error);
  EXPECT_THROW(attempt(classes, Loss::binary, 2, 2), Error);
  EXPECT_NO_THROW(attempt(classes, Loss::squared, 2, 1));
  EXPECT_THROW(attempt(classes, Loss::squared, 2, 2), Error);
  EXPECT_NO_THROW(attempt(data::digits(), Loss::binary, 64, 10));
  EXPECT_NO_THROW(attempt(data::digits(), Loss::squared, 64, 10));
  EXPECT_THROW(attempt(numbers, Loss::binary, 2, 1), Error);
  EXPECT_THROW(attempt(numbers, Loss::softmax, 2, 2), Error);
  EXPECT_THROW(attempt(data::digits(), Loss::binary, 64, 1), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.batch = 33}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.batch = 0}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.clip = -1}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.warmup = -1}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.schedule = Schedule::linear}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.optimiser = {.rate = 0}}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.optimiser = {.weight_decay = -1}}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.optimiser = {.momentum = 1}}), Error);
  EXPECT_THROW(attempt(classes, Loss::softmax, 2, 2, {.optimiser = {.beta2 = -0.1}}), Error);
}

TEST(Errors, batch_normalisation_needs_a_batch) {
  const auto set = data::xor_clouds(20, 0.1, 1);
  NetworkSpec spec = plain_network(2, 1, 4, 2, Activation("tanh"));
  spec.layers[0].normalisation = Normalisation::batch;
  Network<float> net(spec, 32);
  EXPECT_THROW(Trainer<float>(net, set, {.batch = 1}), Error);
  EXPECT_NO_THROW(Trainer<float>(net, set, {.batch = 2}));
}

TEST(Errors, cross_entropy_takes_logits) {
  const auto set = data::xor_clouds(20, 0.1, 1);
  NetworkSpec spec = plain_network(2, 1, 4, 1, Activation("tanh"));
  spec.layers.back().activation = Activation("improved_sigmoid");
  Network<float> net(spec, 32);
  EXPECT_THROW(Trainer<float>(net, set, {.loss = Loss::binary}), Error);
  EXPECT_THROW(Evaluator<float>(spec, set, Loss::binary), Error);
  EXPECT_NO_THROW(Trainer<float>(net, set, {.loss = Loss::squared}));
}

TEST(Errors, impossible_networks_are_said) {
  const Activation f("tanh");
  EXPECT_THROW(Network<float>({0, {{3, f}}, Derivative::input}, 1), Error);
  EXPECT_THROW(Network<float>({2, {}, Derivative::input}, 1), Error);
  EXPECT_THROW(Network<float>({2, {{0, f}}, Derivative::input}, 1), Error);
  EXPECT_THROW(Network<float>({2, {{3, f, NAN}}, Derivative::input}, 1), Error);
  EXPECT_THROW(Network<float>({2, {{3, f}}, Derivative::input}, 0), Error);
  Network<float> net({2, {{3, f}}, Derivative::input}, 4);
  const float x[15] = {};
  EXPECT_THROW(net.forward({x, 5, 2}), Error);
  EXPECT_THROW(net.forward({x, 4, 3}), Error);
}

TEST(Errors, unknown_words_are_said_with_what_is_known) {
  try {
    parse_loss("sofmax");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("softmax, binary or squared"), std::string::npos);
  }
  EXPECT_THROW(parse_optimiser("lion"), Error);
  EXPECT_THROW(parse_derivative("outputs"), Error);
  EXPECT_THROW(parse_schedule("cosinus"), Error);
}

}  // namespace
}  // namespace gradkeep::nn
