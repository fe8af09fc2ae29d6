#pragma once
// The queue between connections and writers: what the writer pool knows, and every change to it. No clock: the caller
// passes `now`. Handles are only kept and compared.

#include "actors/commit_pace.hpp"
#include "actors/gather_rule.hpp"
#include "actors/messages.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace goloca::actors {

struct writer_pool_settings {
  std::size_t max_queued = 100'000; // points waiting: MAX_JOB_QUEUE_LENGTH
  std::size_t max_batch = 1'000;    // points: MAX_BATCH
  /// A point that is still waiting this long before its deadline is answered: nothing can be stored in so short a time,
  /// and the connection then hears of it before it answers by its own clock.
  std::chrono::nanoseconds expiry_margin = std::chrono::milliseconds{50};
  /// A further writer gets work only when so many points wait: small commits are the dear ones (measured by INSERT:
  /// HTTP at 64 connections is 1.7 times faster with one writer than with two; by COPY it makes no difference) …
  std::size_t parallel_from = 256;
  /// … or, where commits take less than this a point, so many (or a whole batch of fewer): that is work, not waiting
  /// for a disk, and a second one beside it takes the processor from it. Not of links: they do not share one. (Measured
  /// on two cores, 256 → 1,000, nine rounds: WebSockets with 512 and 1,024 points in flight 1.12 and 1.07 times as
  /// fast. With commits of 3 ms, which are waiting, it would be 0.8, of three rounds.)
  std::size_t parallel_from_when_busy = 1'000;
  std::chrono::nanoseconds busy_point = std::chrono::microseconds{16};
  /// … or when the writers at work have taken this long: then they may hang.
  std::chrono::nanoseconds patience = std::chrono::milliseconds{20};
  std::chrono::nanoseconds tick_interval = std::chrono::milliseconds{10};  // while there is anything to wait for
  std::function<void(const pool_counts&)> last_words = [](const auto&) {}; // once, when the pool ends, whatever by
  /// How many batches are at the node's own writers, each time that it changes, and how long the last one took. On the
  /// pool's thread.
  std::function<void(std::size_t batches, std::chrono::nanoseconds took)> on_commits = [](auto, auto) {};
};

/// Points of one connection that wait or are being written.
struct waiting_run {
  caf::strong_actor_ptr client;
  point_run points;
  time_point deadline;
  std::size_t batch_limit; // points of the largest batch it may be in: shrinks while it is suspected
  bool dispatched = false; // at least once: then its outcome may be unknown
  bool failed = false;     // its batch ended once for an unknown reason, at this limit
};

/// One reply for each connection that has points in a batch.
using client_replies = std::vector<std::pair<caf::strong_actor_ptr, insert_reply>>;

/// Invariant: each admitted point is in `queue` or in exactly one batch of `in_flight`, until a reply for it is
/// returned. queued_points is the number of points in `queue`; a writer's `batches` are those of `in_flight` that name
/// it, never more than its capacity.
struct writer_pool_state {
  static inline const char* name = "writer_pool";

  struct batch {
    std::size_t writer; // place in `writers`
    time_point since;
    std::vector<waiting_run> runs;
  };
  struct writer_slot {
    db_writer handle;
    writer_capacity capacity{};
    std::vector<std::uint64_t> batches{}; // keys of `in_flight`, oldest first
    commit_pace pace{};                   // of a link
    bool leaving = false;                 // it gets no more
    bool gone = false;
    [[nodiscard]] bool present() const { return !gone && !leaving; }
    [[nodiscard]] bool free() const { return present() && batches.size() < capacity.batches; }
    [[nodiscard]] bool is_link() const { return capacity.bytes != writer_capacity{}.bytes; }
  };

  writer_pool_settings settings{};
  std::uint64_t incarnation = 0;
  std::uint64_t next_sequence = 1;
  std::deque<waiting_run> queue{}; // oldest first
  std::size_t queued_points = 0;
  std::map<std::uint64_t, batch> in_flight{}; // by sequence
  std::vector<writer_slot> writers{};
  commit_pace own_pace{};             // of the writers that are no links
  time_point::duration last_commit{}; // by one of them
  bool busy = false;                  // they are, by their last commit: see busy_point
  store::durability promise{true, {}};
  std::string missing_reason = "not connected to the store yet";
  gather_rule gather{};
  bool gathering = false;   // a dispatch_queued for its end is on its way
  bool ticking = false;     // a tick is on its way
  bool dispatching = false; // a dispatch_queued is
  pool_counts counts{};

  ~writer_pool_state() { settings.last_words(counts); }

  // -- points come and go

  /// Takes what there is room for; the rest is returned as overloaded.
  [[nodiscard]] insert_reply admit(caf::strong_actor_ptr client, insert_request request);

  /// The next batch and who shall write it: the one that probably has it done first. Nothing when no writer is free,
  /// nothing waits, or waiting a little is better (see parallel_from, gather_rule).
  [[nodiscard]] std::optional<std::pair<db_writer, insert_batch>> next_batch(time_point now);

  /// What became of a batch. A result for a batch that is no longer in flight (of another incarnation, or taken back)
  /// is dropped.
  [[nodiscard]] client_replies finish(const batch_result& done, time_point now);

  /// Answers what waits too long: never dispatched is unavailable, dispatched is timeout.
  [[nodiscard]] client_replies expire(time_point now);

  // -- writers come and go

  void add_writer(writer_ready ready);

  /// It gets no more batches, and no longer counts as connected.
  void retire_writer(const db_writer& leaving);

  /// Its batches go back to the front of the queue, in their order. When it ended for an unknown reason each is
  /// suspected: the second time it comes apart into tenths, then those at once, and a point that fails twice alone is
  /// answered unavailable (tenths, not halves: each failure costs a writer, and the restart intensity bounds those).
  [[nodiscard]] client_replies lose_writer(const caf::actor_addr& gone, const caf::error& why);

  // -- questions

  [[nodiscard]] bool in_flight_here(std::int64_t id) const;
  [[nodiscard]] std::optional<db_writer> writer_to_ask(time_point now) const; // a free one if there is one
  [[nodiscard]] readiness ready_now(std::uint64_t number) const;
  [[nodiscard]] pool_status status() const;
  [[nodiscard]] bool can_dispatch() const { return !queue.empty() && std::ranges::any_of(writers, &writer_slot::free); }
  [[nodiscard]] bool needs_tick() const { return !queue.empty(); }
  [[nodiscard]] std::size_t commits() const; // batches at writers that are no links

private:
  [[nodiscard]] std::optional<std::size_t> free_writer(time_point now) const;
  [[nodiscard]] time_point::duration expected_time(const writer_slot& of, time_point now) const;
  [[nodiscard]] bool worth_another_writer(time_point now) const;
  std::vector<waiting_run> take_from_queue(const writer_capacity& room);
  void give_back(std::vector<waiting_run> runs);
};

} // namespace goloca::actors
