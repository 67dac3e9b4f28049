// The page: verdict, findings and method as plain HTML that reads without scripts, places for the
// figures, and at its end the model and the chart bundle.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "report/bundle.h"
#include "report/report.h"
#include "report/words.h"

namespace gradkeep::report {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& json, const char* key) {
  return escaped(json.at(key).get<std::string>());
}

// Inside <script>, "</script" and "<!--" would end or confuse the element.
std::string replaced(std::string s, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size())
    s.replace(at, from.size(), to);
  return s;
}

// `id` names the caption for the region around it.
std::string table(const Json& table, const std::string& id, const std::string& kind) {
  const auto rows = table.at("rows").get<std::vector<std::vector<std::string>>>();
  const auto numbers = number_columns(rows);
  const auto side = [&](std::size_t i) {
    return i < numbers.size() && numbers[i] ? " class=\"number\"" : "";
  };
  std::string html = "<div class=\"" + kind +
                     " scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"" + id +
                     "\">\n<table>\n<caption id=\"" + id + "\">" + text(table, "title") +
                     "</caption>\n<thead><tr>";
  std::size_t i = 0;
  for (const auto& h : table.at("head"))
    html += std::string("<th scope=\"col\"") + side(i++) + ">" +
            replaced(escaped(h.get<std::string>()), ", ", ",<br>") + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (i = 0; i < row.size(); ++i) {
      const std::string value = escaped(row[i]);
      html += i == 0 ? "<th scope=\"row\">" + value + "</th>"
                     : std::string("<td") + side(i) + ">" + value + "</td>";
    }
    html += "</tr>\n";
  }
  html += "</tbody>\n</table>\n</div>\n";
  if (table.contains("note")) html += "<p class=\"remark\">" + text(table, "note") + "</p>\n";
  return html;
}

std::string tables(const Json& model) {
  if (model.at("tables").empty()) return "";
  std::string html =
      "<section id=\"tables\" aria-labelledby=\"tables-title\">\n<h2 "
      "id=\"tables-title\">Tables</h2>\n";
  for (const auto& t : model.at("tables")) {
    const std::string id = text(t, "id");
    html += "<div class=\"printed\" id=\"table-" + id + "\">\n" +
            table(t, "caption-" + id, "keys") + "</div>\n";
  }
  return html + "</section>\n";
}

std::string finding(const Json& f, const Json& model) {
  const auto level = f.at("level").get<std::string>();
  std::string html = "<li class=\"finding " + level + "\" id=\"finding-" + text(f, "id") +
                     "\">\n<p class=\"tag\">" + capitalised(level);
  if (f.contains("cause")) html += " <span>cause: " + text(f, "cause") + "</span>";
  html += "</p>\n<div>\n<h3>" + text(f, "title") + "</h3>\n<p>" + text(f, "text") + "</p>\n";
  if (!f.at("evidence").empty()) {
    html += "<dl class=\"evidence\">";
    for (const auto& e : f.at("evidence"))
      html += "<div><dt>" + text(e, "what") + "</dt><dd>" + text(e, "value") + "</dd></div>";
    html += "</dl>\n";
  }
  if (f.contains("remedy"))
    html += "<p class=\"remedy\"><strong>Remedy.</strong> " + text(f, "remedy") + "</p>\n";
  if (f.contains("figure")) {
    const auto& all = model.at("tables");
    const bool table = std::any_of(all.begin(), all.end(),
                                   [&](const Json& t) { return t.at("id") == f.at("figure"); });
    const std::string what = table ? "table" : "figure";
    html += "<p class=\"see\"><a href=\"#" + what + "-" + text(f, "figure") + "\">See the " + what +
            "</a></p>\n";
  }
  return html + "</div>\n</li>\n";
}

std::string method(const Json& model) {
  std::string html =
      "<section id=\"method\" aria-labelledby=\"method-title\">\n<h2 id=\"method-title\">How it "
      "was measured</h2>\n";
  if (const auto description = text(model.at("study"), "description"); !description.empty())
    html += "<p>" + description + "</p>\n";
  html += "<dl class=\"facts\">\n";
  for (const auto& f : model.at("method"))
    html += "<dt>" + text(f, "what") + "</dt><dd>" + text(f, "value") + "</dd>\n";
  html += "</dl>\n";
  if (const auto spec = text(model.at("study"), "spec"); !spec.empty())
    html += "<details><summary>The study’s specification</summary><pre tabindex=\"0\">" + spec +
            "</pre></details>\n";
  return html + "</section>\n";
}

}  // namespace

std::string make_html(const Json& model) {
  const Json& study = model.at("study");
  const Json& verdict = model.at("verdict");
  std::string title = text(study, "title");
  if (title.empty()) title = text(study, "name");
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"" +
      text(model, "generator") + "\">\n<title>" + title + " – gradkeep</title>\n<style>" +
      std::string(bundle_css()) +
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n"
      "<header class=\"top\"><strong>gradkeep</strong><nav aria-label=\"Sections\"><a "
      "href=\"#verdict\">Verdict</a>"
      "<a href=\"#findings\">Findings</a><a href=\"#charts\">Charts</a>" +
      (model.at("tables").empty() ? "" : "<a href=\"#tables\">Tables</a>") +
      "<a href=\"#method\">Method</a></nav></header>\n<main>\n"
      "<section id=\"verdict\" aria-labelledby=\"headline\">\n<p class=\"kicker\">" +
      title + "</p>\n<h1 id=\"headline\">" + text(verdict, "headline") + "</h1>\n";
  bool first = true;
  for (const auto& p : verdict.at("text")) {
    html += std::string(first ? "<p class=\"lead\">" : "<p>") + escaped(p.get<std::string>()) +
            "</p>\n";
    first = false;
  }
  html += "<div id=\"lead-figure\"></div>\n" + table(model.at("table"), "keys", "keys") +
          "</section>\n";
  html +=
      "<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 "
      "id=\"findings-title\">Findings</h2>\n<ol class=\"findings\">\n";
  for (const auto& f : model.at("findings")) html += finding(f, model);
  html +=
      "</ol>\n</section>\n<section id=\"charts\" aria-label=\"Charts\">\n"
      "<noscript><p>The charts need JavaScript. Their numbers are in this file, as JSON, at its "
      "end.</p></noscript>\n"
      "<div id=\"figures\"></div>\n</section>\n" +
      tables(model) + method(model) + "</main>\n<footer>\n";
  if (model.contains("credits"))
    html += "<pre class=\"credits\">" + text(model, "credits") + "</pre>\n";
  html += "<p>Made by " + text(model, "generator") +
          ". This file is complete: it loads nothing, and holds the JSON it was made "
          "from.</p>\n</footer>\n";
  html += "<script type=\"application/json\" id=\"gradkeep-model\">" +
          replaced(model.dump(), "<", "\\u003c") + "</script>\n<script>" +
          replaced(replaced(std::string(bundle_js()), "</script", "<\\/script"), "<!--", "<\\!--") +
          "</script>\n</body>\n</html>\n";
  return html;
}

std::string make_html(const lab::Store& store) { return make_html(make_model(store)); }

}  // namespace gradkeep::report
