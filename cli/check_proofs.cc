// gradkeep check self --exhaustive and --digest: the exact tier against truth, over all 2^32 inputs, or
// against the digests of a proof. What is done is kept range by range, so that an interrupted proof goes on where it was.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "check/parallel.h"
#include "check/proofs.h"
#include "check/stopwatch.h"
#include "cli/check.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/ranges.h"
#include "lab/machine.h"

namespace gradkeep::cli {
namespace {

std::vector<int> orders(const CheckOptions& o) {
  if (o.order == "both") return {0, 1};
  return {o.order[0] - '0'};
}

// "3f" or "3f-41": top bytes of the inputs.
std::vector<int> ranges(const CheckOptions& o) {
  int first = 0, last = check::kRanges - 1;
  if (!o.range.empty()) {
    const std::size_t dash = o.range.find('-');
    const auto byte = [&](const std::string& text) {
      if (text.empty() || text.size() > 2 ||
          text.find_first_not_of("0123456789abcdefABCDEF") != text.npos) {
        throw Error("--range is " + o.range +
                    ", expected the top byte of the inputs or two, as in 3f or 3f-41");
      }
      return std::stoi(text, nullptr, 16);
    };
    first = byte(o.range.substr(0, dash));
    last = dash == o.range.npos ? first : byte(o.range.substr(dash + 1));
  }
  std::vector<int> out;
  for (int r = first; r <= last; ++r) out.push_back(r);
  if (out.empty()) throw Error("--range is " + o.range + ", which holds nothing");
  return out;
}

struct Outcome {
  check::RangeProof proof;
  double seconds = 0;
};

// The finished ranges of one function and order, in a file that is replaced as a whole after each.
// What another build found is not gone on with.
class Kept {
 public:
  Kept(const CheckOptions& o, const std::string& name, int order)
      : path_(o.folder + "/" + name + "." + std::to_string(order) + ".part"),
        head_(name + " " + std::to_string(order) + " " + std::string(target_name()) + " " +
              o.commit) {
    std::ifstream in(path_);
    std::string line;
    if (!std::getline(in, line) || line != head_) return;
    while (std::getline(in, line)) {
      std::istringstream words(line);
      int range;
      Outcome done;
      check::RangeProof& p = done.proof;
      words >> range >> p.digest >> p.inputs >> p.misrounded >> p.singles >> p.escalations >>
          done.seconds;
      for (std::string bits; words >> bits;) p.wrong.push_back(parse_number<float>(bits, path_));
      ranges_[range] = done;
    }
  }

  bool has(int range) const { return ranges_.count(range) != 0; }
  const std::map<int, Outcome>& ranges() const { return ranges_; }
  void add(int range, const Outcome& done) {
    ranges_[range] = done;
    std::ostringstream text;
    text << head_ << "\n";
    for (const auto& [r, d] : ranges_) {
      text << r << " " << d.proof.digest << " " << d.proof.inputs << " " << d.proof.misrounded
           << " " << d.proof.singles << " " << d.proof.escalations << " " << d.seconds;
      for (const float x : d.proof.wrong) text << " bits:" << bits_text(x);
      text << "\n";
    }
    write_file(path_, text.str());
  }
  void remove() const { std::filesystem::remove(path_); }

 private:
  std::string path_, head_;
  std::map<int, Outcome> ranges_;
};

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

struct Verdict {
  check::Proof row;
  std::vector<float> wrong;    // inputs, the first of each range
  std::vector<int> differing;  // --digest: ranges
};

// Sums up the ranges; seconds are those of all threads.
Verdict summed(const CheckOptions& o, const std::string& name, int order,
               const std::map<int, Outcome>& ranges, int threads) {
  const lab::Session machine = lab::describe_machine();
  Verdict v;
  v.row = {.function = name,
           .order = order,
           .target = std::string(target_name()),
           .processor = machine.processor,
           .date = today(),
           .commit = o.commit,
           .threads = threads};
  for (const auto& [range, done] : ranges) {
    const check::RangeProof& p = done.proof;
    v.row.inputs += p.inputs;
    v.row.misrounded += p.misrounded;
    v.row.singles += p.singles;
    v.row.escalations += p.escalations;
    v.row.seconds += done.seconds / threads;
    v.row.digests[range] = p.digest;
    v.wrong.insert(v.wrong.end(), p.wrong.begin(), p.wrong.end());
  }
  return v;
}

// One progress line over all functions and orders of a call.
class Meter {
 public:
  explicit Meter(std::int64_t total) : total_(total) {}
  void skip(std::int64_t n) { done_ += n, skipped_ += n; }
  void step(const std::string& note) {
    ++done_;
    const double fresh = double(done_ - skipped_);
    line_.update(done_, total_, watch_.seconds() / fresh * double(total_ - done_), note);
  }
  void clear() { line_.clear(); }

 private:
  Progress line_{"ranges"};
  check::Stopwatch watch_;
  std::int64_t done_ = 0, skipped_ = 0, total_;
};

int threads_of(const CheckOptions& o) { return check::thread_count(parse_threads(o.threads)); }

// Into the function's file, where the other order's row stays as it was.
void keep_row(const CheckOptions& o, const check::Proof& row) {
  const std::string path = o.folder + "/" + row.function + ".txt";
  std::vector<check::Proof> all{row};
  if (std::ifstream in(path); in) {
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const check::Proof& old : check::parse_proofs(row.function, text)) {
      if (old.order != row.order) all.push_back(old);
    }
  }
  std::sort(all.begin(), all.end(), [](auto& one, auto& other) { return one.order < other.order; });
  write_file(path, check::to_text(all));
}

Verdict prove(const CheckOptions& o, const std::string& name, int order, Meter& meter,
              const std::atomic<bool>& stop) {
  const Activation f(name);
  const check::Truth truth(f);
  const int threads = threads_of(o);
  Kept kept(o, name, order);
  std::vector<int> open;
  for (const int r : ranges(o)) {
    if (!kept.has(r)) open.push_back(r);
  }
  meter.skip(static_cast<std::int64_t>(ranges(o).size() - open.size()));
  std::vector<Outcome> found(open.size());
  const bool finished = check::run_parallel(
      open.size(), threads,
      [&](std::size_t i, std::size_t) {
        const check::Stopwatch watch;
        found[i].proof = check::prove_range(f, truth, order, open[i], stop);
        found[i].seconds = watch.seconds();
      },
      [&](std::size_t i) {
        if (found[i].proof.inputs < check::kRangeSize) return false;  // stopped
        kept.add(open[i], found[i]);
        meter.step(name + " " + check::to_string(check::ask_order(order)));
        return !stop;
      });
  if (!finished) return {};
  std::map<int, Outcome> asked;
  for (const int r : ranges(o)) asked[r] = kept.ranges().at(r);
  const Verdict v = summed(o, name, order, asked, threads);
  if (o.range.empty()) {
    keep_row(o, v.row);
    kept.remove();
  }
  return v;
}

Verdict compare(const CheckOptions& o, const std::string& name, int order, Meter& meter,
                const std::atomic<bool>& stop) {
  const check::Proof* stored = check::stored_proof(name, order);
  if (stored == nullptr) {
    throw Error(name + ": no digests of its " + check::to_string(check::ask_order(order)) +
                " are stored; expected a function of docs/exactness.md");
  }
  const Activation f(name);
  const std::vector<int> chosen = ranges(o);
  std::vector<Outcome> found(chosen.size());
  check::run_parallel(
      chosen.size(), threads_of(o),
      [&](std::size_t i, std::size_t) {
        const check::Stopwatch watch;
        found[i].proof.digest = check::digest_range(f, order, chosen[i]);
        found[i].proof.inputs = check::kRangeSize;
        found[i].seconds = watch.seconds();
      },
      [&](std::size_t) {
        meter.step(name + " " + check::to_string(check::ask_order(order)));
        return !stop;
      });
  std::map<int, Outcome> by_range;
  for (std::size_t i = 0; i < chosen.size(); ++i) by_range[chosen[i]] = found[i];
  Verdict v = summed(o, name, order, by_range, threads_of(o));
  for (const int r : chosen) {
    if (v.row.digests[r] != stored->digests[r]) v.differing.push_back(r);
  }
  return v;
}

std::string hexadecimal(int range) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02x", range);
  return text.data();
}

void print_text(Output& out, const CheckOptions& o, const Verdict& v) {
  const check::Proof& row = v.row;
  out << row.function + " " + check::to_string(check::ask_order(row.order)) + ": ";
  if (o.digest) {
    const std::size_t all = ranges(o).size();
    out << std::to_string(all - v.differing.size()) + " of " + std::to_string(all) +
               " digests agree on " + row.target;
    for (std::size_t i = 0; i < v.differing.size(); ++i)
      out << (i == 0 ? "; not " : ", ") << hexadecimal(v.differing[i]);
  } else {
    out << std::to_string(row.inputs) + " inputs, " + std::to_string(row.misrounded) +
               " misrounded, " + std::to_string(row.singles) + " asked alone, " +
               std::to_string(row.escalations) + " with more bits";
    for (const float x : v.wrong) out << "\n  misrounded: " << bits_text(x) << " " << shortest(x);
  }
  out << ", " << duration(row.seconds) << "\n";
}

void print_json(Output& out, const CheckOptions& o, const std::vector<Verdict>& verdicts) {
  Json json(out);
  json.begin().field("mode", o.digest ? "digest" : "exhaustive");
  json.field("target", target_name()).key("results").array();
  for (const Verdict& v : verdicts) {
    const check::Proof& row = v.row;
    json.object().field("function", row.function).field("order", row.order);
    json.field("inputs", row.inputs).field("seconds", row.seconds);
    if (o.digest) {
      json.key("differing").array();
      for (const int r : v.differing) json.value(hexadecimal(r));
      json.end_array();
    } else {
      json.field("misrounded", row.misrounded).field("singles", row.singles);
      json.field("escalations", row.escalations).key("wrong").array();
      for (const float x : v.wrong) json.value(bits_text(x));
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().finish();
}

}  // namespace

int check_proofs(const CheckOptions& o, Output& out) {
  if (o.exhaustive == o.digest) throw Error("--exhaustive and --digest exclude each other");
  if (o.names.empty()) throw Error("check self lacks NAME: expected functions, or all");
  const std::vector<std::string> names = functions_named(o.names);
  if (o.exhaustive) make_folder(o.folder);
  const std::atomic<bool>& stop = catch_interrupts();
  Meter meter(static_cast<std::int64_t>(names.size() * orders(o).size() * ranges(o).size()));
  std::vector<Verdict> verdicts;
  bool good = true;
  for (const std::string& name : names) {
    for (const int order : orders(o)) {
      const Verdict v = (o.digest ? compare : prove)(o, name, order, meter, stop);
      if (stop) {
        meter.clear();
        throw Error(o.digest ? "stopped"
                             : "stopped; finished ranges are kept in " + o.folder +
                                   ", the same command continues with the rest");
      }
      good = good && v.row.misrounded == 0 && v.differing.empty();
      verdicts.push_back(v);
    }
  }
  meter.clear();
  if (o.json) {
    print_json(out, o, verdicts);
  } else {
    for (const Verdict& v : verdicts) print_text(out, o, v);
  }
  return good ? kFine : kCheckFailed;
}

}  // namespace gradkeep::cli
