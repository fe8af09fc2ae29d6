#include "net/client/drill/timeline.hpp"

#include <algorithm>

namespace goloca::net::drill {

namespace {

milliseconds whole_ms(clock::duration of) {
  return std::chrono::duration_cast<milliseconds>(of);
}

/// When points were acked while they came, in order.
std::vector<time_point> acks_of(const std::vector<note>& notes, const phases& when) {
  std::vector<time_point> acks;
  for (const auto& each : notes) {
    if (chronicle::acks(each.what) && each.at >= when.start && each.at <= when.end) acks.push_back(each.at);
  }
  std::ranges::sort(acks);
  return acks;
}

} // namespace

timeline draw(const std::vector<note>& notes, const phases& when) {
  auto slot = [&](time_point at) { return std::chrono::duration<double, std::milli>(at - when.start) / slot_width; };
  timeline made;
  made.struck = slot(when.struck);
  made.cured = slot(when.cured);
  auto last = when.end;
  for (const auto& each : notes) last = std::max(last, each.at);
  auto slots = static_cast<std::size_t>(slot(last)) + 1;
  made.acked.resize(slots);
  made.refused.resize(slots);
  for (const auto& each : notes) {
    if (each.at < when.start) continue;
    auto at = static_cast<std::size_t>(slot(each.at));
    if (chronicle::acks(each.what)) ++made.acked[at];
    if (each.what == heard::refused || each.what == heard::lost || each.what == heard::silent) ++made.refused[at];
  }
  return made;
}

milliseconds longest_outage(const std::vector<note>& notes, const phases& when) {
  auto acks = acks_of(notes, when);
  if (acks.empty()) return whole_ms(when.end - when.start);
  auto longest = when.end - acks.back();
  for (std::size_t i = 1; i < acks.size(); ++i) longest = std::max(longest, acks[i] - acks[i - 1]);
  return whole_ms(longest);
}

std::optional<milliseconds> recovery(const std::vector<note>& notes, const phases& when) {
  auto acks = acks_of(notes, when);
  auto first = std::ranges::lower_bound(acks, when.cured);
  if (first == acks.end() || when.end - acks.back() > short_pause) return std::nullopt;
  auto before = first == acks.begin() ? when.start : *std::prev(first);
  auto back = *first - before <= short_pause ? when.cured : *first; // served as if nothing had been
  for (auto at = std::next(first); at != acks.end(); ++at) {
    if (*at - *std::prev(at) > short_pause) back = *at;
  }
  return whole_ms(back - when.cured);
}

std::uint64_t stored_between(const std::vector<note>& notes, time_point from, time_point to) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      notes, [&](const note& each) { return each.what == heard::stored && each.at > from && each.at < to; }));
}

std::uint64_t doubled_answers(const std::vector<note>& notes, const phases& when) {
  if (!when.undisturbed) return 0;
  return static_cast<std::uint64_t>(std::ranges::count_if(
      notes, [&](const note& each) { return each.what == heard::renewed && each.at < when.struck; }));
}

} // namespace goloca::net::drill
