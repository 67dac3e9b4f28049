// kill -9 at any moment: a study that is killed again and again, at moments nobody chose, ends with
// the numbers of one that was left in peace, and no run that was once stored is lost or repeated.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "compare.h"
#include "data/random.h"
#include "lab/study.h"
#include "temporary.h"

namespace gradkeep::lab {
namespace {

constexpr const char* kStudy = R"toml(
name = "killed"
data = "two_spirals"
rows = 80
activation = ["tanh", "relu"]
depth = [1, 2, 3]
seed = [1, 2, 3, 4]
width = 16
batch = 16
steps = 2000
evaluations = 4
samples = 4
)toml";
// 18 runs that choose, then 12.
const Settings kChoosing{"learning_rate=[0.1, 0.01, 0.001]", "choose=learning_rate",
                         "validation_share=0.25", "seed=[1, 2]"};

pid_t start(const std::string& path, const Settings& settings) {
  const pid_t child = fork();
  if (child != 0) return child;
  int status = 0;
  try {
    Store store(path, Store::Mode::write);
    StudyOptions options;
    options.threads = 2;
    run_study(parse_study(kStudy, "killed.toml", settings), store, options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
    status = 1;
  }
  _exit(status);
}

class Kill : public ::testing::TestWithParam<Settings> {};

TEST_P(Kill, LosesNothingAndRepeatsNothing) {
  TemporaryFolder folder;
  const auto path = folder / "killed.db";
  data::Random random(7);
  std::set<std::string> before;
  int kills = 0, while_choosing = 0, afterwards = 0;
  double limit = 20'000;  // microseconds
  const auto study = parse_study(kStudy, "killed.toml", GetParam());
  for (bool finished = false; !finished;) {
    const pid_t child = start(path, GetParam());
    std::this_thread::sleep_for(
        std::chrono::microseconds(1000 + random.below(static_cast<std::uint64_t>(limit))));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0) << "a restart failed";
      finished = true;
    } else {
      ++kills;
    }
    // Opening for writing is what the next start does: it also makes tables that were never made.
    const Store store(path, Store::Mode::write);
    const auto now = store.finished();
    if (!finished && !now.empty())
      ++(store.planned() < static_cast<int>(study.runs.size()) ? while_choosing : afterwards);
    EXPECT_TRUE(std::includes(now.begin(), now.end(), before.begin(), before.end()));
    // At first too little time for one run, then about enough for one, however slow the machine.
    limit *= now.size() > before.size() ? 0.9 : 1.08;
    before = now;
    ASSERT_LT(kills, 500) << "no progress between kills";
  }
  EXPECT_GT(kills, 3) << "too fast to be killed: the study must be longer";

  Store killed(path, Store::Mode::write), whole(folder / "whole.db", Store::Mode::write);
  const int total = GetParam().empty() ? 24 : 30;
  EXPECT_EQ(run_study(study, killed).ran, 0);
  EXPECT_EQ(run_study(study, whole).ran, total);
  EXPECT_EQ(killed.runs().size(), study.runs.size());
  expect_same_numbers(killed, whole);
  EXPECT_GT(afterwards, 1);
  if (!GetParam().empty()) {
    EXPECT_GT(while_choosing, 1);
  }
  // Each run belongs to the session that computed it, and ids only grow: none was written twice.
  std::set<std::int64_t> ids;
  for (const auto& run : killed.runs()) ids.insert(run.id);
  for (const auto& run : killed.tuning_runs()) ids.insert(run.id);
  EXPECT_EQ(ids.size(), total);
  EXPECT_EQ(*ids.rbegin(), total);
}

INSTANTIATE_TEST_SUITE_P(Studies, Kill, ::testing::Values(Settings{}, kChoosing),
                         [](const auto& settings) {
                           return settings.param.empty() ? "Plain" : "Choosing";
                         });

}  // namespace
}  // namespace gradkeep::lab
