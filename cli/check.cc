// gradkeep check: this build's proofs, the ledger of them, or anybody's implementation held against the
// truth. The work is in check_proofs.cc and check_target.cc.
// SPDX-License-Identifier: Apache-2.0
#include "cli/check.h"

#include "check/proofs.h"

namespace gradkeep::cli {
namespace {

int run(const CheckOptions& o, Output& out) {
  if (o.what == "ledger") {
    if (!o.names.empty() || o.exhaustive || o.digest || o.json) {
      throw Error("check ledger takes nothing else");
    }
    out << check::ledger(check::stored_proofs());
    return kFine;
  }
  if (!o.exhaustive && !o.digest) return check_target(o, out);
  if (o.what != "self") {
    throw Error("--exhaustive and --digest are about this build: expected check self, not check " +
                o.what + "; for a target: --budget exhaustive");
  }
  return check_proofs(o, out);
}

void add_examination(Verb verb, const std::shared_ptr<CheckOptions>& o) {
  add_choice(verb, "--tier", o->tier, {"fast", "exact"}, "Of self (fast)");
  verb.add_option("--dialect", o->dialect, "Whose conventions hold at kinks and beyond (limit)")
      .type_name("NAME");
  verb.add_option("--tolerance", o->tolerance, "Of value and slope; all else has twice that (2ulp)")
      .type_name("ULP");
  verb.add_option("--budget", o->budget, "Time for each function: 10s, 5min, exhaustive (10s)")
      .type_name("TIME");
  verb.add_option("--timeout", o->timeout, "How long a target may take for an answer (30s)")
      .type_name("TIME");
  verb.add_option("--only", o->only,
                  "value, slope, curvature, slope_from_output, curvature_from_output, "
                  "parameter_slope; of rows: value, backward (all)")
      .delimiter(',')
      .type_name("WHAT");
  verb.add_option("--types", o->types, "f32, f64, f16, bf16 (all)")
      .delimiter(',')
      .type_name("TYPE");
  add_file(verb, "--replay", o->replay, "Only the inputs of this file, as --failures wrote them");
  add_file(verb, "--failures", o->failures, "Write the failing inputs");
  add_file(verb, "--markdown", o->markdown, "Write the report as Markdown");
  add_file(verb, "--junit", o->junit, "Write the report as JUnit XML");
  add_file(verb, "--html", o->html, "Write the report as a page of HTML");
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  const auto o = std::make_shared<CheckOptions>();
  Verb verb = add_verb<CheckOptions>(
      app, action, "check", "Hold an implementation against the truth, or prove the exact tier.",
      "  gradkeep check ./mine.so gelu               a shared object with the C interface\n"
      "  gradkeep check 'python3 mine.py' gelu silu  a program, as in examples/check\n"
      "  gradkeep check self all --budget 2s         this build\n"
      "  gradkeep check self gelu --exhaustive       its exact tier, each of 2^32 results\n"
      "  gradkeep check self all --digest            the same by the digests of a proof\n"
      "  gradkeep check ledger                       the proofs that are kept, as a page\n",
      o, run);
  verb.add_option("TARGET", o->what,
                  "self: this build; a file .so; a command; ledger: the table of proofs")
      .required();
  verb.add_option("NAME", o->names, "Functions, or all");
  add_examination(verb, o);
  verb.add_flag("--exhaustive", o->exhaustive, "Prove: compare each result with truth");
  verb.add_flag("--digest", o->digest, "Prove: compare digests of the results with those stored");
  add_choice(verb, "--order", o->order, {"0", "1", "both"}, "Prove: 0 value, 1 slope (both)");
  verb.add_option("--range", o->range, "Prove: only inputs with these top bytes (all)")
      .type_name("3f-41");
  add_file(verb, "--folder", o->folder, "Where proofs go, finished or not (gradkeep-out/proofs)")
      .type_name("FOLDER");
  verb.add_option("--threads", o->threads, "Prove: threads (0: all cores)").type_name("N");
  verb.add_option("--commit", o->commit, "What the proof's row names as commit (unknown)")
      .type_name("TEXT");
  add_json(verb, *o);
}

}  // namespace gradkeep::cli
