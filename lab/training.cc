// The loop of one run. Three things happen between the steps: points of the learning curve, the
// probes' samples, and the watch for target losses. None of them is counted in the run's seconds.
// SPDX-License-Identifier: Apache-2.0
#include "lab/training.h"

#include <gradkeep/prediction.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "nn/initialise.h"
#include "nn/thread_clock.h"
#include "nn/tie.h"
#include "nn/train.h"
#include "probe/observer.h"
#include "probe/probe.h"

namespace gradkeep::lab {
namespace {

// A target is reached when the mean loss of this many mini-batches is at or below it: one batch
// alone is too noisy, and the loss of the whole training part too dear to be computed at every
// step.
constexpr int kWindow = 32;
// The activations' share of a step is measured on one step in so many.
constexpr int kTimedEvery = 8;

std::string in_folder(const RunSpec& spec, const std::string& file) {
  return (std::filesystem::path(spec.folder) / file).string();
}

data::Source source_of(const RunSpec& spec) {
  data::Source source;
  const auto extension = std::filesystem::path(spec.data).extension();
  if (extension == ".csv") {
    source.name = "csv";
    source.file = in_folder(spec, spec.data);
    source.target = spec.label;
  } else if (extension == ".npy") {
    source.name = "npy";
    source.file = in_folder(spec, spec.data);
    source.target_file = in_folder(spec, spec.label);
  } else {
    source.name = spec.data;
  }
  source.task = data::parse_task(spec.task);
  source.rows = static_cast<std::size_t>(spec.rows);
  source.noise = spec.noise;
  source.seed = static_cast<std::uint64_t>(spec.data_seed);
  return source;
}

nn::Learn parse_learn(const std::string& text) {
  return text == "all" ? nn::Learn::all : text == "none" ? nn::Learn::none : nn::Learn::declared;
}

nn::Loss loss_of(const RunSpec& spec, const data::Dataset& set) {
  return spec.loss == "auto" ? nn::default_loss(set) : nn::parse_loss(spec.loss);
}

// The side of a square image with so many pixels; 0 if there is none.
int side_of(std::size_t pixels) {
  const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(pixels))));
  return side > 1 && static_cast<std::size_t>(side) * side == pixels ? side : 0;
}

double branch_of(const RunSpec& spec) {
  const auto branch = layer_parts(spec.normalisation, spec.residual, spec.depth).branch;
  return spec.residual == "zero" ? 1 : branch.value_or(0);  // it is the weights that start at 0
}

nn::NumberFormat format_of(const RunSpec& spec) {
  return spec.precision == "bf16"  ? nn::NumberFormat::bf16
         : spec.precision == "f16" ? nn::NumberFormat::f16
                                   : nn::NumberFormat::own;
}

nn::NetworkSpec network_of(const RunSpec& spec, const data::Dataset& set, nn::Loss loss) {
  const auto bounds = spec.any_parameters ? Bounds::any : Bounds::recommended;
  const bool convolution = spec.architecture == "convolution";
  const int inputs = static_cast<int>(set.features);
  auto network = nn::plain_network(inputs, spec.depth, convolution ? inputs : spec.width,
                                   nn::outputs_for(loss, set), Activation(spec.activation, bounds));
  network.format = format_of(spec);
  network.derivative = nn::parse_derivative(spec.derivative);
  for (std::size_t i = 0; i + 1 < network.layers.size(); ++i) {
    auto& layer = network.layers[i];
    layer.shift = spec.shift;
    layer.learn = parse_learn(spec.learn);
    // prelu's a is learned without bounds, as its authors do; what a study asks for keeps to them.
    if (layer.learn == nn::Learn::all && !spec.any_parameters)
      layer.learn_within = Bounds::recommended;
    layer.normalisation = nn::parse_normalisation(spec.normalisation);
    layer.dropout = spec.dropout;
    if (i > 0) layer.branch = branch_of(spec);
    layer.zero_branch = i > 0 && spec.residual == "zero";
    if (convolution) layer.tie = nn::tie_convolution(side_of(set.features));
  }
  network.layers.back().activation = Activation(spec.output, bounds);
  network.layers.back().learn = nn::Learn::none;
  return network;
}

// What only the data can tell about a specification.
void check_fit(const RunSpec& spec, const data::Dataset& set) {
  const auto loss = loss_of(spec, set);
  if (set.regression() && loss != nn::Loss::squared)
    throw Error(spec.data + ": loss = \"" + spec.loss +
                "\" needs classes, but what is to be learned is a number; expected \"squared\"");
  nn::check_output(loss, Activation(spec.output, Bounds::any));
  if (spec.architecture == "convolution" && side_of(set.features) == 0)
    throw Error(spec.data + ": architecture = \"convolution\" needs square images, but an " +
                "example has " + std::to_string(set.features) + " features");
}

int budget(const RunSpec& spec, std::size_t rows) {
  if (spec.epochs == 0) return spec.steps;
  const double batches = std::ceil(static_cast<double>(rows) / spec.batch);
  return std::max(1, static_cast<int>(std::ceil(spec.epochs * batches)));
}

std::set<int> evenly(int steps, int points) {
  std::set<int> result;
  for (int i = 0; i < points; ++i)
    result.insert(static_cast<int>(std::lround(static_cast<double>(steps) * i / (points - 1))));
  return result;
}

// Everything of one run that depends on the precision.
template <class T>
class Training {
 public:
  Training(const RunSpec& spec, const Prepared& data)
      : spec_(spec),
        data_(data),
        train_(data.parts.train),
        loss_(loss_of(spec, train_)),
        network_(network_of(spec, train_, loss_)),
        net_(network_, std::min(spec.batch, static_cast<int>(train_.rows))),
        steps_(budget(spec, train_.rows)),
        trainer_(net_, train_, train_spec()),
        on_train_(network_, train_, loss_),
        on_held_(network_, data.held(), loss_),
        recent_(kWindow) {
    run_.spec = spec;
    run_.key = canonical_key(spec);
    run_.initialiser = resolve_initialiser(spec);
    run_.data = data.name;
    run_.examples = data.examples;
    run_.features = static_cast<int>(train_.features);
    run_.classes = train_.classes;
    for (const double target : spec.targets) run_.targets.push_back({target, -1, 0});
    follow_path_ = probe::any_walks(spec.probes);
    trainer_.follow_path(follow_path_);
    const auto how = nn::parse_initialiser(run_.initialiser);
    const auto seed = static_cast<std::uint64_t>(spec.seed);
    const nn::Initialiser biases{nn::Initialiser::Kind::constant, spec.bias};
    if (how.kind == nn::Initialiser::Kind::lsuv) {
      // It looks at the batch with which the training will start.
      nn::Batches<T> batches(train_, net_.capacity(), seed);
      nn::initialise(net_, how, seed, biases, batches.next().x);
    } else {
      nn::initialise(net_, how, seed, biases);
    }
  }

  Outcome operator()(const std::function<void(const CurvePoint&)>& curve,
                     const std::atomic<bool>* stop) {
    probe::Observer<T> observer(net_, train_, loss_);
    if (!spec_.tuning) observer.hold_out(data_.parts.test);
    const auto samples = probe::sample_steps(steps_, spec_.samples);
    const std::set<int> looks(samples.begin(), samples.end());
    if (spec_.glance_every > 0)
      trainer_.after_backward([&](const nn::Step<T>& step) {
        if (step.number % spec_.glance_every == 0 && !looks.contains(static_cast<int>(step.number)))
          glance(observer, step);
      });
    // A run that chooses is asked for its end only.
    const auto points = evenly(steps_, spec_.tuning ? 2 : spec_.evaluations);
    for (int step = 0;; ++step) {
      const bool last = step == steps_ || run_.diverged;
      if (last || points.contains(step)) {
        add_point(step);
        if (curve) curve(run_.last);
      }
      if (!spec_.tuning && (last || looks.contains(step))) look(observer, step, last);
      if (last) break;
      if (stop && stop->load(std::memory_order_relaxed)) return {std::move(run_), true};
      advance(step);
    }
    if (!spec_.tuning) test();
    run_.activation_seconds = timed_ > 0 ? run_.seconds * activation_ / timed_ : 0;
    return {std::move(run_), false};
  }

 private:
  nn::TrainSpec train_spec() const {
    nn::TrainSpec result;
    result.loss = loss_;
    result.optimiser.kind = nn::parse_optimiser(spec_.optimiser);
    result.optimiser.rate = spec_.learning_rate;
    result.optimiser.momentum = spec_.momentum;
    result.optimiser.weight_decay = spec_.weight_decay;
    result.clip = spec_.clip;
    result.warmup = spec_.warmup;
    result.schedule = nn::parse_schedule(spec_.schedule);
    result.budget = steps_;
    result.loss_scale = spec_.loss_scale == "dynamic"
                            ? nn::kDynamicLossScale
                            : nn::LossScaleSpec{std::stod(spec_.loss_scale)};
    result.batch = net_.capacity();
    result.seed = static_cast<std::uint64_t>(spec_.seed);
    return result;
  }

  void advance(int step) {
    const bool timed = step % kTimedEvery == 0;
    net_.time_activations(timed);
    if (timed) net_.reset_activation_seconds();
    const double start = nn::thread_seconds() - run_.probe_seconds;
    const double loss = trainer_.step();
    const double spent = nn::thread_seconds() - run_.probe_seconds - start;
    run_.seconds += spent;
    if (timed) {
      timed_ += spent;
      activation_ += net_.activation_seconds();
    }
    run_.diverged = !std::isfinite(loss);
    watch_targets(step + 1, loss);
  }

  void watch_targets(int step, double loss) {
    double& oldest = recent_[step % kWindow];
    recent_sum_ += loss - oldest;
    oldest = loss;
    if (step < kWindow) return;
    for (auto& target : run_.targets)
      if (target.step < 0 && recent_sum_ <= target.loss * kWindow) {
        target.step = step;
        target.seconds = run_.seconds;
      }
  }

  void add_point(int step) {
    const auto train = on_train_(net_), held = on_held_(net_);
    run_.last = {step, run_.seconds, train.loss, train.accuracy, held.loss, held.accuracy};
    run_.curve.push_back(run_.last);
  }

  void test() {
    const auto result = nn::Evaluator<T>(network_, data_.parts.test, loss_)(net_);
    run_.test_loss = result.loss;
    run_.test_accuracy = result.accuracy;
  }

  // A run that ends early is looked at as if its budget ended there.
  void look(probe::Observer<T>& observer, int step, bool last) {
    const double start = nn::thread_seconds();
    observer.scale_loss(trainer_.loss_scale());
    note({step, last ? step : steps_}, observer.look(net_, walks()));
    run_.probe_seconds += nn::thread_seconds() - start;
  }

  void glance(probe::Observer<T>& observer, const nn::Step<T>& step) {
    const double start = nn::thread_seconds();
    observer.scale_loss(trainer_.loss_scale());
    note({static_cast<int>(step.number), steps_}, observer.glance(step, walks()));
    run_.probe_seconds += nn::thread_seconds() - start;
  }

  std::vector<nn::Walk> walks() const {
    return follow_path_ ? trainer_.walks() : std::vector<nn::Walk>{};
  }

  void note(const probe::Moment& moment, const probe::Snapshot& snapshot) {
    for (auto& value : probe::measure(spec_.probes, moment, snapshot))
      run_.measures.push_back({moment.step, value.layer, std::move(value.probe), value.value});
  }

  const RunSpec& spec_;
  const Prepared& data_;
  const data::Dataset& train_;
  nn::Loss loss_;
  nn::NetworkSpec network_;
  nn::Network<T> net_;
  int steps_;
  nn::Trainer<T> trainer_;
  nn::Evaluator<T> on_train_, on_held_;
  bool follow_path_ = false;
  std::vector<double> recent_;
  double recent_sum_ = 0, timed_ = 0, activation_ = 0;
  Run run_;
};

}  // namespace

std::shared_ptr<const Prepared> prepare(const RunSpec& spec) {
  const auto set = data::load(source_of(spec));
  auto result = std::make_shared<Prepared>();
  result->name = set.name;
  result->examples = static_cast<int>(set.rows);
  result->parts = data::split(set, spec.validation_share, spec.test_share,
                              static_cast<std::uint64_t>(spec.split_seed));
  const auto refuse_empty = [&](const data::Dataset& part, const char* key) {
    if (part.rows == 0)
      throw Error(spec.data + ": " + key + " leaves no example; expected a larger share " +
                  "or more data");
  };
  refuse_empty(result->parts.test, "test_share");
  if (spec.validation_share > 0) refuse_empty(result->parts.validation, "validation_share");
  data::scale_inputs(data::parse_scale(spec.scale), result->parts);
  data::draw_together(result->parts, spec.correlation, static_cast<std::uint64_t>(spec.split_seed));
  data::repeat(result->parts.train, spec.repeat);
  return result;
}

std::string data_identity(const RunSpec& spec) {
  RunSpec only;
  only.data = spec.data;
  only.label = spec.label;
  only.task = spec.task;
  only.rows = spec.rows;
  only.noise = spec.noise;
  only.data_seed = spec.data_seed;
  only.scale = spec.scale;
  only.test_share = spec.test_share;
  only.validation_share = spec.validation_share;
  only.split_seed = spec.split_seed;
  only.repeat = spec.repeat;
  only.correlation = spec.correlation;
  only.data_digest = spec.data_digest;
  return spec.folder + canonical_key(only);
}

void check(const RunSpec& spec, const Prepared& data) { check_fit(spec, data.parts.train); }

Outcome train(const RunSpec& spec, const Prepared& data,
              const std::function<void(const CurvePoint&)>& curve, const std::atomic<bool>* stop) {
  if (spec.precision == "f64") return Training<double>(spec, data)(curve, stop);
  return Training<float>(spec, data)(curve, stop);
}

double cost(const RunSpec& spec) {
  const double width = spec.width;
  const double budget = spec.epochs > 0 ? spec.epochs * 1000 : double{1} * spec.steps * spec.batch;
  return budget * (width * 100 + spec.depth * (width * width + 20 * width));
}

}  // namespace gradkeep::lab
