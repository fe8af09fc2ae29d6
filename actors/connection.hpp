#pragma once
// One per HTTP or WebSocket connection: its window, its order, its deadline, its account. Spawned and watched by
// `connections`, and ends with it; it watches the pool.

#include "actors/connection_state.hpp"

#include <functional>

namespace goloca::actors {

/// The part of `connections` that a connection sees.
using account_keeper = caf::typed_actor<caf::reacts_to<account_delta>>;

struct connection_settings {
  std::function<std::int64_t()> new_id; // for points that came without one; any thread may call it
  /// Everything due within this time is answered at a tick, so that no answer comes after its deadline.
  std::chrono::nanoseconds tick_interval = std::chrono::milliseconds{20};
};

connection::behavior_type run_connection(connection::stateful_pointer<connection_state> self, reply_port out,
                                         connection_settings settings, account_keeper keeper, writer_pool pool);

} // namespace goloca::actors
