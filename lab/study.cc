// The workers. Each takes the next run of the list, dearest first so that no long one is left over
// at the end, and hands it to the calling thread, which alone writes to the store and reports.
// SPDX-License-Identifier: Apache-2.0
#include "lab/study.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
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
    }
    running_ = std::min<int>(threads, static_cast<int>(pending_.size()));
    for (int i = 0; i < running_; ++i) threads_.emplace_back([this] { work(); });
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
  const auto start = Clock::now();
  const auto notice = [&](const std::string& text) {
    if (options.notice) options.notice(text);
  };
  const auto finished = store.finished();
  const auto sessions = store.sessions();

  StudyResult result;
  result.total = static_cast<int>(study.runs.size());
  std::vector<const RunSpec*> pending;
  double work_left = 0;
  for (const auto& run : study.runs) {
    if (finished.contains(canonical_key(run))) continue;
    pending.push_back(&run);
    work_left += cost(run);
  }
  result.reused = result.total - static_cast<int>(pending.size());
  result.set_aside = static_cast<int>(finished.size()) - result.reused;
  std::stable_sort(pending.begin(), pending.end(),
                   [](const RunSpec* a, const RunSpec* b) { return cost(*a) > cost(*b); });

  Session session = describe_machine();
  session.study = study.name;
  session.title = study.title;
  session.description = study.description;
  session.report = study.report;
  session.spec = study.text;
  session.threads = options.threads > 0 ? options.threads : std::max(1, session.cores);
  if (result.set_aside > 0)
    notice(store.path() + " also holds " + runs(result.set_aside) +
           " of another specification; kept, but not part of this study");
  if (result.reused > 0 && !sessions.empty()) {
    const auto& before = sessions.back();
    if (before.version != session.version)
      notice("runs that are there already were made by gradkeep " + before.version + ", this is " +
             session.version);
    if (before.processor != session.processor || before.target != session.target)
      notice("runs that are there already were timed on another machine (" + before.processor +
             ", " + before.target + "); their seconds do not compare with the new ones");
  }

  store.set_wanted(study.runs);
  const bool known = !sessions.empty() && sessions.back().spec == study.text;
  const std::int64_t session_id =
      pending.empty() && known ? sessions.back().id : store.begin_session(session);

  Progress progress;
  progress.total = result.total;
  progress.done = progress.reused = result.reused;
  const auto report = [&] {
    progress.elapsed = seconds_since(start);
    if (options.progress) options.progress(progress);
  };
  report();

  double work_done = 0;
  Workers workers(pending, session.threads, options.stop);
  while (auto run = workers.next()) {
    run->session = session_id;
    store.add(*run);
    ++result.ran;
    const double work = cost(run->spec);
    work_done += work;
    work_left -= work;
    ++progress.done;
    progress.current = describe(run->spec, study.axes);
    progress.eta = seconds_since(start) * std::max(0.0, work_left) / work_done;
    report();
  }
  result.interrupted = result.reused + result.ran < result.total;
  result.seconds = seconds_since(start);
  return result;
}

Run run_one(const RunSpec& spec, const std::function<void(const CurvePoint&)>& curve,
            const std::atomic<bool>* stop) {
  return train(spec, *prepare(spec), curve, stop).run;
}

}  // namespace gradkeep::lab
