#include "net/client/drill/judgement.hpp"

#include <algorithm>
#include <map>

namespace goloca::net::drill {

namespace {

/// Answers that were on their way when the fault began.
constexpr milliseconds on_the_way{500};

std::uint64_t heard_of(const std::vector<note>& notes, heard what) {
  return static_cast<std::uint64_t>(std::ranges::count(notes, what, &note::what));
}

std::string points(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " point" : " points");
}

/// Counts that are wrong when they are not 0, in words.
class complaints {
public:
  explicit complaints(std::vector<std::string>& to) : to_{&to} {}
  void add(std::uint64_t count, const std::string& words) {
    if (count > 0) to_->push_back(points(count) + ' ' + words);
  }
  void add(bool wrong, const std::string& words) {
    if (wrong) to_->push_back(words);
  }

private:
  std::vector<std::string>* to_;
};

/// The points of the ledger, each once, and what became of them.
void count_ledger(const evidence& seen, const client::verdict& verdict, point_counts& to) {
  for (const auto& [point, entry] : seen.ledger.points()) {
    ++to.sent;
    if (entry.state == client::point_state::acked) ++to.acked;
    if (entry.state == client::point_state::refused) ++to.refused;
    if (entry.state == client::point_state::open) ++to.unknown;
  }
  to.lost += verdict.lost.count;
  to.altered += verdict.altered.count + verdict.refused_present.count;
}

/// The lone points: each acked one is there under its id, and of each there is one row at most, for it was sent once.
void count_lone(const evidence& seen, point_counts& to) {
  std::map<client::content_digest, std::uint64_t> rows;
  for (const auto& [id, content] : seen.found) {
    if (content) ++rows[*content];
  }
  for (const auto& one : seen.lone) {
    ++to.sent;
    auto copies = rows.find(one.content);
    if (copies != rows.end()) to.doubled += copies->second - 1;
    if (one.id == 0) ++(one.unknown ? to.unknown : to.refused);
    if (one.id == 0) continue;
    ++to.acked;
    auto row = seen.found.find(one.id);
    if (row == seen.found.end())
      ++to.lost;
    else if (row->second != one.content)
      ++to.altered;
  }
}

/// Rows that neither the ledger nor the lone sender knows.
std::uint64_t strangers(const evidence& seen, const client::verdict& verdict) {
  std::map<client::content_digest, bool> sent;
  for (const auto& one : seen.lone) sent[one.content] = true;
  std::uint64_t lone_rows = 0;
  for (const auto& [id, content] : seen.found) {
    if (content && sent.contains(*content)) ++lone_rows;
  }
  return verdict.never_sent->count - std::min(lone_rows, verdict.never_sent->count);
}

void judge_points(const fault& of, const evidence& seen, run_result& to) {
  auto verdict = client::judge(seen.ledger, seen.found, true);
  count_ledger(seen, verdict, to.points);
  count_lone(seen, to.points);
  to.points.doubled += doubled_answers(seen.notes, seen.when);
  complaints wrong{to.broken};
  wrong.add(to.points.lost, "lost: acked, but not there");
  wrong.add(to.points.doubled, "doubled: stored twice, or acked as new twice");
  wrong.add(to.points.altered, "altered: there with another content, or refused for good and there");
  wrong.add(strangers(seen, verdict), "there that nobody sent");
  if (of.blocks_commits)
    wrong.add(stored_between(seen.notes, seen.when.in_force + on_the_way, seen.when.cured),
              "acked while nothing could be committed");
}

void judge_answers(const fault& of, const evidence& seen, run_result& to) {
  complaints wrong{to.broken};
  if (!of.deafens)
    wrong.add(heard_of(seen.notes, heard::silent), "without an answer by the deadline, on a connection that lives");
  wrong.add(heard_of(seen.notes, heard::misfit),
            "on connections with an answer too many, too few, or of another point");
  wrong.add(heard_of(seen.notes, heard::mute), "told to come again, but not when");
  if (!of.may_refuse)
    wrong.add(heard_of(seen.notes, heard::wrong), "refused for good, or as duplicates, that were valid and new");
  wrong.add(!seen.undrained.empty(), seen.undrained);
  wrong.add(!sanitized && of.refusals && to.refusals > *of.refusals,
            points(to.refusals) + " refused or lost, where goloca has the time to mend it unseen");
}

/// With more doors than one: of the worst one that is not struck itself.
milliseconds longest_outage_of(const evidence& seen) {
  if (std::ranges::all_of(seen.doors, &door::struck)) return longest_outage(seen.notes, seen.when);
  milliseconds longest{0};
  for (const auto& each : seen.doors)
    if (!each.struck) longest = std::max(longest, longest_outage(each.notes, seen.when));
  return longest;
}

/// With more doors than one: of the last of them.
std::optional<milliseconds> slowest_recovery_of(const evidence& seen) {
  if (seen.doors.empty()) return recovery(seen.notes, seen.when);
  std::optional<milliseconds> slowest{0};
  for (const auto& each : seen.doors) {
    auto of = recovery(each.notes, seen.when);
    if (!of) return std::nullopt;
    slowest = std::max(*slowest, *of);
  }
  return slowest;
}

void judge_times(const fault& of, run_result& to) {
  complaints wrong{to.broken};
  auto limit = std::to_string(to.recovery_limit.count()) + " ms";
  wrong.add(!to.recovered, "no recovery");
  wrong.add(to.recovered && *to.recovered > to.recovery_limit,
            "recovery took " + std::to_string(to.recovered.value_or(milliseconds{0}).count()) + " ms, the limit is " +
                limit);
  wrong.add(of.outage && to.outage > allowed(*of.outage),
            "an outage of " + std::to_string(to.outage.count()) + " ms: others must not suffer from it");
}

/// What it says of itself, in the last moment of the fault and in the end.
void judge_readiness(const fault& of, const evidence& seen, run_result& to) {
  complaints wrong{to.broken};
  wrong.add(!seen.ready_at_the_end, "/readyz is not 200 in the end");
  if (!seen.before_the_cure) return;
  const auto& said = *seen.before_the_cure;
  wrong.add(of.blocks_commits && said.ready, "/readyz is 200 while nothing can be committed");
  wrong.add(said.queued > said.capacity, points(said.queued) + " wait in a queue of " + std::to_string(said.capacity));
  for (const auto& name : of.shown)
    wrong.add(std::ranges::find(said.faults, name) == said.faults.end(), "/readyz does not show the fault " + name);
}

void judge_process(const fault& of, const evidence& seen, run_result& to) {
  complaints wrong{to.broken};
  if (!of.may_end_it) {
    for (auto code : seen.crashes) wrong.add(true, "goloca " + describe_ending(code) + " by itself");
  }
  wrong.add(seen.last_end != 0, "at its end, after SIGTERM, goloca " + describe_ending(seen.last_end));
  auto growth = (std::max(to.peak_memory_kib, seen.memory_before_kib) - seen.memory_before_kib) / 1024;
  wrong.add(!sanitized && of.growth_mebibytes && growth > *of.growth_mebibytes,
            "its memory grew by " + std::to_string(growth) + " MiB, the limit is " +
                std::to_string(of.growth_mebibytes.value_or(0)));
  wrong.add(seen.unbalanced, "its own account does not balance");
}

} // namespace

void judge(const fault& of, const evidence& seen, run_result& to) {
  to.recovery_limit = allowed(of.recovery);
  to.plot = draw(seen.notes, seen.when);
  to.outage = longest_outage_of(seen);
  to.recovered = slowest_recovery_of(seen);
  to.refusals =
      heard_of(seen.notes, heard::refused) + heard_of(seen.notes, heard::lost) + heard_of(seen.notes, heard::silent);
  judge_points(of, seen, to);
  judge_answers(of, seen, to);
  judge_times(of, to);
  judge_readiness(of, seen, to);
  judge_process(of, seen, to);
}

} // namespace goloca::net::drill
