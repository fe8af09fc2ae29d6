#include "net/client/drill/report/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace goloca::net::drill {

namespace {

using cells = std::array<std::string, 13>;

constexpr std::array<std::size_t, 4> left_aligned{0, 1, 2, 3};

const cells titles{"",     "fault",   "over",    "on",      "sent",   "acked",   "refused",
                   "lost", "doubled", "altered", "unknown", "outage", "recovery"};

std::string seconds(milliseconds of) {
  auto hundredths = (of.count() + 5) / 10;
  auto fraction = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + '.' + (fraction.size() < 2 ? "0" : "") + fraction + " s";
}

cells cells_of(const run_result& of) {
  const auto& points = of.points;
  cells made{of.failed()          ? "BROKEN"
             : of.skipped.empty() ? "kept"
                                  : "skipped",
             of.fault, to_string(of.over), to_string(of.on)};
  if (!of.skipped.empty() || points.sent == 0) return made;
  std::array counts{points.sent,    points.acked,   points.refused, points.lost,
                    points.doubled, points.altered, points.unknown};
  for (std::size_t i = 0; i < counts.size(); ++i) made[4 + i] = std::to_string(counts[i]);
  made[11] = seconds(of.outage);
  made[12] = of.recovered ? seconds(*of.recovered) : "none";
  return made;
}

std::string line_of(const cells& of, const std::array<std::size_t, 13>& widths) {
  std::string line;
  for (std::size_t i = 0; i < of.size(); ++i) {
    std::string padding(widths[i] - of[i].size(), ' ');
    auto left = std::ranges::find(left_aligned, i) != left_aligned.end();
    line += (i == 0 ? "" : "  ") + (left ? of[i] + padding : padding + of[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::size_t count_if(const std::vector<run_result>& runs, bool (*is)(const run_result&)) {
  return static_cast<std::size_t>(std::ranges::count_if(runs, is));
}

} // namespace

std::string to_table(const std::vector<run_result>& runs) {
  std::vector<cells> lines{titles};
  for (const auto& each : runs) lines.push_back(cells_of(each));
  std::array<std::size_t, 13> widths{};
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string text;
  for (const auto& line : lines) text += line_of(line, widths);
  std::map<std::string, std::size_t> reasons;
  for (const auto& each : runs) {
    for (const auto& how : each.broken) text += "BROKEN " + each.name() + ": " + how + '\n';
    if (!each.skipped.empty()) ++reasons[each.skipped];
  }
  for (const auto& [reason, count] : reasons) text += "skipped " + std::to_string(count) + ": " + reason + '\n';
  auto broken = count_if(runs, [](const run_result& one) { return one.failed(); });
  auto skipped = count_if(runs, [](const run_result& one) { return !one.skipped.empty(); });
  return text + std::to_string(runs.size() - broken - skipped) + " kept every promise, " + std::to_string(broken) +
         " broke one, " + std::to_string(skipped) + " skipped\n";
}

std::string to_json(const std::vector<run_result>& runs) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& each : runs) {
    nlohmann::ordered_json one{{"fault", each.fault},
                               {"over", to_string(each.over)},
                               {"on", to_string(each.on)},
                               {"kept", !each.failed() && each.skipped.empty()},
                               {"broken", each.broken},
                               {"skipped", each.skipped},
                               {"sent", each.points.sent},
                               {"acked", each.points.acked},
                               {"refused", each.points.refused},
                               {"lost", each.points.lost},
                               {"doubled", each.points.doubled},
                               {"altered", each.points.altered},
                               {"unknown", each.points.unknown},
                               {"refusals", each.refusals},
                               {"outage_ms", each.outage.count()},
                               {"recovery_ms", nullptr},
                               {"recovery_limit_ms", each.recovery_limit.count()},
                               {"slowest_lone_answer_ms", each.slowest_answer.count()},
                               {"peak_memory_kib", each.peak_memory_kib},
                               {"took_ms", each.took.count()},
                               {"slot_ms", slot_width.count()},
                               {"struck_slot", each.plot.struck},
                               {"cured_slot", each.plot.cured},
                               {"acked_by_slot", each.plot.acked},
                               {"refused_by_slot", each.plot.refused}};
    if (each.recovered) one["recovery_ms"] = each.recovered->count();
    all.push_back(std::move(one));
  }
  return nlohmann::ordered_json{{"kept", all_kept(runs)}, {"runs", std::move(all)}}.dump() + '\n';
}

bool all_kept(const std::vector<run_result>& runs) {
  return std::ranges::none_of(runs, &run_result::failed);
}

} // namespace goloca::net::drill
