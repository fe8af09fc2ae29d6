#include "net/client/drill/report/page.hpp"

#include "net/client/drill/report/table.hpp"
#include "version.hpp"

#include <algorithm>
#include <cstdio>
#include <ranges>

namespace goloca::net::drill {

namespace {

constexpr double width = 860, height = 120, left = 52, bottom = 20;

constexpr const char* style = R"(
body { font: 15px/1.45 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: #1d2327; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.02rem; margin: 2rem 0 .2rem } p { margin: .2rem 0 .5rem; max-width: 54rem }
pre { font-size: 12px; line-height: 1.35; overflow-x: auto; background: #f5f6f7; padding: .8rem; border-radius: 4px }
svg { display: block; width: 100%; height: auto } svg text { font-size: 10px; fill: #58606a }
.kept { color: #1a6b3c } .broken { color: #b3261e; font-weight: 600 } .skipped { color: #6b7280 } .note { color: #58606a }
@media (prefers-color-scheme: dark) { body { color: #dde1e6; background: #16191d } pre { background: #1f242a }
  svg text, .note { fill: #9aa4af; color: #9aa4af } .kept { color: #5fc38a } .broken { color: #ff8a80 } }
)";

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string escaped(const std::string& text) {
  std::string made;
  for (char c : text) {
    if (c == '<')
      made += "&lt;";
    else if (c == '>')
      made += "&gt;";
    else if (c == '&')
      made += "&amp;";
    else
      made += c;
  }
  return made;
}

/// From slots and points a slot to the plot's coordinates.
struct scale {
  double slots, most;
  [[nodiscard]] double x(double slot) const { return left + slot / slots * (width - left); }
  [[nodiscard]] double y(double points) const { return (height - bottom) * (1 - points / most) + 4; }
};

std::string line_of(const std::vector<std::uint32_t>& values, const scale& to, const char* color) {
  std::string points;
  for (std::size_t i = 0; i < values.size(); ++i)
    points += number(to.x(static_cast<double>(i) + 0.5)) + ',' + number(to.y(values[i])) + ' ';
  return "<polyline fill='none' stroke='" + std::string{color} + "' stroke-width='1.4' points='" + points + "'/>";
}

std::string axes(const scale& to, std::size_t slots) {
  auto per_second = 1'000.0 / static_cast<double>(slot_width.count());
  std::string made = "<text x='" + number(left - 6) + "' y='12' text-anchor='end'>" + number(to.most * per_second) +
                     "/s</text><text x='" + number(left - 6) + "' y='" + number(to.y(0)) +
                     "' text-anchor='end'>0</text><line x1='" + number(left) + "' x2='" + number(width) + "' y1='" +
                     number(to.y(0)) + "' y2='" + number(to.y(0)) + "' stroke='#9aa4af' stroke-width='.6'/>";
  for (std::size_t second = 1; static_cast<double>(second) * per_second < static_cast<double>(slots); ++second) {
    made += "<text x='" + number(to.x(static_cast<double>(second) * per_second)) + "' y='" + number(height - 2) +
            "' text-anchor='middle'>" + std::to_string(second) + " s</text>";
  }
  return made;
}

std::string section_of(const run_result& run) {
  auto state = run.failed() ? "broken" : run.skipped.empty() ? "kept" : "skipped";
  auto made = "<h2><span class='" + std::string{state} + "'>" + state + "</span> " + escaped(run.name()) +
              "</h2>\n<p>" + escaped(run.what) + ".</p>\n";
  for (const auto& how : run.broken) made += "<p class='broken'>" + escaped(how) + "</p>\n";
  if (!run.skipped.empty()) return made + "<p class='note'>" + escaped(run.skipped) + "</p>\n";
  made += "<p class='note'>" + std::to_string(run.points.sent) + " sent, " + std::to_string(run.points.acked) +
          " acked, " + std::to_string(run.refusals) + " refusals and losses, each sent again; longest outage " +
          std::to_string(run.outage.count()) + " ms, recovery " +
          (run.recovered ? std::to_string(run.recovered->count()) + " ms" : "none") + " (limit " +
          std::to_string(run.recovery_limit.count()) + " ms" +
          (run.because.empty() ? "" : ": " + escaped(run.because)) + "), slowest answer to a lone point " +
          std::to_string(run.slowest_answer.count()) + " ms, peak memory " +
          std::to_string(run.peak_memory_kib / 1024) + " MiB</p>\n";
  return made + to_plot(run.plot);
}

} // namespace

std::string to_plot(const timeline& of) {
  if (of.acked.empty()) return {};
  auto most = std::max({*std::ranges::max_element(of.acked), *std::ranges::max_element(of.refused), 1U});
  scale to{static_cast<double>(of.acked.size()), static_cast<double>(most)};
  return "<svg viewBox='0 0 " + number(width) + ' ' + number(height) + "' role='img'><rect x='" +
         number(to.x(of.struck)) + "' y='0' width='" + number(std::max(1.0, to.x(of.cured) - to.x(of.struck))) +
         "' height='" + number(to.y(0)) + "' fill='#e8a33d' fill-opacity='.22'/>" + axes(to, of.acked.size()) +
         line_of(of.refused, to, "#c8473c") + line_of(of.acked, to, "#2a7fb8") + "</svg>\n";
}

std::string to_page(const std::vector<run_result>& runs) {
  std::string page =
      "<!doctype html>\n<html lang='en'><meta charset='utf-8'><meta name='viewport' "
      "content='width=device-width'><title>goloca drill</title><style>" +
      std::string{style} + "</style>\n<h1>goloca drill</h1>\n<p>goloca " + version +
      ". Each run: a goloca of its own under load, one fault, its cure, and in the end every row of the store held "
      "against what the senders noted before they sent. Blue: points acked, red: refused or lost (and sent "
      "again), shaded: the fault.</p>\n<pre>" +
      escaped(to_table(runs)) + "</pre>\n";
  for (const auto& each : runs) page += section_of(each);
  return page + "</html>\n";
}

} // namespace goloca::net::drill
