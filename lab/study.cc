// The workers, each of which takes the next run of a list, dearest first so that no long one is left
// over at the end, and hands it to the calling thread, which alone writes to the store and reports;
// and the conductor, who makes the lists: what chooses first, then what has been decided.
// SPDX-License-Identifier: Apache-2.0
#include "lab/study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "lab/fields.h"
#include "lab/machine.h"
#include "lab/training.h"

namespace gradkeep::lab {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Trains the pending runs on several threads and yields them as they end.
class Workers {
 public:
  Workers(const std::vector<const RunSpec*>& pending, int threads, const std::atomic<bool>* stop)
      : pending_(pending), outside_stop_(stop) {
    // Before any thread starts, so that unreadable data is told at once.
    for (const RunSpec* spec : pending_) {
      auto& prepared = data_[data_identity(*spec)];
      if (!prepared) prepared = prepare(*spec);
      check(*spec, *prepared);
    }
    stop_ = outside_stop_ && *outside_stop_;
    const int count = std::min<int>(threads, static_cast<int>(pending_.size()));
    running_ = count;  // which a worker that has ended lowers, perhaps before the last is started
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Workers() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // The next finished run; nothing when all have ended or were stopped. Rethrows a worker's failure
  // once the finished runs have been handed out.
  std::unique_ptr<Run> next() {
    std::unique_lock lock(mutex_);
    while (finished_.empty() && running_ > 0) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
      if (outside_stop_ && *outside_stop_) stop_ = true;
    }
    if (!finished_.empty()) {
      auto run = std::move(finished_.front());
      finished_.pop_front();
      return run;
    }
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }

 private:
  void work() {
    try {
      while (!stop_) {
        const std::size_t i = next_++;
        if (i >= pending_.size()) break;
        const auto& prepared = *data_.at(data_identity(*pending_[i]));
        auto outcome = train(*pending_[i], prepared, {}, &stop_);
        if (outcome.interrupted) break;
        const std::lock_guard lock(mutex_);
        finished_.push_back(std::make_unique<Run>(std::move(outcome.run)));
        changed_.notify_one();
      }
    } catch (...) {
      stop_ = true;
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_one();
  }

  const std::vector<const RunSpec*>& pending_;
  const std::atomic<bool>* outside_stop_;
  std::map<std::string, std::shared_ptr<const Prepared>> data_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Run>> finished_;
  int running_ = 0;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

std::string runs(int count) { return std::to_string(count) + (count == 1 ? " run" : " runs"); }

// What is known to be wanted at some moment, and whether that is all.
struct Plan {
  std::vector<RunSpec> wanted;  // the runs that choose, then those whose choice is made
  std::set<std::string> keys;
  bool complete = true;
};

// The rate with the lowest loss on the validation part; of equals the smaller. Nothing as long as a
// candidate has not run.
std::optional<double> best_rate(const Choosing& choosing, const Store& store) {
  std::pair best(kInfinity, kInfinity);
  for (const auto& candidate : choosing.candidates) {
    const auto run = store.find(canonical_key(candidate));
    if (!run) return std::nullopt;
    const double loss = run->last.held_loss;
    const bool usable = !run->diverged && std::isfinite(loss);
    best = std::min(best, std::pair(usable ? loss : kInfinity, candidate.learning_rate));
  }
  return best.second;
}

Plan make_plan(const Study& study, const Store& store) {
  Plan plan;
  const auto want = [&](const RunSpec& run) {
    if (plan.keys.insert(canonical_key(run)).second) plan.wanted.push_back(run);
  };
  std::vector<std::optional<double>> rates(study.runs.size());
  for (const auto& run : study.runs) rates[&run - study.runs.data()] = run.learning_rate;
  for (const auto& choosing : study.choosing) {
    for (const auto& candidate : choosing.candidates) want(candidate);
    const auto rate = best_rate(choosing, store);
    if (!rate) plan.complete = false;
    for (const auto run : choosing.runs) rates[run] = rate;
  }
  for (std::size_t i = 0; i < study.runs.size(); ++i) {
    const auto& rate = rates[i];
    if (!rate) continue;
    RunSpec run = study.runs[i];
    run.learning_rate = *rate;
    want(run);
  }
  return plan;
}

// One start of a study.
class Conductor {
 public:
  Conductor(const Study& study, Store& store, const StudyOptions& options)
      : study_(study),
        store_(store),
        options_(options),
        sessions_(store.sessions()),
        session_(describe_machine()) {
    session_.study = study.name;
    session_.title = study.title;
    session_.description = study.description;
    session_.report = study.report;
    session_.spec = study.text;
    session_.threads = options.threads > 0 ? options.threads : std::max(1, session_.cores);
  }

  StudyResult run() {
    for (bool complete = false; !complete && !result_.interrupted;) {
      const Plan plan = make_plan(study_, store_);
      complete = plan.complete;
      run_phase(plan);
    }
    result_.seconds = seconds_since(start_);
    return result_;
  }

 private:
  void notice(const std::string& text) const {
    if (options_.notice) options_.notice(text);
  }

  void run_phase(const Plan& plan) {
    store_.set_wanted(plan.wanted);
    const auto finished = store_.finished();
    std::vector<const RunSpec*> pending;
    work_left_ = plan.complete ? 0 : work_to_be_decided(plan);
    for (const auto& run : plan.wanted) {
      if (finished.contains(canonical_key(run))) continue;
      pending.push_back(&run);
      work_left_ += cost(run);
    }
    std::stable_sort(pending.begin(), pending.end(), [](const RunSpec* a, const RunSpec* b) {
      return std::pair(a->tuning, cost(*a)) > std::pair(b->tuning, cost(*b));
    });
    // Before the choice is made nobody knows which runs the rest will be.
    const int planned = static_cast<int>(plan.wanted.size());
    result_.total = plan.complete ? planned : planned + undecided(plan);
    result_.reused = planned - static_cast<int>(pending.size()) - result_.ran;
    if (plan.complete) {
      result_.set_aside = static_cast<int>(finished.size()) - result_.reused - result_.ran;
      if (result_.set_aside > 0)
        notice(store_.path() + " also holds " + runs(result_.set_aside) +
               " of another specification; kept, but not part of this study");
    }
    compare_machines();
    begin_session(pending.empty());
    report("");
    work(pending);
  }

  int undecided(const Plan& plan) const {
    int tuning = 0;
    for (const auto& run : plan.wanted) tuning += run.tuning;
    return static_cast<int>(study_.runs.size() + tuning - plan.wanted.size());
  }

  double work_to_be_decided(const Plan& plan) const {
    double all = 0, decided = 0;
    for (const auto& run : study_.runs) all += cost(run);
    for (const auto& run : plan.wanted) decided += run.tuning ? 0 : cost(run);
    return all - decided;
  }

  void compare_machines() {
    if (compared_ || result_.reused == 0 || sessions_.empty()) return;
    compared_ = true;
    const auto& before = sessions_.back();
    if (before.version != session_.version)
      notice("runs that are there already were made by gradkeep " + before.version + ", this is " +
             session_.version);
    if (before.processor != session_.processor || before.target != session_.target)
      notice("runs that are there already were timed on another machine (" + before.processor +
             ", " + before.target + "); their seconds do not compare with the new ones");
  }

  // A start that has nothing to do leaves the store as it is.
  void begin_session(bool idle) {
    if (session_.id != 0) return;
    const bool known = !sessions_.empty() && sessions_.back().spec == study_.text;
    session_.id = idle && known ? sessions_.back().id : store_.begin_session(session_);
  }

  void report(const std::string& current) {
    if (!options_.progress) return;
    Progress progress;
    progress.total = result_.total;
    progress.reused = result_.reused;
    progress.done = result_.reused + result_.ran;
    progress.current = current;
    progress.elapsed = seconds_since(start_);
    if (work_done_ > 0) progress.eta = progress.elapsed * std::max(0.0, work_left_) / work_done_;
    options_.progress(progress);
  }

  void work(const std::vector<const RunSpec*>& pending) {
    std::size_t done = 0;
    Workers workers(pending, session_.threads, options_.stop);
    while (auto run = workers.next()) {
      run->session = session_.id;
      store_.add(*run);
      ++done;
      ++result_.ran;
      const double spent = cost(run->spec);
      work_done_ += spent;
      work_left_ -= spent;
      report(describe(run->spec, study_.axes));
    }
    result_.interrupted = done < pending.size();
  }

  const Clock::time_point start_ = Clock::now();
  const Study& study_;
  Store& store_;
  const StudyOptions& options_;
  const std::vector<Session> sessions_;  // before this start
  Session session_;
  StudyResult result_;
  double work_left_ = 0, work_done_ = 0;
  bool compared_ = false;
};

}  // namespace

std::string describe(const RunSpec& run, const std::vector<Axis>& axes) {
  std::string text;
  for (const auto& axis : axes) {
    if (!text.empty()) text += ", ";
    const auto value = field_text(*find_field(axis.key), run);
    if (axis.key == "activation" || axis.key == "initialiser")
      text += value;
    else if (axis.key == "depth")
      text += value + (run.depth == 1 ? " layer" : " layers");
    else
      text += axis.key + " " + value;
  }
  return text.empty() ? run.activation + ", " + std::to_string(run.depth) + " layers" : text;
}

StudyResult run_study(const Study& study, Store& store, const StudyOptions& options) {
  return Conductor(study, store, options).run();
}

Run run_one(const RunSpec& spec, const std::function<void(const CurvePoint&)>& curve,
            const std::atomic<bool>* stop) {
  const auto data = prepare(spec);
  check(spec, *data);
  return train(spec, *data, curve, stop).run;
}

}  // namespace gradkeep::lab
