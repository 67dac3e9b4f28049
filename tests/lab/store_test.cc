// The store: what goes in comes out, and what goes wrong is said in one line and loses nothing.
// SPDX-License-Identifier: Apache-2.0
#include "lab/store.h"

#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <fstream>

#include "temporary.h"

namespace gradkeep::lab {
namespace {

constexpr int kSkip = 77;

Run some_run(std::int64_t seed, int measures = 3) {
  Run run;
  run.spec.seed = seed;
  run.session = 1;
  run.key = canonical_key(run.spec);
  run.initialiser = "glorot_normal";
  run.data = "digits";
  run.examples = 10;
  run.features = 64;
  run.classes = 10;
  run.seconds = 0.5;
  run.curve = {{0, 0, 2.3, 0.1, 2.3, 0.1}, {10, 0.5, 1.0, 0.7, kInfinity, std::nan("")}};
  run.targets = {{1.5, 4, 0.25}, {0.5, -1, 0}};
  for (int i = 0; i < measures; ++i) run.measures.push_back({10, i + 1, "moved", 0.5 * i});
  run.measures.push_back({0, 1, "dead", std::nan("")});
  return run;
}

void execute(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
}

Store with_session(const std::string& path) {
  Store store(path, Store::Mode::write);
  store.begin_session({});
  return store;
}

// Runs `action` in a child; its result is the exit status.
template <class Action>
int in_child(const Action& action) {
  const pid_t child = fork();
  if (child == 0) {
    int status = 1;
    try {
      status = action();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Store, ReadsBackWhatWasWritten) {
  TemporaryFolder folder;
  const lab::Run run = some_run(1);
  {
    Store store(folder / "s.db", Store::Mode::write);
    Session session;
    session.version = "0.1.0";
    session.report = "zig-zag";
    session.spec = "name = \"x\"\n";
    session.processor = "some \"processor\"";
    session.cores = 2;
    EXPECT_EQ(store.begin_session(session), 1);
    store.set_wanted({run.spec, some_run(2).spec});
    EXPECT_EQ(store.add(run), 1);
  }
  Store store(folder / "s.db", Store::Mode::read);
  EXPECT_EQ(store.planned(), 2);
  EXPECT_EQ(store.finished(), std::set<std::string>{run.key});
  EXPECT_EQ(store.sessions().front().processor, "some \"processor\"");
  EXPECT_EQ(store.sessions().front().report, "zig-zag");
  ASSERT_EQ(store.runs().size(), 1u);
  const lab::Run light = store.runs().front();
  EXPECT_TRUE(light.curve.empty() && light.measures.empty());
  EXPECT_EQ(light.spec, run.spec);
  EXPECT_EQ(light.last.step, 10);
  EXPECT_EQ(light.last.held_loss, kInfinity);
  EXPECT_TRUE(std::isnan(light.last.held_accuracy));
  ASSERT_EQ(light.targets.size(), 2u);
  EXPECT_EQ(light.targets[0].step, 4);
  EXPECT_EQ(light.targets[1].step, -1);

  const lab::Run whole = store.run(1);
  ASSERT_EQ(whole.measures.size(), 4u);
  EXPECT_EQ(whole.curve.size(), 2u);
  EXPECT_EQ(store.measures(1, "moved").at(2).value, 1.0);
  EXPECT_TRUE(std::isnan(store.measures(1, "dead").at(0).value));
  EXPECT_EQ(store.probes(), (std::vector<std::string>{"dead", "moved"}));
  EXPECT_HAS(error_of([&] { store.run(99); }), "no run 99");
}

TEST(Store, KeyIsStoredOnce) {
  TemporaryFolder folder;
  Store store = with_session(folder / "s.db");
  const auto id = store.add(some_run(1));
  EXPECT_EQ(store.add(some_run(1)), id);
  EXPECT_EQ(store.finished().size(), 1u);
}

TEST(Store, RunsOfAnotherSpecificationAreSetAside) {
  TemporaryFolder folder;
  Store store = with_session(folder / "s.db");
  store.add(some_run(1));
  store.add(some_run(2));
  store.set_wanted({some_run(2).spec});
  ASSERT_EQ(store.runs().size(), 1u);
  EXPECT_EQ(store.runs().front().spec.seed, 2);
  EXPECT_EQ(store.finished().size(), 2u);
}

TEST(Store, RunsThatChooseAreApart) {
  TemporaryFolder folder;
  Store store = with_session(folder / "s.db");
  auto tuning = some_run(1);
  tuning.spec.tuning = true;
  tuning.key = canonical_key(tuning.spec);
  tuning.test_loss = tuning.test_accuracy = std::nan("");
  auto final = some_run(1);
  final.test_loss = 0.25;
  final.test_accuracy = 0.9;
  EXPECT_NE(store.add(tuning), store.add(final)) << "the same network, but another run";
  store.set_wanted({tuning.spec, final.spec, some_run(2).spec});
  EXPECT_EQ(store.planned(), 2);
  EXPECT_TRUE(store.chooses());
  ASSERT_EQ(store.runs().size(), 1u);
  EXPECT_EQ(store.runs()[0].test_loss, 0.25);
  EXPECT_EQ(store.runs()[0].test_accuracy, 0.9);
  ASSERT_EQ(store.tuning_runs().size(), 1u);
  EXPECT_TRUE(store.tuning_runs()[0].spec.tuning);
  EXPECT_TRUE(std::isnan(store.tuning_runs()[0].test_accuracy));
  store.set_wanted({final.spec});
  EXPECT_FALSE(store.chooses());
  EXPECT_TRUE(store.find(tuning.key).value_or(some_run(3)).spec.tuning);
  EXPECT_FALSE(store.find(some_run(2).key));
}

TEST(Store, OtherVersionsAreRefused) {
  TemporaryFolder folder;
  with_session(folder / "s.db").add(some_run(1));
  for (const auto& [version, what] : {std::pair{"3", "a newer"}, {"1", "an older"}}) {
    execute(folder / "s.db", ("PRAGMA user_version = " + std::string(version)).c_str());
    for (const auto mode : {Store::Mode::read, Store::Mode::write})
      EXPECT_HAS(error_of([&] { Store(folder / "s.db", mode); }),
                 "written by " + std::string(what) + " gradkeep (store version " + version +
                     ", this program reads version 2)");
  }
  execute(folder / "s.db", "PRAGMA user_version = 2");
  EXPECT_EQ(Store(folder / "s.db", Store::Mode::read).finished().size(), 1u);
}

TEST(Store, OtherFilesAreRefused) {
  TemporaryFolder folder;
  std::ofstream(folder / "text.db") << std::string(5000, 'x');
  for (const auto mode : {Store::Mode::read, Store::Mode::write})
    EXPECT_HAS(error_of([&] { Store(folder / "text.db", mode); }), "not a gradkeep store");
  execute(folder / "other.db", "CREATE TABLE t(x)");
  EXPECT_HAS(error_of([&] { Store(folder / "other.db", Store::Mode::write); }),
             "not a gradkeep store");
  EXPECT_HAS(error_of([&] { Store(folder / "none.db", Store::Mode::read); }), "no such store");
  EXPECT_HAS(error_of([&] { Store(folder.path().string(), Store::Mode::write); }), "a folder");
  EXPECT_HAS(error_of([&] { Store(folder / "no/such/s.db", Store::Mode::write); }),
             "cannot open the store");
}

TEST(Store, TruncatedFileIsDamaged) {
  TemporaryFolder folder;
  {
    Store store = with_session(folder / "s.db");
    for (int seed = 1; seed < 20; ++seed) store.add(some_run(seed, 200));
  }
  std::filesystem::resize_file(folder / "s.db", 10'000);
  EXPECT_HAS(error_of([&] { Store(folder / "s.db", Store::Mode::read).runs(); }), "damaged");
}

// A report reads all runs of a study, and a study may have a thousand.
TEST(Store, AThousandRunsAreReadInASecond) {
  TemporaryFolder folder;
  Store store = with_session(folder / "s.db");
  std::vector<RunSpec> wanted;
  for (int seed = 0; seed < 1000; ++seed) {
    store.add(some_run(seed, 100));
    wanted.push_back(some_run(seed).spec);
  }
  store.set_wanted(wanted);
  const auto start = std::clock();
  ASSERT_EQ(store.runs().size(), 1000u);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 1);
}

// Permissions do not bind root, so the child gives root up.
TEST(Store, NoPermissionToWrite) {
  TemporaryFolder folder;
  with_session(folder / "s.db").add(some_run(1));
  std::filesystem::permissions(folder / "s.db", std::filesystem::perms(0444));
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(in_child([&] {
              if (geteuid() == 0 && setuid(65534) != 0) return kSkip;
              EXPECT_HAS(error_of([&] { Store(folder / "s.db", Store::Mode::write); }),
                         "no permission to write");
              EXPECT_HAS(error_of([&] { Store(folder / "new.db", Store::Mode::write); }),
                         "cannot open the store");
              EXPECT_EQ(Store(folder / "s.db", Store::Mode::read).finished().size(), 1u);
              return testing::Test::HasFailure() ? 1 : 0;
            }),
            0);
}

// A file system of 200 kB in a namespace of the child's own.
TEST(Store, FullDiskLosesNothing) {
  TemporaryFolder folder;
  const int status = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return kSkip;
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kSkip;
    if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=200k") != 0) return kSkip;
    int stored = 0;
    {
      Store store = with_session(folder / "s.db");
      const auto message = error_of([&] {
        for (;; ++stored) store.add(some_run(stored, 100));
      });
      EXPECT_HAS(message, "the disk is full");
      EXPECT_EQ(store.finished().size(), stored);
    }
    EXPECT_GT(stored, 3);
    Store again(folder / "s.db", Store::Mode::read);
    EXPECT_EQ(again.finished().size(), stored);
    EXPECT_EQ(again.measures(stored).size(), 101u);
    return testing::Test::HasFailure() ? 1 : 0;
  });
  if (status == kSkip) GTEST_SKIP() << "no right to mount a small file system";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace gradkeep::lab
