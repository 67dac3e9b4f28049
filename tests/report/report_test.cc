// What the report says about stores made by hand, in which every number is known: who failed and
// why, what cured it, and which differences it must not claim.
// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "data/dataset.h"
#include "report/foresight.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Json = nlohmann::ordered_json;

struct Net {
  std::string activation, initialiser;
  int depth;
  double slope, weight;  // parts of the backward gain
  double accuracy;
  std::string normalisation = "none";
};

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::temp_directory_path() / ("gradkeep-report-" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_.emplace((folder_ / "s.sqlite").string(), lab::Store::Mode::write);
    session_ = store_->begin_session({.started = "2026-01-01T00:00:00Z",
                                      .version = "0.1.0",
                                      .study = "depth",
                                      .title = "How deep </script><b>?",
                                      .description = "Made by hand.",
                                      .spec = "depth = [2, 8]",
                                      .processor = "Test",
                                      .target = "AVX2",
                                      .cores = 2,
                                      .threads = 2});
  }
  ~ReportTest() override { std::filesystem::remove_all(folder_); }

  lab::RunSpec spec(const Net& net, int seed) const {
    lab::RunSpec s;
    s.activation = Activation(net.activation).text();
    s.initialiser = net.initialiser;
    s.normalisation = net.normalisation;
    s.depth = net.depth;
    s.seed = seed;
    s.steps = 100;
    s.targets = {1.0, 0.1};
    return s;
  }

  void add(const Net& net, int seed, double jitter = 0) {
    lab::Run run;
    run.session = session_;
    run.spec = spec(net, seed);
    run.key = lab::canonical_key(run.spec);
    run.initialiser = net.initialiser == "plain"    ? "normal(1/sqrt(n))"
                      : net.activation == "sigmoid" ? "glorot_normal"
                                                    : "he_normal";
    run.data = data_;
    run.examples = 1797;
    run.features = 64;
    run.classes = classes_;
    run.seconds = 0.5;
    run.activation_seconds = 0.05;
    const double loss = 2.3 * (1 - net.accuracy);
    run.curve = {{0, 0, 2.3, 0.1, 2.3, 0.1},
                 {100, 0.5, loss, net.accuracy, loss, net.accuracy + jitter}};
    run.last = run.curve.back();
    run.test_loss = run.last.held_loss;
    run.test_accuracy = run.last.held_accuracy;
    for (const double target : run.spec.targets)
      run.targets.push_back(loss <= target ? lab::Target{target, 40, 0.2}
                                           : lab::Target{target, -1, 0});
    for (const int step : {0, 100}) {
      const double gain = net.slope * net.weight;
      for (int layer = 1; layer <= net.depth; ++layer) {
        const auto note = [&](const char* probe, double v) {
          run.measures.push_back({step, layer, probe, v});
        };
        note("h_square", 1);
        note("gradient_rms", 1e-2 * std::pow(gain, net.depth - layer));
        note("slope_gain", net.slope);
        note("weight_gain", net.weight);
        note("backward_gain", gain);
        note("saturated", 0);
        note("dead", 0);
        note("lost_slope", lost_);
        note("lost_gradient", 0);
        if (net.activation == "prelu") note("learned_a", step == 0 ? 0.25 : 0.25 - 0.01 * layer);
      }
    }
    store_->add(run);
    wanted_.push_back(run.spec);
  }

  Json model() {
    store_->set_wanted(wanted_);
    return make_model(*store_);
  }

  // The study that the demo tells of, in small.
  void add_depth_study() {
    for (const int seed : {1, 2}) {
      const double j = seed == 1 ? 0.002 : -0.002;
      for (const int depth : {2, 8}) {
        const bool deep = depth == 8;
        add({"sigmoid", "plain", depth, 0.24, 1.0, deep ? 0.101 : 0.9}, seed, j);
        add({"sigmoid", "matched", depth, 0.24, 1.0, deep ? 0.101 : 0.9}, seed, j);
        add({"relu", "plain", depth, 0.5, 0.6, deep ? 0.12 : 0.95}, seed, j);
        add({"relu", "matched", depth, 0.7, 1.41, 0.953}, seed, j);
        add({"prelu", "plain", depth, 0.5, 0.6, deep ? 0.12 : 0.95}, seed, j);
        add({"prelu", "matched", depth, 0.7, 1.41, 0.951}, seed, j);
      }
    }
  }

  std::filesystem::path folder_;
  std::optional<lab::Store> store_;
  std::int64_t session_ = 0;
  std::vector<lab::RunSpec> wanted_;
  int classes_ = 10;
  std::string data_ = "digits";
  double lost_ = 0;
};

const Json* find(const Json& model, const std::string& id) {
  for (const auto& f : model.at("findings"))
    if (f.at("id") == id) return &f;
  return nullptr;
}

TEST_F(ReportTest, TheVerdictNamesThePatientTheGainAndTheCure) {
  add_depth_study();
  const auto m = model();
  EXPECT_EQ(
      m.at("verdict").at("headline"),
      "The 8-layer sigmoid network learned nothing: at every layer its gradient shrinks to 0.24 of "
      "itself.");
  const std::string text = m.at("verdict").at("text").at(0);
  EXPECT_NE(
      text.find(
          "a test accuracy of 10.1 % (9.9 % to 10.3 % over 2 seeds), where guessing gives 10.0 %"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("relu with Glorot/He reaches a test accuracy of 95.3 %"), std::string::npos)
      << text;
  const auto& series = m.at("hero").at("series");
  ASSERT_EQ(series.size(), 4u);
  EXPECT_EQ(series[0].at("label"), "chain bound 0.25ᵏ");
  EXPECT_DOUBLE_EQ(series[0].at("row").at("mid").at(6).get<double>(), 1e-2 * 0.25);
  EXPECT_EQ(series[1].at("role"), "predicted");
  EXPECT_EQ(series[2].at("role"), "sick");
  EXPECT_EQ(series[3].at("label"), "relu, Glorot/He");
}

TEST_F(ReportTest, PredictionsStandBesideMeasurements) {
  add_depth_study();
  const auto m = model();
  // From the last layer's measured gradient on; a layer of sigmoid lets 0.2363 through (sigma_w = 1).
  const auto& predicted = m.at("hero").at("series").at(1).at("row");
  EXPECT_EQ(predicted.at("mid").at(7), 0.01);
  const double layer =
      predicted.at("mid").at(3).get<double>() / predicted.at("mid").at(4).get<double>();
  EXPECT_NEAR(layer, 0.2363 * std::exp(-0.25 * 3 / 64), 2e-3);
  EXPECT_LT(predicted.at("low").at(0), predicted.at("mid").at(0));
  for (const auto& cell : m.at("cells")) {
    if (cell.at("activation") != "relu" || cell.at("depth") != 8) continue;
    EXPECT_EQ(cell.at("foreseen").at("layer_gain"), cell.at("setting") == "plain" ? 0.7071 : 1);
    EXPECT_EQ(cell.at("foreseen").at("gain").size(), 7u);
  }
  const auto* finding = find(m, "foreseen");
  ASSERT_NE(finding, nullptr);
  // 0.3 a layer where theory says 0.71.
  EXPECT_EQ(finding->at("evidence").at(1).at("value"), "0.3");
  const std::string said = finding->at("text");
  EXPECT_NE(said.find("none learned"), std::string::npos) << said;
  ASSERT_EQ(m.at("maps").size(), 3u);
  EXPECT_EQ(m.at("maps").at(1).at("places").at(1).at("weight_std"), 1.414);
  ASSERT_EQ(m.at("tables").size(), 1u);
  const auto& formats = m.at("tables").at(0);
  EXPECT_EQ(formats.at("rows").at(0).at(0), "sigmoid with normal(1/√n)");
  EXPECT_EQ(formats.at("rows").at(0).at(1), "all kept");
  EXPECT_EQ(formats.at("rows").at(0).at(3), "1 zero, 2–7 subnormal");
  EXPECT_EQ(formats.at("rows").at(3).at(3), "all kept");
  EXPECT_EQ(m.at("table").at("rows").at(1).at(4), "0.99 (1)");
}

TEST(Foresight, LayersThatAFormatLosesAreNamed) {
  const auto text = [](std::vector<LostLayers> ranges, double share_lost = 0) {
    return loss_text({kFloat16, std::move(ranges), {}, {}, share_lost});
  };
  EXPECT_EQ(text({}), "all kept");
  EXPECT_EQ(text({{1, 12, true}, {13, 15, false}}), "1–12 zero, 13–15 subnormal");
  EXPECT_EQ(text({{18, 20, false}}), "18–20 subnormal");
  EXPECT_EQ(text({{20, 20, true}}), "20 zero");
  EXPECT_EQ(text({}, std::numeric_limits<double>::quiet_NaN()), "no prediction");
}

TEST_F(ReportTest, TreatmentsOfFewNetworksStandApart) {
  add_depth_study();
  for (const int seed : {1, 2}) add({"sigmoid", "matched", 8, 0.24, 4.2, 0.93, "batch"}, seed);
  const auto m = model();
  EXPECT_EQ(m.at("study").at("settings").size(), 2u);
  EXPECT_EQ(m.at("study").at("setting_title"), "Initialisation");
  EXPECT_EQ(m.at("cells").size(), 12u);
  ASSERT_EQ(m.at("tables").size(), 2u);
  const auto& rows = m.at("tables").at(1).at("rows");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.at(1).at(0), "sigmoid, Glorot/He");
  EXPECT_EQ(rows.at(2).at(0), "sigmoid, batch normalisation");
  EXPECT_EQ(rows.at(2).at(1), "1.02");  // predicted: the root of 1.0336
  EXPECT_EQ(rows.at(2).at(2), "1.01");  // measured
  EXPECT_NE(m.at("verdict").at("text").at(0).get<std::string>().find(
                "with batch normalisation sigmoid reaches a test accuracy of 93.0 %"),
            std::string::npos);
  const auto* finding = find(m, "treatments");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->at("text"), "sigmoid learns with batch normalisation (93.0 %).");
  ASSERT_EQ(m.at("figures").size(), 2u);
  EXPECT_EQ(m.at("figures").at(0).at("panels"), Json::array({"sigmoid"}));
}

// A function that is trained with weights of its own is no treatment, and neither is what a store
// holds few runs of because it is not finished.
TEST_F(ReportTest, WhatNoOtherSettingReachesIsNoTreatment) {
  add_depth_study();
  for (const int depth : {2, 8}) add({"selu", "lecun_normal", depth, 0.9, 1.1, 0.95}, 1);
  EXPECT_EQ(model().at("study").at("settings").size(), 3u);
  for (const int depth : {2, 4, 8})
    for (const char* name : {"elu", "tanh", "silu"}) {
      auto later = spec({name, "matched", depth, 1, 1, 1}, 1);
      wanted_.push_back(later);
      later.initialiser = "plain";
      wanted_.push_back(later);
    }
  add({"tanh", "plain", 4, 0.9, 1.1, 0.95}, 1);
  EXPECT_EQ(model().at("study").at("settings").size(), 3u);
  EXPECT_EQ(model().at("tables").size(), 1u);
}

TEST_F(ReportTest, NetworksThatTheoryDoesNotKnowSayWhy) {
  add({"relu", "constant(0.1)", 3, 0.5, 0.6, 0.95}, 1);
  const auto m = model();
  EXPECT_EQ(m.at("cells").at(0).at("foreseen").at("none"),
            "its initial weights, he_normal, are no random numbers of mean 0");
  EXPECT_TRUE(m.at("tables").empty());
}

TEST_F(ReportTest, TheDataThatWereUsedAreCreditedAndNoOthers) {
  data_ = "own.csv";
  add({"relu", "plain", 2, 0.5, 0.6, 0.95}, 1);
  EXPECT_FALSE(model().contains("credits"));
  data_ = "digits";
  add({"relu", "plain", 2, 0.5, 0.6, 0.95}, 2);
  EXPECT_EQ(model().at("credits"), data::credits("digits"));
  data_ = "credit";
  add({"relu", "plain", 2, 0.5, 0.6, 0.95}, 3);
  EXPECT_EQ(model().at("credits"), data::credits("credit") + "\n" + data::credits("digits"));
}

TEST_F(ReportTest, EachCauseIsAFindingWithNumbersAndRemedy) {
  add_depth_study();
  const auto m = model();
  const Json* function = find(m, "cause-function");
  ASSERT_TRUE(function);
  const std::string text = function->at("text");
  EXPECT_NE(text.find("sigmoid with any initialisation"), std::string::npos) << text;
  EXPECT_NE(text.find("0.25⁷ = 6.1×10⁻⁵"), std::string::npos) << text;
  const Json* weights = find(m, "cause-weights");
  ASSERT_TRUE(weights);
  EXPECT_NE(weights->at("text").get<std::string>().find("relu and prelu with normal(1/√n)"),
            std::string::npos);
  EXPECT_NE(weights->at("remedy").get<std::string>().find(
                "Change to Glorot/He: relu then reaches 95.3 %"),
            std::string::npos);
}

TEST_F(ReportTest, NoDifferenceIsClaimedWithinTheNoise) {
  add_depth_study();
  const auto m = model();
  const Json* cure = find(m, "cure");
  ASSERT_TRUE(cure);
  EXPECT_EQ(cure->at("title"), "Glorot/He instead of normal(1/√n) helps 2 of 3 activations");
  EXPECT_NE(cure->at("text").get<std::string>().find("For sigmoid the difference stays within"),
            std::string::npos);
  const Json* best = find(m, "best");
  ASSERT_TRUE(best);
  EXPECT_EQ(best->at("title"), "No winner among relu and prelu at 8 hidden layers");
}

TEST_F(ReportTest, InitialisationsThatAgreeAreNamed) {
  add_depth_study();
  const auto m = model();
  const Json* agreement = find(m, "agreement");
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->at("title"), "For sigmoid the two initialisations are nearly one");
  EXPECT_NE(agreement->at("text").get<std::string>().find("Only the output layer differs"),
            std::string::npos);
}

TEST_F(ReportTest, LearnedParametersAndArithmeticAreTold) {
  add_depth_study();
  const auto m = model();
  const Json* learned = find(m, "learned-prelu-a");
  ASSERT_TRUE(learned);
  EXPECT_EQ(learned->at("title"), "prelu learned values of a from 0.17 to 0.24");
  EXPECT_EQ(find(m, "arithmetic")->at("title"),
            "Arithmetic is not the cause: float32 lost no gradient");
  EXPECT_EQ(find(m, "dead")->at("title"), "No unit died");
}

TEST_F(ReportTest, LostSlopesAreTold) {
  lost_ = 0.2;
  add({"tanh", "matched", 4, 0.9, 1, 0.9}, 1);
  EXPECT_EQ(find(model(), "arithmetic")->at("title"),
            "float32 lost up to 20.0 % of a layer's gradients");
}

TEST_F(ReportTest, TheSameStoreGivesTheSameBytes) {
  add_depth_study();
  const std::string page = make_html(model());
  EXPECT_EQ(page, make_html(*store_));
  const lab::Store again((folder_ / "s.sqlite").string(), lab::Store::Mode::read);
  EXPECT_EQ(page, make_html(again));
}

TEST_F(ReportTest, ThePageHoldsItsModelAndNothingBreaksOut) {
  add_depth_study();
  const auto m = model();
  const std::string page = make_html(m);
  EXPECT_LT(page.size(), 1'000'000u);
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  const std::string opening = "<script type=\"application/json\" id=\"gradkeep-model\">";
  const auto from = page.find(opening) + opening.size();
  EXPECT_EQ(Json::parse(page.substr(from, page.find("</script>", from) - from)), m);
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
  EXPECT_NE(page.find("<html lang=\"en\">"), std::string::npos);
}

TEST_F(ReportTest, OneHealthyNetworkIsAReportToo) {
  add({"tanh", "matched", 1, 0.9, 1, 0.9}, 1);
  const auto m = model();
  EXPECT_EQ(m.at("verdict").at("headline"), "The network learned.");
  EXPECT_FALSE(m.contains("hero"));
  EXPECT_LT(make_html(m).size(), 1'000'000u);
}

TEST_F(ReportTest, NumbersThatAreNotFiniteAreNull) {
  add({"tanh", "matched", 3, std::numeric_limits<double>::quiet_NaN(), 1,
       std::numeric_limits<double>::quiet_NaN()},
      1);
  const auto m = model();
  const auto& cell = m.at("cells").at(0);
  EXPECT_FALSE(cell.contains("accuracy"));
  EXPECT_TRUE(cell.at("slope_gain").at("start").at(0).is_null());
  EXPECT_FALSE(make_html(m).empty());
}

TEST_F(ReportTest, ARegressionIsToldByItsLoss) {
  classes_ = 0;
  add({"tanh", "matched", 2, 0.9, 1, 0.9}, 1);
  const auto m = model();
  EXPECT_EQ(m.at("verdict").at("headline"), "The network learned.");
  EXPECT_TRUE(m.at("study").at("chance").is_null());
}

TEST_F(ReportTest, AnUnfinishedStudySaysSo) {
  add({"tanh", "matched", 2, 0.9, 1, 0.9}, 1);
  wanted_.push_back(spec({"tanh", "matched", 2, 0.9, 1, 0.9}, 2));
  const auto m = model();
  ASSERT_TRUE(find(m, "incomplete"));
  EXPECT_NE(find(m, "incomplete")->at("text").get<std::string>().find("1 of 2 runs"),
            std::string::npos);
}

TEST_F(ReportTest, AnEmptyStoreIsAnError) {
  try {
    model();
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("holds no finished run"), std::string::npos);
  }
}

TEST_F(ReportTest, TheSummaryFitsATerminal) {
  add_depth_study();
  const std::string text = summary_text(model(), 80);
  EXPECT_EQ(text.find("The 8-layer sigmoid network learned nothing"), 0u);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), 80) << line;
  EXPECT_NE(text.find("relu"), std::string::npos);
  EXPECT_NE(text.find("95.3 %"), std::string::npos);
}

TEST(Charts, TheLockFileNamesNoHostToFetchFrom) {
  std::ifstream file(GRADKEEP_SOURCE_DIR "/report/charts/package-lock.json");
  std::ostringstream text;
  text << file.rdbuf();
  ASSERT_GT(text.str().size(), 1000u);
  EXPECT_EQ(text.str().find("\"resolved\""), std::string::npos);
}

}  // namespace
}  // namespace gradkeep::report
