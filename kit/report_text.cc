// A report to read (text, Markdown) and for machines that show test results (JUnit XML).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>

#include "kit/report.h"

namespace gradkeep::kit {
namespace {

std::string percent(double share) {
  if (share == 0) return "0";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), share < 0.001 ? "%.1g %%" : "%.1f %%", 100 * share);
  return text.data();
}

std::string header(const Report& report) {
  return report.target + ", dialect " + report.dialect + ", tolerance " +
         figures(report.tolerance) + " ulp";
}

std::string summary(const Report& report) {
  const auto asked = std::count_if(report.rows.begin(), report.rows.end(),
                                   [](const Row& row) { return row.supported; });
  return report.verdict() + " (" + with_commas(asked) + " of " +
         with_commas(static_cast<long>(report.rows.size())) + " rows supported, " +
         with_commas(report.inputs()) + " inputs, " + figures(report.seconds) + " s)";
}

using Cells = std::array<std::string, 7>;
const Cells kHead{"function", "what", "type", "inputs", "max ulp", "mean", "misrounded"};

Cells cells(const Row& row) {
  const std::string type(type_of(row.question.number).name);
  if (row.inputs == 0) {
    return {row.question.function, row.question.what.text(), type, "-", "-", "-", "-"};
  }
  return {row.question.function,   row.question.what.text(), type,
          with_commas(row.inputs), figures(row.max_ulp),     figures(row.mean_ulp),
          percent(row.misrounded)};
}

}  // namespace

std::string as_text(const Report& report) {
  std::array<std::size_t, 7> width{};
  const std::vector<const Row*> rows = report.shown();
  const auto measure = [&](const Cells& c) {
    for (std::size_t k = 0; k < c.size(); ++k) width[k] = std::max(width[k], c[k].size());
  };
  measure(kHead);
  for (const Row* row : rows) measure(cells(*row));
  const auto line = [&](const Cells& c) {
    std::string text;
    for (std::size_t k = 0; k < c.size(); ++k) {
      const std::string pad(width[k] - std::min(width[k], c[k].size()), ' ');
      text += (k < 3 ? c[k] + pad : pad + c[k]) + (k + 1 < c.size() ? "  " : "");
    }
    return text;
  };
  std::string text = header(report) + "\n\n";
  if (!rows.empty()) text += line(kHead) + "\n";
  for (const Row* row : rows) {
    text += line(cells(*row)) + (row->conforms() ? "\n" : "  ✗\n");
    if (row->sum_error > 0) text += "    rows sum to 1 within " + figures(row->sum_error) + "\n";
    for (const Finding& finding : row->findings) text += "    " + describe(*row, finding) + "\n";
  }
  return text + (rows.empty() ? "" : "\n") + summary(report) + "\n";
}

std::string as_markdown(const Report& report) {
  std::string text = "**" + header(report) + "**: " + summary(report) + ".\n\n";
  text += "| function | what | type | inputs | max ulp | mean | misrounded | |\n";
  text += "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |\n";
  std::string findings;
  for (const Row* row : report.shown()) {
    const Cells c = cells(*row);
    text += "|";
    for (const std::string& cell : c) text += " " + cell + " |";
    text += row->conforms() ? " |\n" : " ✗ |\n";
    for (const Finding& finding : row->findings) {
      findings += "- `" + c[0] + "` " + c[1] + ", " + c[2] + ": " + describe(*row, finding) + "\n";
    }
  }
  return text + (findings.empty() ? "" : "\n" + findings);
}

std::string as_junit(const Report& report) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"gradkeep check " +
      escaped(report.target) + "\" tests=\"" + std::to_string(report.rows.size()) +
      "\" failures=\"" + std::to_string(report.failing()) + "\" skipped=\"" +
      std::to_string(report.rows.size() - report.shown().size()) + "\" time=\"" +
      figures(report.seconds) + "\">\n";
  for (const Row& row : report.rows) {
    const Question& q = row.question;
    text += "  <testcase classname=\"" + escaped(q.function) + "\" name=\"" + q.what.text() + " " +
            std::string(type_of(q.number).name) + "\"";
    if (row.conforms() && row.supported) {
      text += "/>\n";
      continue;
    }
    text += ">\n";
    if (row.conforms()) {
      text += "    <skipped message=\"" + escaped("unsupported " + row.reason) + "\"/>\n";
    } else {
      text += "    <failure type=\"" + std::string(word(row.findings.front().kind)) + "\">";
      for (const Finding& finding : row.findings) text += escaped(describe(row, finding)) + "\n";
      text += "</failure>\n";
    }
    text += "  </testcase>\n";
  }
  return text + "</testsuite>\n";
}

}  // namespace gradkeep::kit
