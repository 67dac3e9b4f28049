// Reading studies: the grid, the identity of a run, and one clear line for each mistake.
// SPDX-License-Identifier: Apache-2.0
#include "lab/spec.h"

#include <fstream>
#include <set>

#include "temporary.h"

namespace gradkeep::lab {
namespace {

std::string mistake(const std::string& toml) {
  return error_of([&] { parse_study(toml, "my.toml"); });
}

TEST(Spec, GridIsEveryCombination) {
  const auto study = parse_study(R"toml(
name = "try"
activation = ["tanh", "leaky_relu(0.2)"]
depth = [1, 2, 4]
seed = [7, 8]
learning_rate = 0.01
)toml",
                                 "my.toml");
  EXPECT_EQ(study.name, "try");
  ASSERT_EQ(study.runs.size(), 12u);
  ASSERT_EQ(study.axes.size(), 3u);
  EXPECT_EQ(study.axes[0].key, "activation");
  EXPECT_EQ(study.axes[1].values, (std::vector<std::string>{"1", "2", "4"}));
  EXPECT_EQ(study.runs[0].seed, 7);
  EXPECT_EQ(study.runs[1].seed, 8) << "the last axis turns fastest";
  EXPECT_EQ(study.runs[11].activation, Activation("leaky_relu(negative_slope=0.2)").text());
  std::set<std::string> keys;
  for (const auto& run : study.runs) {
    EXPECT_EQ(run.learning_rate, 0.01);
    keys.insert(canonical_key(run));
  }
  EXPECT_EQ(keys.size(), 12u);
}

TEST(Spec, KeyReadsBackToTheSameRun) {
  const auto study = parse_study(R"toml(
activation = "elu(alpha=0.3)"
learning_rate = 0.1
targets = [0.5, 0.1]
probes = ["dead", "moved"]
any_parameters = true
clip = 1
)toml",
                                 "my.toml");
  const auto& run = study.runs.front();
  EXPECT_EQ(run_from_key(canonical_key(run)), run);
  EXPECT_EQ(run.clip, 1.0);
  error_of([] { run_from_key("{"); });
}

// A key that stands at its default is left out, so that keys of the future change no old run.
TEST(Spec, KeyHoldsWhatDiffersFromTheDefaults) {
  RunSpec run;
  EXPECT_EQ(canonical_key(run), "{}");
  run.depth = 8;
  run.tuning = true;
  EXPECT_EQ(canonical_key(run), R"({"depth":8,"tuning":true})");
  EXPECT_EQ(run_from_key("{}"), RunSpec{});
}

TEST(Spec, DataIsAnAxis) {
  const auto study = parse_study("data = [\"digits\", \"xor\"]\nseed = [1, 2]", "my.toml");
  ASSERT_EQ(study.runs.size(), 4u);
  EXPECT_EQ(study.runs[0].data, "digits");
  EXPECT_EQ(study.runs[3].data, "xor");
  EXPECT_HAS(mistake("data = [\n\"digits\",\n\"xr\"]"), "my.toml:3: unknown data");
}

TEST(Spec, DefaultsAndNames) {
  const auto study = parse_study("", "folder/empty.toml");
  EXPECT_EQ(study.name, "empty");
  ASSERT_EQ(study.runs.size(), 1u);
  EXPECT_EQ(study.runs[0].data, "digits");
  EXPECT_TRUE(study.axes.empty());
  EXPECT_EQ(study.report, "");
  EXPECT_EQ(parse_study("report = \"zig-zag\"", "my.toml").report, "zig-zag");
}

TEST(Spec, UnknownKeyNamesLineAndSuggestion) {
  EXPECT_EQ(mistake("name = \"x\"\nactivaton = \"tanh\"\n"),
            "my.toml:2: unknown key \"activaton\"; did you mean \"activation\"?");
  EXPECT_HAS(mistake("data_digest = \"x\""), "my.toml:1: unknown key");
  EXPECT_HAS(mistake("\n[grid]\ndepth = 1\n"), "my.toml:2: grid: expected tables, each headed");
  EXPECT_HAS(mistake("\n[net]\ndepth = 1\n"), "my.toml:2: unknown key \"net\"");
}

TEST(Spec, WrongValuesNameWhatWasExpected) {
  EXPECT_EQ(mistake("\ndepth = [1, \"four\"]"),
            "my.toml:2: depth: expected a whole number in [0, 1000], got \"four\"");
  EXPECT_EQ(mistake("depth = 2.5"),
            "my.toml:1: depth: expected a whole number in [0, 1000], got 2.5");
  EXPECT_HAS(mistake("width = 0"), "width: expected a whole number in [1, 65536], got 0");
  EXPECT_HAS(mistake("learning_rate = nan"), "learning_rate: expected a number in");
  EXPECT_HAS(mistake("learning_rate = true"), "got true");
  EXPECT_HAS(mistake("test_share = 1.0"), "test_share");
  EXPECT_HAS(mistake("optimiser = \"adm\""), "did you mean \"adam\"?");
  EXPECT_HAS(mistake("any_parameters = \"yes\""), "expected true or false");
  EXPECT_HAS(mistake("targets = [0.5, -1]"), "targets");
  EXPECT_HAS(mistake("steps = [1, 2]"), "one value for the whole study");
  EXPECT_HAS(mistake("depth = []"), "an empty list");
  EXPECT_HAS(mistake("name = 5"), "expected a text in quotes");
  EXPECT_HAS(mistake("seed = [1,\n 2,\n 1]"), "the same run");
  EXPECT_HAS(mistake("steps = 10\nepochs = 2"), "my.toml:2: both steps and epochs");
  EXPECT_HAS(mistake("depth = = 3"), "my.toml:1: ");
}

TEST(Spec, NamesAreCheckedOnTheirLine) {
  EXPECT_HAS(mistake("activation = [\n\"tanh\",\n\"gellu\"]"), "my.toml:3: activation: ");
  EXPECT_HAS(mistake("activation = \"improved_sigmoid(beta=2)\""), "my.toml:1: activation: ");
  parse_study("activation = \"improved_sigmoid(beta=2)\"\nany_parameters = true", "my.toml");
  EXPECT_HAS(mistake("initialiser = \"he_norml\""), "my.toml:1: initialiser: ");
  EXPECT_HAS(mistake("probes = [\"ded\"]"), "did you mean \"dead\"?");
  EXPECT_HAS(mistake("data = \"digit\""), "did you mean \"digits\"?");
}

TEST(Spec, ANameStaysInItsFolder) {
  EXPECT_HAS(mistake("name = \"../x\""), "my.toml:1: name: got \"../x\", expected a name without");
  EXPECT_HAS(mistake("name = \"/tmp/x\""), "my.toml:1: name: ");
  EXPECT_HAS(mistake("name = \"..\""), "my.toml:1: name: ");
  EXPECT_HAS(mistake("name = \"\""), "my.toml:1: name: ");
}

TEST(Spec, AGridBeyondAllReasonIsRefusedAtOnce) {
  std::string list = "[1";
  for (int i = 2; i <= 400; ++i) list += ", " + std::to_string(i);
  list += "]";
  EXPECT_HAS(mistake("width = " + list + "\nseed = " + list),
             "my.toml:1: the lists span more than 100000 runs");
}

TEST(Spec, GridsChangeWhatStandsAboveThem) {
  const auto study = parse_study(R"toml(
activation = ["tanh", "relu"]
depth = 2
seed = [1, 2]
epochs = 3

[[grid]]

[[grid]]
activation = "relu"
residual = ["none", "scaled"]
steps = 10
)toml",
                                 "my.toml");
  ASSERT_EQ(study.runs.size(), 8u);
  EXPECT_EQ(study.runs[0].activation, "tanh");
  EXPECT_EQ(study.runs[3].epochs, 3);
  EXPECT_EQ(study.runs[4].activation, "relu");
  EXPECT_EQ(study.runs[4].epochs, 0) << "one budget takes the place of the other";
  EXPECT_EQ(study.runs[4].steps, 10);
  EXPECT_EQ(study.runs[5].residual, "scaled") << "what a grid adds turns fastest";
  EXPECT_EQ(study.runs[6].seed, 2);
  std::vector<std::string> axes;
  for (const auto& axis : study.axes) axes.push_back(axis.key);
  EXPECT_EQ(axes, (std::vector<std::string>{"activation", "seed", "epochs", "residual", "steps"}));
}

TEST(Spec, EqualRunsOfTwoGridsAreOne) {
  const auto study =
      parse_study("seed = [1, 2]\n[[grid]]\ndepth = [1, 2]\n[[grid]]\ndepth = [2, 3]\n", "my.toml");
  ASSERT_EQ(study.runs.size(), 6u);
  EXPECT_EQ(study.runs[4].depth, 3);
}

TEST(Spec, MistakesInGridsHaveTheirLine) {
  EXPECT_HAS(mistake("[[grid]]\ndepth = 1\n[[grid]]\ndept = 2"), "my.toml:4: unknown key");
  EXPECT_HAS(mistake("[[grid]]\ntitle = \"x\""), "my.toml:2: title: belongs to the whole study");
  EXPECT_HAS(mistake("[[grid]]\nactivation = \"tnh\""), "my.toml:2: activation: ");
  EXPECT_HAS(mistake("grid = []"), "my.toml:1: grid: expected tables");
  EXPECT_HAS(mistake("[[grid]]\nsteps = 1\nepochs = 1"), "my.toml:3: both steps and epochs");
  EXPECT_HAS(mistake("[[grid]]\nseed = [1, 1]"), "my.toml:2: two combinations");
}

TEST(Spec, ChooseTakesARateForEveryNetwork) {
  const auto study = parse_study(R"toml(
activation = ["tanh", "relu"]
learning_rate = [0.1, 0.01, 0.001]
choose = "learning_rate"
validation_share = 0.2
seed = [3, 4]
targets = [0.5]
probes = ["dead"]
)toml",
                                 "my.toml");
  ASSERT_EQ(study.runs.size(), 4u);
  for (const auto& run : study.runs) EXPECT_FALSE(run.tuning);
  ASSERT_EQ(study.choosing.size(), 2u);
  const auto& relu = study.choosing[1];
  EXPECT_EQ(relu.runs, (std::vector<std::size_t>{2, 3}));
  ASSERT_EQ(relu.candidates.size(), 3u);
  for (const auto& run : relu.candidates) {
    EXPECT_TRUE(run.tuning);
    EXPECT_EQ(run.seed, 3) << "the first of the list";
    EXPECT_EQ(run.activation, "relu");
    EXPECT_TRUE(run.targets.empty() && run.probes.empty()) << "what is measured changes no choice";
  }
  EXPECT_EQ(relu.candidates[2].learning_rate, 0.001);
  EXPECT_EQ(study.axes[1].values.size(), 3u);
}

TEST(Spec, EveryGridHasItsOwnCandidates) {
  const auto study = parse_study(R"toml(
choose = "learning_rate"
validation_share = 0.2
learning_rate = 0.1
[[grid]]
optimiser = "adam"
learning_rate = [0.01, 0.001]
[[grid]]
optimiser = ["sgd", "momentum"]
[[grid]]
choose = ""
optimiser = "adam"
learning_rate = [0.01, 0.001]
)toml",
                                 "my.toml");
  ASSERT_EQ(study.runs.size(), 5u) << "one chosen, two with the only rate, two spanned";
  ASSERT_EQ(study.choosing.size(), 1u);
  EXPECT_EQ(study.choosing[0].runs, std::vector<std::size_t>{0});
}

TEST(Spec, ChoosingNeedsSomethingToChooseByAndFrom) {
  EXPECT_HAS(mistake("learning_rate = [0.1, 0.2]\nchoose = \"learning_rate\""),
             "my.toml:2: choose: there is nothing to choose by; expected a validation_share");
  EXPECT_HAS(mistake("validation_share = 0.2\nchoose = \"learning_rate\""),
             "my.toml:2: choose: there is nothing to choose from");
  EXPECT_HAS(mistake("choose = \"depth\""), "my.toml:1: choose: expected \"learning_rate\"");
}

TEST(Spec, SettingsReplaceWhatTheFileSays) {
  constexpr const char* kText = R"toml(
depth = [1, 2]
epochs = 3
[[grid]]
width = 8
[[grid]]
width = 8
depth = 3
activation = "relu")toml";
  EXPECT_EQ(parse_study(kText, "my.toml").runs.size(), 3u);
  const auto study =
      parse_study(kText, "my.toml", {"depth=[4, 5]", "activation = tanh", "steps=7"});
  ASSERT_EQ(study.runs.size(), 2u) << "both grids are the same now";
  EXPECT_EQ(study.runs[1].depth, 5);
  EXPECT_EQ(study.runs[1].width, 8);
  EXPECT_EQ(study.runs[1].activation, "tanh");
  EXPECT_EQ(study.runs[1].steps, 7);
  EXPECT_EQ(study.runs[1].epochs, 0);
  EXPECT_EQ(study.text, std::string(kText) +
                            "\n# --set depth=[4, 5]\n# --set activation = tanh\n# --set steps=7\n");
  constexpr const char* kOwnChoice =
      "validation_share = 0.2\nlearning_rate = [0.1, 0.2]\n[[grid]]\nchoose = \"learning_rate\"";
  EXPECT_EQ(parse_study(kOwnChoice, "my.toml").choosing.size(), 1u);
  EXPECT_TRUE(parse_study(kOwnChoice, "my.toml", {"choose=\"\""}).choosing.empty());
  EXPECT_EQ(parse_study("", "my.toml", {"depth=1", "depth=2"}).runs[0].depth, 2) << "the later";
  const auto one =
      parse_study("choose = \"learning_rate\"\nvalidation_share = 0.2\nlearning_rate = [0.1, 0.2]",
                  "my.toml", {"learning_rate=0.3"});
  EXPECT_TRUE(one.choosing.empty());
  EXPECT_EQ(one.runs[0].learning_rate, 0.3);
}

TEST(Spec, WrongSettingsAreNamed) {
  const auto message = [](const std::string& setting) {
    return error_of([&] { parse_study("", "my.toml", {setting}); });
  };
  EXPECT_HAS(message("depth"), "--set depth: expected KEY=VALUE");
  EXPECT_HAS(message("=4"), "--set =4: expected KEY=VALUE");
  EXPECT_HAS(message("depth=[1"), "--set depth=[1: ");
  EXPECT_HAS(message("depth="), "--set depth=: ");
  EXPECT_HAS(message("depth=four"), "--set depth=four: depth: expected a whole number");
  EXPECT_HAS(message("dept=4"), "--set dept=4: unknown key \"dept\"; did you mean \"depth\"?");
  EXPECT_HAS(message("grid=4"), "--set grid=4: unknown key");
  EXPECT_HAS(message("a.b=4"), "expected the name of one key");
  EXPECT_HAS(message("activation=gellu"), "--set activation=gellu: activation: ");
  EXPECT_HAS(message("depth=1\nwidth=2"), "on one line");
  EXPECT_HAS(message("seed=[1,1]"), "--set seed=[1,1]: two combinations");
}

TEST(Spec, ContradictionsAreNamedOnTheirLine) {
  EXPECT_HAS(mistake("\nlabel = \"y\""), "my.toml:2: label: no run of this study heeds it");
  EXPECT_HAS(mistake("task = \"regression\""), "my.toml:1: task: no run of this study heeds it");
  EXPECT_HAS(mistake("rows = 10"), "my.toml:1: rows: ");
  EXPECT_HAS(mistake("noise = 0.5"), "my.toml:1: noise: ");
  EXPECT_HAS(mistake("data_seed = 3"), "my.toml:1: data_seed: ");
  EXPECT_HAS(mistake("\nmomentum = 0.5"), "my.toml:2: momentum: ");
  EXPECT_HAS(mistake("\nloss_scale = 64"), "my.toml:2: loss_scale: ");
  EXPECT_HAS(mistake("precision = \"f16\"\nloss_scale = 0"),
             "my.toml:2: loss_scale: expected a number in (0, inf) or \"dynamic\", got 0");
  EXPECT_HAS(mistake("precision = \"f16\"\nloss_scale = \"dinamic\""), "mean \"dynamic\"?");
  EXPECT_EQ(parse_study("precision = \"f16\"\nloss_scale = [64, 0.5, \"dynamic\"]", "my.toml")
                .axes[0]
                .values,
            (std::vector<std::string>{"64", "0.5", "dynamic"}));
  EXPECT_HAS(mistake("\nweight_decay = 0.1"), "my.toml:2: weight_decay: ");
  EXPECT_HAS(mistake("dropout = 0.5\nglance_every = 1"), "my.toml:2: glance_every: ");
  EXPECT_HAS(mistake("optimiser = \"sgd\"\n[[grid]]\nmomentum = 0.5"), "my.toml:3: momentum: ");
  EXPECT_HAS(mistake("architecture = \"convolution\"\nwidth = 9"), "my.toml:2: width: ");
  EXPECT_HAS(mistake("test_share = 0.5\nvalidation_share = 0.5"), "my.toml:2: validation_share");
  EXPECT_HAS(mistake("batch = 1\nnormalisation = \"batch\""), "my.toml:2: normalisation: ");
  EXPECT_HAS(mistake("initialiser = \"critical\"\nbias = 0.5"), "my.toml:2: bias: ");
  EXPECT_HAS(mistake("derivative = \"output\"\nactivation = \"gelu\""),
             "my.toml:1: derivative: the slope of gelu is no function of its output");
  EXPECT_HAS(mistake("output = \"sigmoid\""), "my.toml:1: loss: softmax takes logits");
  EXPECT_HAS(mistake("loss = \"binary\"\noutput = \"improved_sigmoid\""),
             "my.toml:2: loss: binary takes logits");
  EXPECT_EQ(parse_study("loss = \"squared\"\noutput = \"sigmoid\"", "my.toml").runs[0].output,
            "sigmoid");
  TemporaryFolder folder;
  std::ofstream(folder / "a.csv") << "x,y\n1,2\n2,4\n";
  EXPECT_HAS(error_of([&] {
               parse_study(
                   "data = \"a.csv\"\nlabel = \"y\"\ntask = \"regression\"\nloss = "
                   "\"softmax\"",
                   folder / "my.toml");
             }),
             "my.toml:4: loss: a regression has no classes");
}

// A key that some runs heed is no mistake; in the others it stands at its default.
TEST(Spec, AKeyWithoutEffectLeavesTheIdentity) {
  const auto study = parse_study(
      "data = [\"digits\", \"xor\"]\nrows = 50\noptimiser = [\"adam\", \"momentum\"]\n"
      "momentum = [0.5, 0.8]",
      "my.toml");
  ASSERT_EQ(study.runs.size(), 6u) << "with adam both momenta are one run";
  EXPECT_EQ(study.runs[0].rows, RunSpec{}.rows);
  EXPECT_EQ(study.runs[0].momentum, RunSpec{}.momentum);
  EXPECT_EQ(study.runs[2].momentum, 0.8);
  EXPECT_EQ(study.runs[5].rows, 50);
  EXPECT_EQ(parse_study("data = [\"xor\", \"digits\"]\nrows = 50", "my.toml").runs.size(), 2u);
}

TEST(Spec, DataFilesAreMissingUnlabelledOrChanged) {
  TemporaryFolder folder;
  EXPECT_HAS(mistake("data = \"absent.csv\"\nlabel = \"y\""), "absent.csv");
  EXPECT_HAS(mistake("data = \"absent.csv\""), "label is missing");
  const auto key = [&](const char* content) {
    std::ofstream(folder / "a.csv") << content;
    return canonical_key(
        parse_study("data = \"a.csv\"\nlabel = \"y\"", folder / "s.toml").runs.front());
  };
  const auto before = key("x,y\n1,a\n2,b\n");
  EXPECT_EQ(before, key("x,y\n1,a\n2,b\n"));
  EXPECT_NE(before, key("x,y\n1,a\n3,b\n")) << "a changed file is other data";
}

TEST(Spec, InitialiserThatFitsTheActivation) {
  RunSpec run;
  const auto matched = [&](const char* name) {
    run.activation = name;
    return resolve_initialiser(run);
  };
  for (const char* name : {"sigmoid", "tanh", "improved_sigmoid", "identity"})
    EXPECT_EQ(matched(name), "glorot_normal") << name;
  for (const char* name : {"relu", "leaky_relu", "prelu", "elu", "silu", "gelu"})
    EXPECT_EQ(matched(name), "he_normal") << name;
  run.initialiser = "plain";
  EXPECT_EQ(resolve_initialiser(run), "normal(1/sqrt(n))");
  run.initialiser = "orthogonal(1.5)";
  EXPECT_EQ(resolve_initialiser(run), "orthogonal(1.5)");
}

TEST(Spec, FilesOnDisk) {
  TemporaryFolder folder;
  EXPECT_HAS(error_of([&] { read_study(folder / "none.toml"); }), "cannot read");
  EXPECT_HAS(error_of([&] { read_study(folder.path().string()); }), "cannot read");
  std::ofstream(folder / "grid.toml") << "depth = [1, 2]\n";
  EXPECT_HAS(error_of([&] { read_training(folder / "grid.toml"); }), "depth is a list");
  EXPECT_EQ(read_study(folder / "grid.toml").runs.size(), 2u);
}

TEST(Spec, BuiltInStudies) {
  const auto depth = built_in_study("depth");
  EXPECT_EQ(depth.runs.size(), 9u * 2 * 6 * 3 + 2u * (2 + 3 + 3) * 3);
  EXPECT_FALSE(depth.title.empty());
  EXPECT_HAS(error_of([] { built_in_study("deth"); }), "did you mean \"depth\"?");
  for (const auto& study : built_in_studies())
    EXPECT_EQ(built_in_study(study.name).name, study.name);
}

}  // namespace
}  // namespace gradkeep::lab
