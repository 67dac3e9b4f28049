// Running studies: every run once, whatever the number of threads, through stops and restarts.
// SPDX-License-Identifier: Apache-2.0
#include "lab/study.h"

#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "compare.h"
#include "temporary.h"

namespace gradkeep::lab {
namespace {

constexpr const char* kSmall = R"toml(
name = "small"
data = "two_spirals"
rows = 80
activation = ["tanh", "prelu"]
depth = [1, 3]
seed = [1, 2]
width = 8
batch = 16
steps = 40
evaluations = 3
samples = 3
targets = [10, 0.0001]
)toml";

Study small() { return parse_study(kSmall, "small.toml"); }

TEST(StudyRun, SameNumbersWhateverTheThreads) {
  TemporaryFolder folder;
  Store one(folder / "1.db", Store::Mode::write), three(folder / "3.db", Store::Mode::write);
  StudyOptions options;
  options.threads = 1;
  const auto result = run_study(small(), one, options);
  EXPECT_EQ(result.total, 8);
  EXPECT_EQ(result.ran, 8);
  EXPECT_FALSE(result.interrupted);
  options.threads = 3;
  run_study(small(), three, options);
  expect_same_numbers(one, three);
}

TEST(StudyRun, WhatARunHolds) {
  const auto run = run_one(small().runs.front());
  EXPECT_EQ(run.initialiser, "glorot_normal");
  EXPECT_EQ(run.features, 2);
  EXPECT_EQ(run.classes, 2);
  ASSERT_EQ(run.curve.size(), 3u);
  EXPECT_EQ(run.curve[1].step, 20);
  EXPECT_EQ(run.last.step, 40);
  EXPECT_GT(run.seconds, 0);
  EXPECT_GT(run.activation_seconds, 0);
  EXPECT_LT(run.activation_seconds, run.seconds);
  ASSERT_EQ(run.targets.size(), 2u);
  EXPECT_EQ(run.targets[0].step, 32) << "after the first full window";
  EXPECT_EQ(run.targets[1].step, -1);
  std::set<int> steps;
  for (const auto& measure : run.measures) steps.insert(measure.step);
  EXPECT_EQ(steps, (std::set<int>{0, 6, 40}));
}

TEST(StudyRun, TheTestPartIsLookedAtOnce) {
  auto spec = small().runs.front();
  auto run = run_one(spec);
  EXPECT_EQ(run.test_loss, run.last.held_loss)
      << "without a validation part the curve is the test's";
  EXPECT_EQ(run.test_accuracy, run.last.held_accuracy);
  spec.validation_share = 0.25;
  run = run_one(spec);
  EXPECT_TRUE(std::isfinite(run.test_loss));
  EXPECT_NE(run.test_loss, run.last.held_loss);
  spec.tuning = true;
  const auto choosing = run_one(spec);
  EXPECT_TRUE(std::isnan(choosing.test_loss) && std::isnan(choosing.test_accuracy));
  EXPECT_EQ(choosing.last.held_loss, run.last.held_loss);
  spec.validation_share = 0.001;
  EXPECT_HAS(error_of([&] { run_one(spec); }), "validation_share leaves no example");
}

double number(const Run& run, const std::string& probe, int step) {
  for (const auto& m : run.measures)
    if (m.probe == probe && m.step == step && m.layer == 0) return m.value;
  return std::nan("");
}

// The scores come from the test part, so that a run that chooses has none.
TEST(StudyRun, ScoresAreOfTheTestPart) {
  auto spec = small().runs.front();
  spec.validation_share = 0.25;
  const auto run = run_one(spec);
  EXPECT_NEAR(number(run, "log_loss", 40), run.test_loss, 1e-6);
  EXPECT_TRUE(std::isnan(number(run, "log_loss", 6))) << "at the end only";
  spec.tuning = true;
  const auto choosing = run_one(spec);
  EXPECT_TRUE(std::isnan(number(choosing, "log_loss", 40)));
}

TEST(StudyRun, PathsAreFollowedWhenNamed) {
  auto spec = small().runs.front();
  spec.probes = {"path_ratio"};
  const auto run = run_one(spec);
  EXPECT_TRUE(std::isnan(number(run, "path_ratio", 0)));
  EXPECT_GT(number(run, "path_ratio", 40), 1);
  EXPECT_LT(number(run, "path_ratio", 40), 10);
}

// Glances add rows between the looks and change nothing else.
TEST(StudyRun, GlancesDisturbNothing) {
  const auto plain = run_one(parse_study(kSmall, "small.toml").runs[1]);
  const auto study = parse_study(kSmall, "small.toml", {"glance_every=2"});
  const auto run = run_one(study.runs[1]);
  EXPECT_NE(run.key, plain.key);
  EXPECT_TRUE(same_bits(run.last.held_loss, plain.last.held_loss));
  std::set<int> looked, seen;
  std::map<std::tuple<int, int, std::string>, double> measures;
  for (const auto& m : plain.measures) looked.insert(m.step);
  for (const auto& m : run.measures) {
    seen.insert(m.step);
    measures[{m.step, m.layer, m.probe}] = m.value;
  }
  EXPECT_EQ(measures.size(), run.measures.size()) << "no row twice";
  for (const auto& m : plain.measures)
    EXPECT_TRUE(same_bits(measures.at({m.step, m.layer, m.probe}), m.value)) << m.probe;
  for (int step = 0; step <= 40; ++step)
    EXPECT_EQ(seen.contains(step), looked.contains(step) || step % 2 == 0) << step;
  EXPECT_TRUE(measures.contains({38, 1, "gradient_rms"}));
}

TEST(StudyRun, ReadsLayersOutAtStartAndEnd) {
  auto spec = small().runs.front();
  spec.probes = {"readout"};
  std::set<std::pair<int, int>> places;
  for (const auto& m : run_one(spec).measures) {
    places.insert({m.step, m.layer});
    EXPECT_GT(m.value, 0);
    EXPECT_LE(m.value, 1);
  }
  std::set<std::pair<int, int>> wanted;
  for (int layer = 1; layer <= spec.depth + 1; ++layer) wanted.insert({{0, layer}, {40, layer}});
  EXPECT_EQ(places, wanted);
}

TEST(StudyRun, ResumesAfterAStop) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  std::string text = kSmall;
  text.replace(text.find("steps = 40"), 10, "steps = 8000");  // long enough to be stopped
  const auto study = parse_study(text, "small.toml");
  std::atomic<bool> stop = false;
  StudyOptions options;
  options.threads = 2;
  options.stop = &stop;
  options.progress = [&](const Progress& p) { stop = p.done >= 3; };
  const auto first = run_study(study, store, options);
  EXPECT_TRUE(first.interrupted);
  EXPECT_GE(first.ran, 3);
  ASSERT_LT(first.ran, 8);

  std::vector<int> done;
  stop = false;
  options.progress = [&](const Progress& p) {
    done.push_back(p.done);
    EXPECT_EQ(p.total, 8);
    EXPECT_EQ(p.reused, first.ran);
  };
  const auto second = run_study(study, store, options);
  EXPECT_EQ(second.reused, first.ran);
  EXPECT_EQ(second.ran, 8 - first.ran);
  EXPECT_EQ(done.front(), first.ran);
  EXPECT_EQ(done.back(), 8);
  EXPECT_EQ(store.sessions().size(), 2u);

  options.progress = {};
  const auto third = run_study(study, store, options);
  EXPECT_EQ(third.ran, 0);
  EXPECT_EQ(store.sessions().size(), 2u) << "nothing was run, so the store stays as it is";

  Store whole(folder / "whole.db", Store::Mode::write);
  run_study(study, whole);
  expect_same_numbers(store, whole);
}

constexpr const char* kChoosing = R"toml(
name = "choosing"
data = "two_spirals"
rows = 80
activation = ["tanh", "relu"]
learning_rate = [1000, 0.01, 0.00001]
choose = "learning_rate"
validation_share = 0.25
optimiser = "sgd"
seed = [1, 2]
depth = 1
width = 8
batch = 16
steps = 200
samples = 2
)toml";

TEST(StudyRun, ChoosesByTheValidationPart) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  std::vector<int> totals;
  StudyOptions options;
  options.progress = [&](const Progress& p) {
    totals.push_back(p.total);
    EXPECT_EQ(p.done, static_cast<int>(totals.size()) - (totals.size() > 7 ? 2 : 1));
  };
  const auto result = run_study(parse_study(kChoosing, "choosing.toml"), store, options);
  EXPECT_EQ(result.total, 10) << "six that choose, then two seeds of two networks";
  EXPECT_EQ(result.ran, 10);
  EXPECT_EQ(std::set<int>(totals.begin(), totals.end()), std::set<int>{10});
  EXPECT_EQ(store.planned(), 4);
  const auto tuning = store.tuning_runs(), runs = store.runs();
  ASSERT_EQ(tuning.size(), 6u);
  ASSERT_EQ(runs.size(), 4u);
  for (const auto& run : tuning) {
    EXPECT_TRUE(std::isnan(run.test_loss));
    EXPECT_EQ(run.spec.seed, 1);
    EXPECT_TRUE(store.measures(run.id).empty()) << "it is asked for its end only";
    EXPECT_EQ(store.curve(run.id).size(), run.diverged ? store.curve(run.id).size() : 2);
  }
  for (const auto& run : runs) {
    EXPECT_FALSE(std::isnan(run.test_loss));
    double best = kInfinity, rate = 0;
    for (const auto& candidate : tuning)
      if (candidate.spec.activation == run.spec.activation && !candidate.diverged &&
          candidate.last.held_loss < best) {
        best = candidate.last.held_loss;
        rate = candidate.spec.learning_rate;
      }
    EXPECT_EQ(run.spec.learning_rate, rate);
    EXPECT_EQ(run.spec.learning_rate, 0.01);
  }
  const auto again = run_study(parse_study(kChoosing, "choosing.toml"), store);
  EXPECT_EQ(again.ran, 0);
  EXPECT_EQ(again.reused, 10);
  EXPECT_EQ(store.sessions().size(), 1u);
}

TEST(StudyRun, AnotherCandidateKeepsWhatWasRun) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  run_study(parse_study(kChoosing, "choosing.toml"), store);
  std::string text = kChoosing;
  text.replace(text.find("0.00001"), 7, "0.00002");
  std::vector<std::string> notices;
  StudyOptions options;
  options.notice = [&](const std::string& notice) { notices.push_back(notice); };
  const auto result = run_study(parse_study(text, "choosing.toml"), store, options);
  EXPECT_EQ(result.ran, 2) << "one for each network; the choice stays, and so do its runs";
  EXPECT_EQ(result.reused, 8);
  EXPECT_EQ(result.set_aside, 2);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_HAS(notices[0], "2 runs of another specification");
}

// Where no candidate is of use the smallest rate is taken, and the study ends all the same.
TEST(StudyRun, NoCandidateOfUse) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  auto study = parse_study(kChoosing, "choosing.toml",
                           {"activation=identity", "loss=squared", "learning_rate=[1e9, 1e8]"});
  const auto result = run_study(study, store);
  EXPECT_EQ(result.ran, 4);
  for (const auto& run : store.tuning_runs()) EXPECT_TRUE(run.diverged);
  for (const auto& run : store.runs()) EXPECT_EQ(run.spec.learning_rate, 1e8);
}

// Workers may have ended before the last of them is started; whoever waits for them must not wait for
// ever.
TEST(StudyRun, WorkersThatEndAtOnce) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  std::string seeds = "seed=[1";
  for (int seed = 2; seed <= 64; ++seed) seeds += ", " + std::to_string(seed);
  const auto study = parse_study(kSmall, "small.toml", {seeds + "]"});
  const std::atomic<bool> stop = true;
  StudyOptions options;
  options.threads = 64;
  options.stop = &stop;
  const auto result = run_study(study, store, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.ran, 0);
}

TEST(StudyRun, StopsAndResumesInBothPhases) {
  TemporaryFolder folder;
  const auto study = parse_study(kChoosing, "choosing.toml", {"steps=8000"});
  Store store(folder / "s.db", Store::Mode::write), whole(folder / "whole.db", Store::Mode::write);
  run_study(study, whole);
  for (const int after : {2, 7}) {
    std::atomic<bool> stop = false;
    StudyOptions options;
    options.threads = 1;
    options.stop = &stop;
    options.progress = [&](const Progress& p) { stop = p.done >= after; };
    const auto result = run_study(study, store, options);
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.total, 10);
    EXPECT_GE(result.reused + result.ran, after);
    EXPECT_LT(result.reused + result.ran, 10);
  }
  EXPECT_FALSE(run_study(study, store).interrupted);
  expect_same_numbers(store, whole);
}

// Runs share prepared data where it is the same, and only there.
TEST(StudyRun, EveryRunHasItsOwnData) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  run_study(parse_study(R"toml(
steps = 5
depth = 1
width = 4
samples = 2
probes = ["moved"]
[[grid]]
data = ["xor", "credit"]
scale = ["zscore", "none"]
[[grid]]
data = "breast_cancer"
correlation = [0, 0.5]
repeat = [1, 2]
[[grid]]
data = "credit"
validation_share = 0.2
)toml",
                        "my.toml"),
            store);
  const auto runs = store.runs();
  ASSERT_EQ(runs.size(), 9u);
  for (const auto& run : runs)
    EXPECT_TRUE(same_bits(run.last.held_loss, run_one(run.spec).last.held_loss)) << run.key;
}

// A key that is accepted must act.
TEST(StudyRun, EveryKeyOfTheNetworkActs) {
  const Settings base{"data=digits", "depth=3",           "width=64",      "steps=20",
                      "samples=2",   "batch=16",          "evaluations=2", "activation=tanh",
                      "seed=1",      "probes=[\"moved\"]"};
  std::set<double> losses;
  std::size_t count = 0;
  for (const Settings& more : std::vector<Settings>{{},
                                                    {"architecture=convolution"},
                                                    {"residual=plain"},
                                                    {"residual=scaled"},
                                                    {"residual=zero"},
                                                    {"initialiser=lsuv"},
                                                    {"initialiser=critical"},
                                                    {"initialiser=critical_orthogonal"},
                                                    {"normalisation=batch"},
                                                    {"normalisation=layer"},
                                                    {"bias=-0.5"},
                                                    {"repeat=2"},
                                                    {"correlation=0.5"},
                                                    {"data=credit"},
                                                    {"data=breast_cancer"},
                                                    {"warmup=10"},
                                                    {"dropout=0.2"},
                                                    {"precision=bf16"},
                                                    {"precision=f16"},
                                                    {"precision=f16", "loss_scale=100"},
                                                    {"precision=f16", "loss_scale=dynamic"},
                                                    {"schedule=linear"},
                                                    {"schedule=cosine"},
                                                    {"schedule=step"},
                                                    {"optimiser=adamw"},
                                                    {"optimiser=adamw", "weight_decay=2"},
                                                    {"loss=binary"},
                                                    {"loss=squared"},
                                                    {"loss=squared", "output=sigmoid"},
                                                    {"validation_share=0.1"},
                                                    {"test_share=0.2"}}) {
    Settings settings = base;
    settings.insert(settings.end(), more.begin(), more.end());
    if (!more.empty() && more[0] == "architecture=convolution") std::erase(settings, "width=64");
    const auto run = run_one(parse_study("", "my.toml", settings).runs.front());
    EXPECT_FALSE(run.diverged);
    losses.insert(run.last.train_loss);
    ++count;
    EXPECT_EQ(losses.size(), count) << (more.empty() ? "" : more[0]);
  }
}

TEST(StudyRun, WhatOnlyTheDataKnowsStopsBeforeAnyRun) {
  TemporaryFolder folder;
  std::ofstream(folder / "a.csv") << "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.7\n5,4.2\n6,1.2\n7,1.3\n8,1\n";
  const auto message = [&](const Settings& settings) {
    const auto study =
        parse_study("data = \"a.csv\"\nlabel = \"y\"\nsteps = 10", folder / "s.toml", settings);
    Store store(folder / "s.db", Store::Mode::write);
    const auto text = error_of([&] { run_study(study, store); });
    EXPECT_TRUE(store.finished().empty());
    return text;
  };
  EXPECT_HAS(message({"loss=binary"}), "needs classes, but what is to be learned is a number");
  EXPECT_HAS(message({"architecture=convolution"}), "needs square images");
}

TEST(StudyRun, OtherSpecificationIsTold) {
  TemporaryFolder folder;
  Store store(folder / "s.db", Store::Mode::write);
  run_study(small(), store);
  std::string text = kSmall;
  text.replace(text.find("[1, 2]"), 6, "[2, 3]");
  std::vector<std::string> notices;
  StudyOptions options;
  options.notice = [&](const std::string& notice) { notices.push_back(notice); };
  const auto result = run_study(parse_study(text, "small.toml"), store, options);
  EXPECT_EQ(result.reused, 4);
  EXPECT_EQ(result.set_aside, 4);
  EXPECT_EQ(store.runs().size(), 8u);
  EXPECT_EQ(store.finished().size(), 12u);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_HAS(notices[0], "4 runs of another specification");
}

TEST(StudyRun, BadDataStopsBeforeAnyRun) {
  TemporaryFolder folder;
  std::ofstream(folder / "a.csv") << "x,y\n1,a\nnan,b\n";
  const auto study =
      parse_study("data = \"a.csv\"\nlabel = \"y\"\nseed = [1, 2]", folder / "s.toml");
  Store store(folder / "s.db", Store::Mode::write);
  EXPECT_HAS(error_of([&] { run_study(study, store); }), "line 3");
  EXPECT_TRUE(store.finished().empty());
}

TEST(StudyRun, EpochsAndDivergence) {
  auto spec = small().runs.front();
  spec.epochs = 2;  // 60 training examples in batches of 16: 4 steps an epoch
  EXPECT_EQ(run_one(spec).last.step, 8);
  spec.epochs = 0;
  spec.activation = "identity";
  spec.optimiser = "sgd";
  spec.learning_rate = 1e30;
  const auto run = run_one(spec);
  EXPECT_TRUE(run.diverged);
  EXPECT_LT(run.last.step, 40);
}

TEST(StudyRun, Describe) {
  const auto study = small();
  EXPECT_EQ(describe(study.runs[0], study.axes), "tanh, 1 layer, seed 1");
  EXPECT_EQ(describe(study.runs[7], study.axes), Activation("prelu").text() + ", 3 layers, seed 2");
}

}  // namespace
}  // namespace gradkeep::lab
