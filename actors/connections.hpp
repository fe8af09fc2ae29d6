#pragma once
// Parent of all connections: their count, their limit, their deadlines' clock, their drain, and the account of every
// point (promise 7). Spawned and watched by the node supervisor; when it dies, its connections end too.

#include "actors/connection.hpp"

#include <map>

namespace goloca::actors {

/// Who comes in where: clients with points, operators with questions.
enum class entrance : std::uint8_t { clients, operators };

struct connections_settings {
  std::size_t limit = 10'000; // MAX_CONNECTIONS
  connection_settings each;
};

/// Invariant: total.in_flight is the sum over `members`; total.conserved() holds after every function.
struct connections_state {
  static inline const char* name = "connections";

  struct member {
    connection handle;
    std::uint64_t in_flight = 0;
    time_point next_deadline = time_point::max();
  };

  std::map<caf::actor_addr, member> members{};
  account total{};
  bool draining = false;
  bool ticking = false;                                                    // a tick is on its way
  std::vector<caf::typed_response_promise<drained>> waiting_for_the_end{}; // one per drain

  void enter(connection handle);
  void note(const caf::actor_addr& from, const account_delta& delta);

  /// A connection ended. Points it still held never get an answer: they count as timeout.
  void leave(const caf::actor_addr& gone);

  /// The connections whose earliest deadline is not after `now`.
  [[nodiscard]] std::vector<connection> due(time_point now) const;
};

connections::behavior_type run_connections(connections::stateful_pointer<connections_state> self,
                                           connections_settings settings, writer_pool pool);

} // namespace goloca::actors
