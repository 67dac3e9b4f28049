// SPDX-License-Identifier: Apache-2.0
#include "check/proofs.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace gradkeep::check {

namespace {

constexpr int kDigestsPerLine = 4;

std::string hexadecimal(std::uint64_t v) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(v));
  return text.data();
}

std::string number(const char* format, double v) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, v);
  return text.data();
}

// Words of one line after the other, each line beginning with its key.
class Lines {
 public:
  Lines(std::string_view function, std::string_view text) : function_(function) {
    in_.str(std::string(text));
  }

  bool more() {
    while (std::getline(in_, line_)) {
      ++number_;
      if (!line_.empty() && line_[0] != '#') return true;
    }
    return false;
  }
  std::string after(const std::string& key) const {
    if (line_.rfind(key + " ", 0) != 0) fail("\"" + key + " ...\"");
    return line_.substr(key.size() + 1);
  }
  std::string next(const std::string& key) {
    if (!more()) fail("\"" + key + " ...\"");
    return after(key);
  }
  double next_number(const std::string& key) {
    const std::string word = next(key);
    char* end = nullptr;
    const double v = std::strtod(word.c_str(), &end);
    if (end == word.c_str() || *end != '\0') fail("a number after \"" + key + "\"");
    return v;
  }
  void next_digests(std::uint64_t* digests) {
    if (!more()) fail("digests");
    std::istringstream words(line_);
    for (int k = 0; k < kDigestsPerLine; ++k) {
      std::string word;
      words >> word;
      char* end = nullptr;
      digests[k] = std::strtoull(word.c_str(), &end, 16);
      if (word.size() != 16 || *end != '\0') fail("four digests of 16 hexadecimal digits");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error("the proofs of " + function_ + ", line " + std::to_string(number_) + ": expected " +
                expected);
  }
  std::string function_, line_;
  std::istringstream in_;
  int number_ = 0;
};

}  // namespace

std::string to_text(const std::vector<Proof>& proofs) {
  std::string out = "# Written by gradkeep check self " + proofs.at(0).function +
                    " --exhaustive. Digests: one for each top byte of the input, check/proof.h.\n";
  for (const Proof& p : proofs) {
    out += "order " + std::to_string(p.order) + "\ntarget " + p.target + "\nprocessor " +
           p.processor + "\ndate " + p.date + "\ncommit " + p.commit + "\nthreads " +
           std::to_string(p.threads) + "\nseconds " + number("%.1f", p.seconds) + "\ninputs " +
           std::to_string(p.inputs) + "\nmisrounded " + std::to_string(p.misrounded) +
           "\nsingles " + std::to_string(p.singles) + "\nescalations " +
           std::to_string(p.escalations) + "\n";
    for (int k = 0; k < kRanges; ++k) {
      out += hexadecimal(p.digests[k]) + ((k + 1) % kDigestsPerLine ? " " : "\n");
    }
  }
  return out;
}

std::vector<Proof> parse_proofs(std::string_view function, std::string_view text) {
  std::vector<Proof> proofs;
  Lines lines(function, text);
  while (lines.more()) {
    Proof p;
    p.function = function;
    p.order = lines.after("order") == "1" ? 1 : 0;
    p.target = lines.next("target");
    p.processor = lines.next("processor");
    p.date = lines.next("date");
    p.commit = lines.next("commit");
    p.threads = static_cast<int>(lines.next_number("threads"));
    p.seconds = lines.next_number("seconds");
    p.inputs = static_cast<long>(lines.next_number("inputs"));
    p.misrounded = static_cast<long>(lines.next_number("misrounded"));
    p.singles = static_cast<long>(lines.next_number("singles"));
    p.escalations = static_cast<long>(lines.next_number("escalations"));
    for (int k = 0; k < kRanges; k += kDigestsPerLine) lines.next_digests(p.digests.data() + k);
    proofs.push_back(p);
  }
  return proofs;
}

const std::vector<Proof>& stored_proofs() {
  constexpr struct {
    const char *function, *text;
  } kFiles[] = {
#include "check/proofs.inc"
  };
  static const std::vector<Proof> all = [&] {
    std::vector<Proof> proofs;
    for (const auto& file : kFiles) {
      for (Proof& p : parse_proofs(file.function, file.text)) proofs.push_back(std::move(p));
    }
    return proofs;
  }();
  return all;
}

const Proof* stored_proof(std::string_view function, int order) {
  const auto& all = stored_proofs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Proof& p) {
    return p.function == function && p.order == order;
  });
  return found == all.end() ? nullptr : &*found;
}

std::string ledger(const std::vector<Proof>& proofs) {
  std::string out =
      "# Exactness, proved\n\n"
      "Written by `gradkeep check ledger` from `check/proofs/`; not edited by hand.\n\n"
      "Each row is one run of `gradkeep check self NAME --exhaustive`: all 2^32 float32 inputs of\n"
      "one function at its default parameters through the exact tier, each result compared with\n"
      "the correctly rounded real value. Truth comes from Taylor polynomials of balls over blocks\n"
      "of inputs (`check/proof.h`). *Alone* counts the inputs that these left open, next to a\n"
      "boundary of rounding or far out on a wave, and that were asked each by itself; *more bits*\n"
      "those of them for which two doubles did not suffice and Arb answered. Beside each row lie\n"
      "256 digests of the results:\n"
      "`gradkeep check self NAME --digest` recomputes them, on any machine and target, and\n"
      "`gradkeep selftest` some of them.\n\n";
  long inputs = 0, misrounded = 0;
  for (const Proof& p : proofs) inputs += p.inputs, misrounded += p.misrounded;
  out += std::to_string(proofs.size()) + " rows, " + number("%.4g", static_cast<double>(inputs)) +
         " inputs, " + std::to_string(misrounded) + " misrounded.\n\n";
  out +=
      "| function | order | target | inputs run | misrounded | alone | more bits | seconds | "
      "threads | date | commit | processor |\n"
      "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |\n";
  for (const Proof& p : proofs) {
    out += "| " + p.function + " | " + to_string(ask_order(p.order)) + " | " + p.target + " | " +
           std::to_string(p.inputs) + " | " + std::to_string(p.misrounded) + " | " +
           std::to_string(p.singles) + " | " + std::to_string(p.escalations) + " | " +
           number("%.1f", p.seconds) + " | " + std::to_string(p.threads) + " | " + p.date + " | " +
           p.commit + " | " + p.processor + " |\n";
  }
  return out;
}

}  // namespace gradkeep::check
