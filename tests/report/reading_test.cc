// What a reading takes from a store, and which readings are refused.
// SPDX-License-Identifier: Apache-2.0
#include "report/reading.h"

#include <gradkeep/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "report/report.h"
#include "tests/report/toy.h"

namespace gradkeep::report {
namespace {

class ReadingTest : public ::testing::Test {
 protected:
  ReadingTest() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::temp_directory_path() / ("gradkeep-reading-" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_.emplace(toy::make_store((folder_ / "toy.sqlite").string()));
    material_.emplace(*store_);
  }
  ~ReadingTest() override { std::filesystem::remove_all(folder_); }

  std::string refusal(const Reading& reading) {
    try {
      make_model(*material_, reading);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }

  Trial trial(int depth) {
    return material_->trials([&](const auto& s) { return s.depth == depth; }).front();
  }

  std::filesystem::path folder_;
  std::optional<lab::Store> store_;
  std::optional<Material> material_;
};

TEST_F(ReadingTest, TrialsHoldTheSeedsInTheOrderOfTheStudy) {
  const auto trials = material_->trials();
  ASSERT_EQ(trials.size(), 4u);
  EXPECT_EQ(trials[0].activation(), "relu");
  EXPECT_EQ(trials[0].spec().depth, 1);
  EXPECT_EQ(trials[3].activation(), "elu(alpha=0.5)");
  EXPECT_EQ(trials[3].spec().depth, 2);
  for (const auto& t : trials) {
    ASSERT_EQ(t.runs.size(), 3u);
    for (int seed = 1; seed <= 3; ++seed) EXPECT_EQ(t.runs[seed - 1]->spec.seed, seed);
  }
  EXPECT_EQ(material_->runs().size(), 12u);
  EXPECT_EQ(material_->planned(), 12);
  EXPECT_EQ(material_->test_examples(), 449);
}

TEST_F(ReadingTest, ShortNamesSayOnlyWhatIsNotTheDefault) {
  EXPECT_EQ(short_activation("leaky_relu(negative_slope=0.01)"), "leaky_relu");
  EXPECT_EQ(short_activation("elu(alpha=0.5)"), "elu(alpha=0.5)");
  EXPECT_EQ(short_activation(Activation("improved_sigmoid(alpha=3)").text()),
            "improved_sigmoid(alpha=3)");
}

TEST_F(ReadingTest, NumbersOverSeedsLeaveOutWhatIsNotFinite) {
  const auto accuracy = over(trial(2), test_accuracy);
  EXPECT_NEAR(accuracy.mid, 0.922, 1e-12);
  EXPECT_NEAR(accuracy.low, 0.921, 1e-12);
  EXPECT_NEAR(accuracy.high, 0.923, 1e-12);
  const auto first_missing = over(trial(2), [](const lab::Run& run) {
    return run.spec.seed == 1 ? std::numeric_limits<double>::quiet_NaN()
                              : 2.0 * static_cast<double>(run.spec.seed);
  });
  EXPECT_DOUBLE_EQ(first_missing.mid, 5);
  EXPECT_DOUBLE_EQ(first_missing.low, 4);
  const auto powers = over_geometric(trial(2), [](const lab::Run& run) {
    return std::pow(10, static_cast<double>(run.spec.seed));
  });
  EXPECT_NEAR(powers.mid, 100, 1e-9);
}

TEST_F(ReadingTest, RunsAnswerForTheirProbesAndTargets) {
  const lab::Run& run = *trial(2).runs.front();
  EXPECT_DOUBLE_EQ(train_loss(run), 0.3);
  EXPECT_DOUBLE_EQ(test_loss(run), 0.35);
  EXPECT_DOUBLE_EQ(step_seconds(run), 0.005);
  EXPECT_EQ(sampled_steps(run), (std::vector<int>{0, 10, 100}));
  EXPECT_DOUBLE_EQ(at_start(run, "dead", 2), 0.2);
  EXPECT_DOUBLE_EQ(at_end(run, "dead", 1), 0.2);
  EXPECT_DOUBLE_EQ(at_step(run, "dead", 1, 10), 0.11);
  EXPECT_DOUBLE_EQ(at_end(run, "brier"), 0.25);
  EXPECT_TRUE(std::isnan(at_start(run, "brier")));
  EXPECT_TRUE(std::isnan(at_end(run, "no_such_probe", 1)));
  EXPECT_DOUBLE_EQ(hidden_mean(run, "dead", 0), 0.15);
  EXPECT_DOUBLE_EQ(steps_to(run, 1.0), 41);
  EXPECT_DOUBLE_EQ(seconds_to(run, 1.0), 0.2);
  EXPECT_TRUE(std::isnan(steps_to(run, 0.1))) << "not reached";
  EXPECT_TRUE(std::isnan(steps_to(run, 0.7))) << "not asked for";
}

TEST_F(ReadingTest, TheModelHoldsFiguresTablesAndTheCommonParts) {
  const auto model = make_model(*material_, toy::read(*material_));
  EXPECT_EQ(model.at("study").at("name"), "toy");
  EXPECT_EQ(model.at("study").at("seeds"), 3);
  EXPECT_EQ(model.at("table").at("rows").at(1).at(2), "92.2 %");
  EXPECT_FALSE(model.contains("cells"));
  EXPECT_TRUE(model.contains("credits"));
  const auto& losses = model.at("figures").at(1);
  EXPECT_EQ(losses.at("panels").size(), 5u);
  const auto& elu = losses.at("series").at(1);
  EXPECT_EQ(elu.at("at").at(8), 800);
  EXPECT_TRUE(elu.at("row").at("mid").at(8).is_null());
  EXPECT_EQ(model.at("tables").at(0).at("note"), "20 points double the odds.");
  const std::string page = make_html(model);
  EXPECT_NE(page.find("<a href=\"#table-toy-scorecard\">See the table</a>"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"#figure-toy-losses\">See the figure</a>"), std::string::npos);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
}

TEST_F(ReadingTest, TheSummaryShowsTheKeyTable) {
  auto reading = toy::read(*material_);
  const std::string text = summary_text(make_model(*material_, reading), 80);
  EXPECT_NE(text.find("relu              91.2 %    92.2 %  a kink\n"), std::string::npos) << text;
  reading.key.head[3] = std::string(70, 'x');
  const std::string narrow = summary_text(make_model(*material_, reading), 80);
  EXPECT_EQ(narrow.find("a kink"), std::string::npos) << narrow;
  EXPECT_NE(narrow.find("(1 more column in the report)"), std::string::npos) << narrow;
}

TEST_F(ReadingTest, UnsoundReadingsAreRefused) {
  const auto sound = toy::read(*material_);
  auto r = sound;
  r.figures[1].id = r.figures[0].id;
  EXPECT_EQ(refusal(r), "reading: the id \"toy-accuracy\" occurs twice");
  r = sound;
  r.figures[0].series[0].panel = 1;
  EXPECT_EQ(refusal(r),
            "reading: figure \"toy-accuracy\", series \"sigmoid\": panel 1, expected 0 to 0");
  r = sound;
  r.figures[0].series[0].marks.push_back({.category = "relu"});
  EXPECT_EQ(refusal(r), "reading: figure \"toy-accuracy\", series \"sigmoid\": a mark without x");
  r = sound;
  r.figures[1].lead = true;
  EXPECT_EQ(refusal(r), "reading: 2 figures lead, expected at most one");
  r = sound;
  r.findings[0].figure = "nowhere";
  EXPECT_EQ(refusal(r),
            "reading: finding \"figure\" points to \"nowhere\", which is no figure and no table");
  r = sound;
  r.tables[0].rows[0].pop_back();
  EXPECT_EQ(refusal(r), "reading: table \"toy-scorecard\" has a row of 2 cells, expected 3");
  r = sound;
  r.key = {.head = std::vector<std::string>(9, "x")};
  EXPECT_EQ(refusal(r), "reading: the key table has 9 columns, expected at most 8");
}

TEST_F(ReadingTest, TheSessionSaysWhoReads) {
  EXPECT_TRUE(make_model(*store_).contains("cells")) << "the general report";
  lab::Session session = store_->sessions().back();
  session.report = "no-such-reading";
  store_->begin_session(session);
  try {
    make_model(*store_);
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("asks for the reading \"no-such-reading\"; expected "),
              std::string::npos)
        << e.what();
  }
}

TEST(Readings, AreFoundByName) {
  EXPECT_EQ(find_reading("no-such-reading"), nullptr);
  for (const auto& name : reading_names()) EXPECT_NE(find_reading(name), nullptr) << name;
}

}  // namespace
}  // namespace gradkeep::report
