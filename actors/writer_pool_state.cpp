#include "actors/writer_pool_state.hpp"

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
      if (last.first + last.count == run.first && last.what == run.what && last.detail == run.detail) {
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

std::optional<std::size_t> writer_pool_state::idle_writer() const {
  auto at = std::ranges::find_if(writers, [](const auto& each) { return !each.gone && !each.busy_with; });
  if (at == writers.end()) return std::nullopt;
  return static_cast<std::size_t>(at - writers.begin());
}

bool writer_pool_state::worth_another_writer(time_point now) const {
  if (in_flight.empty() || queued_points >= settings.parallel_from) return true;
  return std::ranges::all_of(in_flight, [&](const auto& each) { return now - each.second.since >= settings.patience; });
}

std::vector<waiting_run> writer_pool_state::take_from_queue(std::size_t limit) {
  std::vector<waiting_run> taken;
  auto suspected = queue.front().batch_limit;
  for (std::size_t room = std::min(limit, suspected); room > 0 && !queue.empty();) {
    auto& front = queue.front();
    if (front.batch_limit != suspected) break; // the innocent are not mixed with the suspected
    if (front.points.rows.count > room) {
      taken.push_back(split(front, static_cast<std::uint32_t>(room)));
    } else {
      taken.push_back(std::move(front));
      queue.pop_front();
    }
    room -= taken.back().points.rows.count;
  }
  queued_points -= points_of(taken);
  return taken;
}

std::optional<std::pair<db_writer, insert_batch>> writer_pool_state::next_batch(time_point now) {
  if (queue.empty() || !worth_another_writer(now) || gather.waits(queued_points, now)) return std::nullopt;
  auto writer = idle_writer();
  if (!writer) return std::nullopt;
  auto sequence = next_sequence++;
  auto& made = in_flight[sequence] = batch{*writer, now, take_from_queue(settings.max_batch)};
  writers[*writer].busy_with = sequence;
  insert_batch order{{incarnation, sequence}, {}};
  order.rows.reserve(made.runs.size());
  for (const auto& run : made.runs) order.rows.push_back(run.points.rows);
  return std::pair{writers[*writer].handle, std::move(order)};
}

client_replies writer_pool_state::finish(const batch_result& done, time_point now) {
  auto at = in_flight.find(done.id.sequence);
  if (done.id.incarnation != incarnation || at == in_flight.end()) return {};
  auto written = std::move(at->second);
  in_flight.erase(at);
  writers[written.writer].busy_with.reset();
  auto points = points_of(written.runs);
  counts.batch_points.observe(static_cast<double>(points));
  counts.commit_seconds.observe(std::chrono::duration<double>{now - written.since}.count());
  if (in_flight.empty()) {
    gather.finished(points, now - written.since, queued_points, settings.parallel_from, now);
  }
  reply_collector replies;
  std::uint32_t index = 0;
  auto refusal = done.result.refusals.begin();
  for (const auto& run : written.runs) {
    for (std::uint32_t i = 0; i < run.points.rows.count; ++i, ++index) {
      auto what = verdict_of(done.result.outcomes.at(index), run.dispatched);
      std::string detail;
      if (refusal != done.result.refusals.end() && refusal->index == index) {
        detail = "the database refused it: " + refusal->message + " (SQLSTATE " + refusal->sqlstate + ")";
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
  if (free == writers.end())
    writers.push_back({std::move(ready.writer)});
  else
    *free = {std::move(ready.writer)};
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
  auto sequence = std::exchange(slot->busy_with, std::nullopt);
  if (!sequence) return {};
  auto runs = std::move(in_flight.extract(*sequence).mapped().runs);
  auto points = points_of(runs);
  auto suspected = is_suspicious(why);
  auto narrowed = runs.front().batch_limit < settings.max_batch;
  reply_collector replies;
  for (auto& run : runs) {
    run.dispatched = true;
    if (!suspected) continue;
    auto again = std::exchange(run.failed, true);
    if (!again && (!narrowed || points == 1)) continue;
    if (points == 1) {
      replies.add(run.client,
                  {run.points.first, 1, verdict::unavailable, "it ended its writer twice: " + reason_of(why)});
      runs.clear();
      break;
    }
    run.batch_limit = std::max<std::size_t>(1, points / 10);
    run.failed = false;
  }
  give_back(std::move(runs));
  return replies.take();
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

std::optional<db_writer> writer_pool_state::writer_to_ask() const {
  if (auto idle = idle_writer()) return writers[*idle].handle;
  auto any = std::ranges::find_if(writers, [](const auto& each) { return !each.gone; });
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
  auto connected = std::ranges::count_if(writers, [](const auto& each) { return !each.gone; });
  return {number,        static_cast<std::uint32_t>(connected),
          queued_points, settings.max_queued,
          promise.full,  promise.statement,
          missing_reason};
}

} // namespace goloca::actors
