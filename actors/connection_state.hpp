#pragma once
// The window of one client's points: what is not answered yet, in order of arrival. No clock and no chance: `now` and
// new ids are given.

#include "actors/messages.hpp"

#include <deque>
#include <functional>
#include <optional>

namespace goloca::actors {

/// Invariant: the runs of `window` lie next to each other without a gap, oldest first, and end before `next`; each is
/// either answered or held by the pool. `change` is what happened to the account since take_report, but for the points
/// in flight: those are counted in the window each time, so that a point which got lost in between is seen.
struct connection_state {
  static inline const char* name = "connection";

  struct run {
    std::uint64_t first;
    store::row_range rows;
    time_point deadline;
    std::optional<verdict_run> answer = std::nullopt;
    std::int64_t new_id = 0; // it was sent again under this id, because the one we gave it was taken
  };

  std::deque<run> window{};
  std::uint64_t next = 0; // number of the next point to come
  point_counts change{};
  std::uint64_t told_in_flight = 0; // by the reports so far
  transport by = transport::http;
  std::chrono::nanoseconds request_timeout = std::chrono::seconds{10}; // a deadline less it: when the point was read
  bool draining = false;                                               // no further points
  bool client_here = true;

  /// A burst comes in: its invalid rows are answered at once, the others are the request to send (none if all are
  /// invalid; none while draining, then all are answered unavailable).
  [[nodiscard]] std::optional<insert_request> take(const burst& read);

  /// The pool's verdicts. A point whose id we assigned and that is taken goes again under a new one: those are
  /// returned.
  [[nodiscard]] std::optional<insert_request> apply(insert_reply reply, const std::function<std::int64_t()>& new_id);

  /// Answers `timeout` to everything whose deadline is not after `now`.
  void expire(time_point now);

  /// The pool died with all it held: whether those points were stored is not known.
  void lose_pool() { expire(time_point::max()); }

  /// The answered runs at the front: they leave.
  [[nodiscard]] insert_reply release(time_point now);
  [[nodiscard]] bool can_release() const { return !window.empty() && window.front().answer; }

  [[nodiscard]] bool idle() const { return window.empty(); }

  /// Of what waits; max() when nothing does. To be asked after release: then the front waits, and no later run has an
  /// earlier deadline, for points are numbered as they are read.
  [[nodiscard]] time_point next_deadline() const { return idle() ? time_point::max() : window.front().deadline; }

  [[nodiscard]] bool has_news() const; // a report would say something
  [[nodiscard]] account_report take_report();

private:
  [[nodiscard]] std::uint64_t in_flight() const;
  void answer(verdict_run said);
  std::deque<run>::iterator waiting(std::uint64_t number);
  run& cut_out(std::deque<run>::iterator at, std::uint64_t first, std::uint32_t count);
  static point_run rename(run& single, std::int64_t new_id);
};

} // namespace goloca::actors
