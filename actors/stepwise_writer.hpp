#pragma once
// A db writer without a thread of its own, for the thread that does everything else: a batch costs it no wake-up but
// the database's answer. (Measured over PostgreSQL's stand-in that answers at once, HTTP on 16 connections: 13 µs of
// CPU a point instead of 17 to 25.) What would wait, and what comes before the first batch, is done by a db writer that
// has a thread, which it spawns, owns and ends with. Spawned and watched by the writer supervisor, and for the pool a
// db writer like any other.

#include "actors/db_writer.hpp"
#include "store/stepwise_insert.hpp"

#include <deque>
#include <functional>

namespace goloca::actors {

/// Has `then` run on this thread once the socket is ready for that; one wait at a time. Its end is the wait's.
using socket_watch = std::function<void(store::socket_event, std::function<void()> then)>;

struct stepwise_writer_settings {
  std::function<db_writer(writer_watcher)> spawn; // of the one with a thread, which is not to probe by itself
  /// Null when no watch can be had (no descriptor is left): then the thread does it all.
  std::function<socket_watch(int socket)> watch;
  std::chrono::nanoseconds probe_interval = std::chrono::seconds{1}; // how often an idle connection is asked
};

/// Invariant: the store is used by one at a time. While `busy`, that is the batch at hand or what `threaded` was asked;
/// everything else waits its turn.
struct stepwise_writer_state {
  static inline const char* name = "stepwise_writer";
  using answer = caf::typed_response_promise<batch_result>;
  struct turn {
    std::function<void()> work;
    std::function<void(const caf::error&)> refuse; // says to the asker that it will not be done
  };

  db_writer threaded{};
  std::shared_ptr<store::stepwise_insert> steps{};
  socket_watch watch{};
  std::optional<std::pair<insert_batch, answer>> at_hand{}; // being stored in steps
  std::vector<store::row_view> rows{};                      // of it; kept for its memory
  bool busy = false;
  std::deque<turn> waiting{};
  bool busy_since_probe = false; // a batch went well since the last probe, so asking is needless

  stepwise_writer_state();  // beside its destructor: clang 16 emits that of at_hand nowhere else
  ~stepwise_writer_state(); // whoever waits hears that it is over
};

/// \param watcher  is told writer_ready once connected; when it dies, the writer ends.
stepwise_writer::behavior_type run_stepwise_writer(stepwise_writer::stateful_pointer<stepwise_writer_state> self,
                                                   stepwise_writer_settings settings, writer_watcher watcher);

} // namespace goloca::actors
