#pragma once
// One per HTTP or WebSocket connection: its window, its order, its deadline, its account. Spawned and watched by
// `connections`, and ends with it; it watches the pool. It speaks of its account only when asked, or when it ends
// (whatever by): a word for each reply would cost as much as the reply.

#include "actors/connection_state.hpp"

#include <functional>

namespace goloca::actors {

/// The part of `connections` that a connection sees: it wakes us at deadlines, and tells those who asked to be woken to
/// report.
using connection_parent = caf::typed_actor<caf::reacts_to<wake_at>, caf::reacts_to<became_websocket>>;

struct connection_settings {
  std::function<std::int64_t()> new_id; // for points that came without one; any thread may call it
  /// Everything due within this time is answered at a tick, so that no answer comes after its deadline.
  std::chrono::nanoseconds tick_interval = std::chrono::milliseconds{20};
  std::chrono::nanoseconds request_timeout = std::chrono::seconds{10}; // REQUEST_TIMEOUT
};

/// A window with last words: what it still holds when its actor ends gets no answer, and counts as timeout.
struct reporting_connection : connection_state {
  node_books books{};

  reporting_connection() = default;
  reporting_connection(const reporting_connection&) = delete;
  reporting_connection& operator=(const reporting_connection&) = delete;
  ~reporting_connection();

  /// Tells the books what happened since the last time; nothing where nothing did.
  void report();
};

connection::behavior_type run_connection(connection::stateful_pointer<reporting_connection> self, reply_port out,
                                         connection_settings settings, connection_parent parent, node_books books,
                                         writer_pool pool);

} // namespace goloca::actors
