#include "actors/connection_state.hpp"

#include <algorithm>
#include <utility>

namespace goloca::actors {

namespace {

/// The longest stretch of rows from `at` on that are all valid, or all invalid.
std::uint32_t stretch(const store::row_range& rows, std::uint32_t at) {
  auto end = at + 1;
  while (end < rows.count && rows[end].valid() == rows[at].valid()) ++end;
  return end - at;
}

} // namespace

std::optional<insert_request> connection_state::take(const burst& read) {
  insert_request request{{}, read.deadline};
  next = read.first + read.points.count;
  change.points.received += read.points.count;
  for (std::uint32_t at = 0; at < read.points.count;) {
    auto all_valid = at == 0 && read.points.block->all_valid();
    auto count = all_valid ? read.points.count : stretch(read.points, at);
    store::row_range rows{read.points.block, read.points.first + at, count};
    auto& taken = window.emplace_back(run{read.first + at, rows, read.deadline});
    if (!rows[0].valid())
      answer({taken.first, count, verdict::invalid, {}});
    else if (draining)
      answer({taken.first, count, verdict::unavailable, "the node is draining"});
    else
      request.runs.push_back({taken.first, std::move(rows)});
    at += count;
  }
  if (request.runs.empty()) return std::nullopt;
  return request;
}

connection_state::run& connection_state::cut_out(std::deque<run>::iterator at, std::uint64_t first,
                                                 std::uint32_t count) {
  if (auto before = static_cast<std::uint32_t>(first - at->first); before > 0) {
    auto head = *at;
    head.rows.count = before;
    at->first += before;
    at->rows.first += before;
    at->rows.count -= before;
    at = std::next(window.insert(at, std::move(head)));
  }
  if (at->rows.count > count) {
    auto middle = *at;
    middle.rows.count = count;
    at->first += count;
    at->rows.first += count;
    at->rows.count -= count;
    at = window.insert(at, std::move(middle));
  }
  return *at;
}

/// Writes one verdict into the window. What is answered already keeps its answer: this one is late.
void connection_state::answer(verdict_run said) {
  while (said.count > 0) {
    auto at = std::ranges::upper_bound(window, said.first, {}, &run::first);
    auto released = at == window.begin(); // it begins before the window: its answer is out
    if (!released) --at;
    auto end = at == window.end() ? next : released ? at->first : at->first + at->rows.count;
    if (end <= said.first) return; // never received
    auto here = static_cast<std::uint32_t>(std::min<std::uint64_t>(said.count, end - said.first));
    if (released || at->answer) {
      change.points.late += here;
    } else {
      auto& answered = cut_out(at, said.first, here);
      answered.answer = verdict_run{said.first, here, said.what, said.detail, answered.new_id};
      change.points.add(said.what, here);
    }
    said.first += here;
    said.count -= here;
  }
}

/// The run that holds this number and waits for an answer; end() when it was answered.
std::deque<connection_state::run>::iterator connection_state::waiting(std::uint64_t number) {
  auto after = std::ranges::upper_bound(window, number, {}, &run::first);
  if (after == window.begin()) return window.end();
  auto at = std::prev(after);
  return at->answer || at->first + at->rows.count <= number ? window.end() : at;
}

std::optional<insert_request> connection_state::apply(insert_reply reply, const std::function<std::int64_t()>& new_id) {
  insert_request again;
  for (auto& said : reply.runs) {
    auto id_taken = said.what == verdict::conflict || said.what == verdict::duplicate;
    while (id_taken && said.count > 0) {
      auto at = waiting(said.first);
      if (at != window.end() && at->rows[said.first - at->first].id_assigned()) {
        again.deadline = at->deadline;
        again.runs.push_back(rename(cut_out(at, said.first, 1), new_id()));
      } else {
        answer({said.first, 1, said.what, said.detail});
      }
      ++said.first;
      --said.count;
    }
    if (said.count > 0) answer(std::move(said));
  }
  if (again.runs.empty()) return std::nullopt;
  return again;
}

/// The node gave this point an id that turned out to be somebody else's: here it is again under another.
point_run connection_state::rename(run& single, std::int64_t new_id) {
  auto block = std::make_shared<store::row_block>(single.rows.block->shared_schema());
  store::append_row(*block, single.rows[0]);
  block->assign_id(new_id);
  single.new_id = new_id;
  single.rows = {std::move(block), 0, 1};
  return {single.first, single.rows};
}

void connection_state::expire(time_point now) {
  for (auto& each : window) {
    if (each.answer || each.deadline > now) continue;
    each.answer = verdict_run{each.first, each.rows.count, verdict::timeout, {}, each.new_id};
    change.points.add(verdict::timeout, each.rows.count);
  }
}

insert_reply connection_state::release(time_point now) {
  insert_reply ready;
  while (can_release()) {
    auto& front = window.front();
    std::chrono::duration<double> took = now - (front.deadline - request_timeout);
    change.request_seconds.observe(std::max(took.count(), 0.0), front.rows.count);
    ready.runs.push_back(std::move(*front.answer));
    window.pop_front();
  }
  return ready;
}

std::uint64_t connection_state::in_flight() const {
  std::uint64_t points = 0;
  for (const auto& each : window) points += each.answer ? 0 : each.rows.count;
  return points;
}

bool connection_state::has_news() const {
  return change.points != account{} || in_flight() != told_in_flight;
}

account_report connection_state::take_report() {
  account_report told{by, std::exchange(change, {})};
  auto now = in_flight();
  told.change.points.in_flight = now - std::exchange(told_in_flight, now);
  return told;
}

} // namespace goloca::actors
