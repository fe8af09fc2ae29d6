#include "net/client/verify/verdict.hpp"

#include "net/client/progress.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace goloca::net::client {

void verdict_class::add(std::int64_t id) {
  ++count;
  if (ids.size() < most_named) ids.push_back(id);
}

namespace {

verdict_class& class_of(verdict& of, point_state state, bool there, bool something_else) {
  switch (state) {
  case point_state::acked:
    return there ? of.kept : something_else ? of.altered : of.lost;
  case point_state::refused:
    return there ? of.refused_present : of.refused_absent;
  case point_state::open:
    break;
  }
  return there ? of.unknown_present : of.unknown_absent;
}

/// Whether the point is the only one that was sent under its id.
template <class At>
bool alone(const std::map<point_key, ledger_book::entry>& all, At point) {
  auto same_id = [&](At other) { return other != all.end() && other->first.id == point->first.id; };
  return !same_id(std::next(point)) && (point == all.begin() || !same_id(std::prev(point)));
}

struct class_name {
  verdict_class verdict::*which;
  const char* member;
  const char* words;
  bool named; // its ids are listed
};

constexpr std::array classes{
    class_name{&verdict::kept, "kept", "acked, present once and unaltered", false},
    class_name{&verdict::lost, "lost", "lost: acked, but not there", true},
    class_name{&verdict::altered, "altered", "altered: there, with another content", true},
    class_name{&verdict::refused_present, "refused_present", "refused, yet present", true},
    class_name{&verdict::refused_absent, "refused_absent", "refused and absent", false},
    class_name{&verdict::unknown_present, "unknown_present", "unknown (no final answer), present", false},
    class_name{&verdict::unknown_absent, "unknown_absent", "unknown (no final answer), absent", false},
};

std::string line_of(const verdict_class& one, const char* words, bool named) {
  auto number = grouped(one.count);
  auto line = std::string(std::max<std::size_t>(number.size(), 12) - number.size(), ' ') + number + "  " + words;
  if (!named || one.ids.empty()) return line + '\n';
  for (auto id : one.ids) line += (id == one.ids.front() ? ": " : ", ") + std::to_string(id);
  return line + (one.count > one.ids.size() ? ", …\n" : "\n");
}

} // namespace

verdict judge(const ledger_book& expected, const found_rows& found, bool whole) {
  verdict made;
  const auto& points = expected.points();
  for (auto at = points.begin(); at != points.end(); ++at) {
    const auto& [point, entry] = *at;
    auto row = found.find(point.id);
    auto there = row != found.end() && row->second == point.content;
    auto something_else = row != found.end() && !there;
    auto altered = something_else && entry.state == point_state::open && alone(points, at);
    (altered ? made.altered : class_of(made, entry.state, there, something_else)).add(point.id);
  }
  if (!whole) return made;
  auto& never = made.never_sent.emplace();
  for (const auto& [id, content] : found) {
    auto first = points.lower_bound({id, {}});
    if (first == points.end() || first->first.id != id) never.add(id);
  }
  return made;
}

std::string to_text(const verdict& one) {
  std::string text;
  for (const auto& each : classes) text += line_of(one.*each.which, each.words, each.named);
  if (one.never_sent) text += line_of(*one.never_sent, "never sent, yet present", true);
  return text;
}

std::string to_json(const verdict& one) {
  nlohmann::ordered_json made;
  auto add = [&made](const char* name, const verdict_class& from) {
    auto ids = nlohmann::ordered_json::array();
    for (auto id : from.ids) ids.push_back(std::to_string(id));
    made[name] = {{"count", from.count}, {"ids", std::move(ids)}};
  };
  made["kept_promise"] = one.kept_promise();
  for (const auto& each : classes) add(each.member, one.*each.which);
  if (one.never_sent) add("never_sent", *one.never_sent);
  return made.dump() + '\n';
}

} // namespace goloca::net::client
