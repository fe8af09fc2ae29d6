#include "actors/writer_pool_state.hpp"

#include "store/row_wire.hpp"

#include <algorithm>
#include <iterator>

namespace goloca::actors {

namespace {

/// Gathers verdicts by connection, a run at a time, and joins neighbours that have the same verdict.
class reply_collector {
public:
  void add(const caf::strong_actor_ptr& client, verdict_run run) {
    auto& runs = reply_of(client).runs;
    if (!runs.empty()) {
      auto& last = runs.back();
      if (last.first + last.count == run.first && last.what == run.what && last.detail == run.detail &&
          last.given_up == run.given_up) {
        last.count += run.count;
        return;
      }
    }
    runs.push_back(std::move(run));
  }

  client_replies take() { return std::move(replies_); }

private:
  // A batch holds few connections, and their runs mostly lie together: look at the last first.
  insert_reply& reply_of(const caf::strong_actor_ptr& client) {
    auto at = std::find_if(replies_.rbegin(), replies_.rend(), [&](const auto& each) { return each.first == client; });
    if (at != replies_.rend()) return at->second;
    return replies_.emplace_back(client, insert_reply{}).second;
  }

  client_replies replies_;
};

verdict verdict_of(store::outcome what, bool dispatched_before) {
  switch (what) {
  case store::outcome::stored:
    return verdict::stored;
  // We may have stored it ourselves the first time, and the answer was lost on the way: then it is not the client's
  // repeat.
  case store::outcome::duplicate:
    return dispatched_before ? verdict::stored : verdict::duplicate;
  case store::outcome::conflict:
    return verdict::conflict;
  case store::outcome::invalid:
    return verdict::invalid;
  }
  return verdict::timeout;
}

/// By a link it comes as a sentence that the writer's node made.
std::string sentence_of(const store::refusal& why) {
  if (why.sqlstate.empty()) return why.message;
  return "the database refused it: " + why.message + " (SQLSTATE " + why.sqlstate + ")";
}

/// Did the batch itself perhaps end its writer? Not when the store was merely away (one that no longer fits counts as
/// that), or the writer was told to end.
bool is_suspicious(const caf::error& why) {
  if (!why || why == caf::exit_reason::user_shutdown) return false;
  if (why.category() != caf::atom("goloca")) return true;
  return why == caf::make_error(failure::store_unknown) || why == caf::make_error(failure::crashed);
}

/// Cuts the first `count` points off.
waiting_run split(waiting_run& from, std::uint32_t count) {
  auto head = from;
  head.points.rows.count = count;
  from.points.first += count;
  from.points.rows.first += count;
  from.points.rows.count -= count;
  return head;
}

std::size_t points_of(const std::vector<waiting_run>& runs) {
  std::size_t points = 0;
  for (const auto& run : runs) points += run.points.rows.count;
  return points;
}

/// How many of the rows, from the first on, have room. \param bytes  what is left of it; they are taken off.
std::uint32_t count_fitting(const store::row_range& rows, std::size_t points, std::size_t& bytes) {
  auto most = static_cast<std::uint32_t>(std::min<std::size_t>(points, rows.count));
  if (bytes == writer_capacity{}.bytes) return most; // no link, so nothing is to be measured
  for (std::uint32_t i = 0; i < most; ++i) {
    auto size = store::wire_size(rows[i]);
    if (size > bytes) return i;
    bytes -= size;
  }
  return most;
}

verdict_run hopeless(std::uint64_t number, std::string why) {
  return {number, 1, verdict::unavailable, std::move(why), 0, true};
}

/// The batch may have ended its writer: it is tried again whole, then in parts.
void suspect(std::vector<waiting_run>& runs, std::size_t max_batch, const caf::error& why, reply_collector& replies) {
  auto points = points_of(runs);
  auto narrowed = runs.front().batch_limit < max_batch;
  for (auto& run : runs) {
    auto again = std::exchange(run.failed, true);
    if (!again && (!narrowed || points == 1)) continue;
    if (points == 1) {
      replies.add(run.client, hopeless(run.points.first, "it ended its writer twice: " + reason_of(why)));
      return runs.clear();
    }
    run.batch_limit = std::max<std::size_t>(1, points / 10);
    run.failed = false;
  }
}

} // namespace

insert_reply writer_pool_state::admit(caf::strong_actor_ptr client, insert_request request) {
  insert_reply refused;
  for (auto& run : request.runs) {
    auto room = settings.max_queued - std::min(settings.max_queued, queued_points);
    auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(room, run.rows.count));
    waiting_run waiting{client, std::move(run), request.deadline, settings.max_batch};
    if (taken < waiting.points.rows.count) {
      auto head = split(waiting, taken);
      refused.runs.push_back({waiting.points.first, waiting.points.rows.count, verdict::overloaded, {}});
      waiting = std::move(head);
    }
    if (taken == 0) continue;
    queued_points += taken;
    queue.push_back(std::move(waiting));
  }
  return refused;
}

time_point::duration writer_pool_state::expected_time(const writer_slot& of, time_point now) const {
  const auto& pace = of.is_link() ? of.pace : own_pace;
  if (of.batches.empty()) return pace.when_idle(now);
  return pace.when_busy(of.batches.size(), now - in_flight.at(of.batches.front()).since);
}

/// Of those that are as good as each other, and so of a node's own, the first.
std::optional<std::size_t> writer_pool_state::free_writer(time_point now) const {
  std::optional<std::size_t> best;
  auto least = time_point::duration::max();
  for (std::size_t i = 0; i < writers.size(); ++i) {
    if (!writers[i].free()) continue;
    auto time = expected_time(writers[i], now);
    if (best && time >= least) continue;
    best = i;
    least = time;
  }
  return best;
}

bool writer_pool_state::worth_another_writer(time_point now) const {
  auto whole = std::min(settings.max_batch, settings.parallel_from_when_busy);
  auto enough = busy ? std::max(settings.parallel_from, whole) : settings.parallel_from;
  if (in_flight.empty() || queued_points >= enough) return true;
  return std::ranges::all_of(in_flight, [&](const auto& each) { return now - each.second.since >= settings.patience; });
}

std::vector<waiting_run> writer_pool_state::take_from_queue(const writer_capacity& room) {
  std::vector<waiting_run> taken;
  auto suspected = queue.front().batch_limit;
  auto points = std::min({settings.max_batch, room.points, suspected});
  auto bytes = room.bytes;
  while (points > 0 && !queue.empty()) {
    auto& front = queue.front();
    if (front.batch_limit != suspected) break; // the innocent are not mixed with the suspected
    auto fitting = count_fitting(front.points.rows, points, bytes);
    if (fitting == 0 && !taken.empty()) break;
    if (fitting == 0) { // a row that is larger than a batch may be goes alone
      fitting = 1;
      bytes = 0;
    }
    if (fitting < front.points.rows.count) {
      taken.push_back(split(front, fitting));
      break;
    }
    taken.push_back(std::move(front));
    queue.pop_front();
    points -= fitting;
  }
  queued_points -= points_of(taken);
  return taken;
}

std::optional<std::pair<db_writer, insert_batch>> writer_pool_state::next_batch(time_point now) {
  if (queue.empty() || !worth_another_writer(now) || gather.waits(queued_points, now)) return std::nullopt;
  auto place = free_writer(now);
  if (!place) return std::nullopt;
  auto& writer = writers[*place];
  auto sequence = next_sequence++;
  auto& made = in_flight[sequence] = batch{*place, now, take_from_queue(writer.capacity)};
  writer.batches.push_back(sequence);
  insert_batch order{{incarnation, sequence}, {}};
  order.rows.reserve(made.runs.size());
  for (const auto& run : made.runs) order.rows.push_back(run.points.rows);
  return std::pair{writer.handle, std::move(order)};
}

client_replies writer_pool_state::finish(const batch_result& done, time_point now) {
  auto at = in_flight.find(done.id.sequence);
  if (done.id.incarnation != incarnation || at == in_flight.end()) return {};
  auto written = std::move(at->second);
  in_flight.erase(at);
  auto& writer = writers[written.writer];
  std::erase(writer.batches, done.id.sequence);
  auto points = points_of(written.runs);
  auto took = now - written.since;
  (writer.is_link() ? writer.pace : own_pace).note(took, now);
  if (!writer.is_link()) {
    last_commit = took;
    busy = took < points * settings.busy_point;
  }
  counts.batch_points.observe(static_cast<double>(points));
  counts.commit_seconds.observe(std::chrono::duration<double>{took}.count());
  if (in_flight.empty()) {
    gather.finished(points, took, queued_points, settings.parallel_from, now);
  }
  reply_collector replies;
  std::uint32_t index = 0;
  auto refusal = done.result.refusals.begin();
  auto given_up = done.given_up.begin();
  for (const auto& run : written.runs) {
    for (std::uint32_t i = 0; i < run.points.rows.count; ++i, ++index) {
      if (given_up != done.given_up.end() && given_up->index == index) {
        replies.add(run.client, hopeless(run.points.first + i, given_up->reason));
        ++given_up;
        continue;
      }
      auto what = verdict_of(done.result.outcomes.at(index), run.dispatched);
      std::string detail;
      if (refusal != done.result.refusals.end() && refusal->index == index) {
        detail = sentence_of(*refusal);
        ++refusal;
      }
      replies.add(run.client, {run.points.first + i, 1, what, std::move(detail)});
    }
  }
  return replies.take();
}

client_replies writer_pool_state::expire(time_point now) {
  reply_collector replies;
  auto latest = now + settings.expiry_margin;
  std::erase_if(queue, [&](const waiting_run& run) {
    if (run.deadline > latest) return false;
    auto what = run.dispatched ? verdict::timeout : verdict::unavailable;
    replies.add(run.client, {run.points.first, run.points.rows.count, what, missing_reason});
    queued_points -= run.points.rows.count;
    return true;
  });
  return replies.take();
}

void writer_pool_state::add_writer(writer_ready ready) {
  promise = std::move(ready.promise);
  missing_reason.clear();
  auto free = std::ranges::find_if(writers, &writer_slot::gone);
  writer_slot made{std::move(ready.writer), ready.capacity};
  if (free == writers.end())
    writers.push_back(std::move(made));
  else
    *free = std::move(made);
}

void writer_pool_state::retire_writer(const db_writer& leaving) {
  auto slot = std::ranges::find_if(writers, [&](const auto& each) { return !each.gone && each.handle == leaving; });
  if (slot != writers.end()) slot->leaving = true;
}

void writer_pool_state::give_back(std::vector<waiting_run> runs) {
  queued_points += points_of(runs);
  queue.insert(queue.begin(), std::make_move_iterator(runs.begin()), std::make_move_iterator(runs.end()));
}

client_replies writer_pool_state::lose_writer(const caf::actor_addr& gone, const caf::error& why) {
  auto slot = std::ranges::find_if(writers, [&](const auto& each) { return !each.gone && each.handle == gone; });
  if (slot == writers.end()) return {};
  slot->gone = true;
  slot->handle = db_writer{};
  reply_collector replies;
  std::vector<waiting_run> back;
  for (auto sequence : std::exchange(slot->batches, {})) {
    auto runs = std::move(in_flight.extract(sequence).mapped().runs);
    for (auto& run : runs) run.dispatched = true;
    if (is_suspicious(why)) suspect(runs, settings.max_batch, why, replies);
    std::ranges::move(runs, std::back_inserter(back));
  }
  give_back(std::move(back));
  return replies.take();
}

std::size_t writer_pool_state::commits() const {
  auto is_own = [this](const auto& each) { return !writers[each.second.writer].is_link(); };
  return static_cast<std::size_t>(std::ranges::count_if(in_flight, is_own));
}

bool writer_pool_state::in_flight_here(std::int64_t id) const {
  auto holds = [id](const waiting_run& run) {
    for (std::uint32_t i = 0; i < run.points.rows.count; ++i) {
      if (run.points.rows[i].id() == id) return true;
    }
    return false;
  };
  return std::ranges::any_of(queue, holds) ||
         std::ranges::any_of(in_flight, [&](const auto& each) { return std::ranges::any_of(each.second.runs, holds); });
}

std::optional<db_writer> writer_pool_state::writer_to_ask(time_point now) const {
  if (auto free = free_writer(now)) return writers[*free].handle;
  auto any = std::ranges::find_if(writers, &writer_slot::present);
  if (any == writers.end()) return std::nullopt;
  return any->handle;
}

pool_status writer_pool_state::status() const {
  pool_status now{queued_points, settings.max_queued, {}, counts, {}};
  for (const auto& [sequence, each] : in_flight) {
    now.batches.push_back({writers[each.writer].handle.id(), points_of(each.runs), each.since});
  }
  return now;
}

readiness writer_pool_state::ready_now(std::uint64_t number) const {
  auto connected = std::ranges::count_if(writers, &writer_slot::present);
  return {number,
          static_cast<std::uint32_t>(connected),
          queued_points,
          settings.max_queued,
          promise.full,
          promise.statement,
          connected > 0 ? std::string{} : missing_reason};
}

} // namespace goloca::actors
