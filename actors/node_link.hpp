#pragma once
// An edge's end of a link to a writer node: to the pool a db writer like any other, with more than one batch at a time.
// Spawned and watched by the link supervisor. Whatever goes wrong with the link ends the actor, so the pool has one
// case (its batches go back) and a restart a fresh connection.

#include "actors/messages.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca::actors {

struct node_link_settings {
  std::string address; // host:port, for the dialler and for people
  link_dialer dial;
  /// A batch without a result for so long means that the writer hangs: less than half of REQUEST_TIMEOUT, so that
  /// another still has the time.
  std::chrono::nanoseconds patience = std::chrono::seconds{4};
  std::chrono::nanoseconds tick_interval = std::chrono::milliseconds{100}; // while there is anything to wait for
};

/// What is on its way over one link. No clock: the caller passes `now`; no transport: the caller sends what is
/// returned. Where a function returns a text, the writer broke the rules, and how: then the link must end.
/// Invariant: each batch is in `in_flight` or `held` until its answer was returned; in_flight.size() is never more than
/// the welcome's credit, and `held` is empty while it is less.
struct node_link_state {
  static inline const char* name = "node_link";
  using batch_answer = caf::typed_response_promise<batch_result>;
  using find_answer = caf::typed_response_promise<find_result>;

  struct sent_batch {
    batch_id id; // the pool's
    std::uint64_t digest = 0;
    std::size_t points = 0;
    time_point since{};
    batch_answer answer{};
  };
  /// Of a pool that took the place of one whose batches still have our credit.
  struct held_batch {
    insert_batch batch;
    batch_answer answer;
  };
  struct question {
    std::int64_t id = 0;
    time_point since{};
    find_answer answer{};
  };
  template <class Promise, class Result>
  struct answered {
    Promise promise;
    Result result;
  };
  using answered_batch = answered<batch_answer, batch_result>;
  using answered_find = answered<find_answer, find_result>;

  std::string address{};
  std::chrono::nanoseconds patience{};
  link_port out{};                                 // none before it dials
  std::optional<link_welcome> welcome{};           // none: it is no link yet
  std::map<std::uint64_t, sent_batch> in_flight{}; // by sequence
  std::deque<held_batch> held{};                   // oldest first
  std::map<std::uint64_t, question> asked{};       // by number
  std::uint64_t next_sequence = 1;
  std::uint64_t next_number = 1;
  std::chrono::nanoseconds batch_time{}; // of late: an exponentially weighted mean
  bool leaving = false;                  // it finishes what it has, and ends
  bool touched = false;                  // something came since the last tick
  bool ticking = false;                  // a tick is on its way

  node_link_state() = default;
  node_link_state(const node_link_state&) = delete;
  node_link_state& operator=(const node_link_state&) = delete;

  /// It ended, whatever by: its transport closes.
  ~node_link_state();

  // -- batches

  void take(insert_batch batch, batch_answer answer);
  /// What there is credit for, in the order in which it came: to be sent.
  [[nodiscard]] std::vector<link_batch> take_sendable(time_point now);
  [[nodiscard]] std::variant<answered_batch, std::string> settle(link_result result, time_point now);

  // -- questions

  [[nodiscard]] link_find ask(std::int64_t id, find_answer answer, time_point now);
  /// Nothing when it comes too late.
  [[nodiscard]] std::variant<std::optional<answered_find>, std::string> settle(link_found found);
  [[nodiscard]] std::vector<answered_find> take_overdue_finds(time_point now);

  // -- the link itself

  /// \return what is wrong with it.
  [[nodiscard]] std::optional<std::string> accept(link_welcome offered);
  /// The writer hangs: a batch has no result for too long.
  [[nodiscard]] std::optional<std::string> overdue(time_point now) const;
  [[nodiscard]] bool idle() const { return in_flight.empty() && held.empty() && asked.empty(); }
  [[nodiscard]] bool needs_tick() const { return leaving || !idle(); }
  [[nodiscard]] link_report report(std::chrono::nanoseconds round_trip) const;
  [[nodiscard]] std::string title() const; // "link to 10.0.0.2:7420 (w2)"
  void fail_all(const caf::error& why);    // answers everything
};

/// \param watcher  is told writer_ready once the writer has said welcome, writer_leaving once it drains; when it dies,
///                 the link ends.
node_link::behavior_type run_node_link(node_link::stateful_pointer<node_link_state> self, node_link_settings settings,
                                       link_watcher watcher);

} // namespace goloca::actors
