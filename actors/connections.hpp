#pragma once
// Parent of all connections of one entrance: their count, their limit, their deadlines' clock, their drain. Spawned and
// watched by the node supervisor, which keeps the account of their points; when it dies, its connections end too.

#include "actors/connection.hpp"

#include <map>

namespace goloca::actors {

struct connections_settings {
  std::size_t limit = 10'000; // MAX_CONNECTIONS
  connection_settings each;
  /// At a drain WebSockets are told one after the other over so long a time, so that their clients do not all come to
  /// the other nodes at once; 0: all at once.
  std::chrono::nanoseconds drain_over{0};
};

/// Invariant: `websockets` counts the members that are one.
struct connections_state {
  static inline const char* name = "connections";

  struct member {
    connection handle;
    time_point due = time_point::max(); // then it wants a tick; max(): it has nothing in flight, and nothing to report
    bool ticked = false;                // just now, so what it has to report may not be said yet
    bool websocket = false;
    bool drains = false; // it was told to
  };

  std::map<caf::actor_addr, member> members{};
  std::uint64_t websockets = 0;
  connection_counts counts{};
  failure_record crashes{};
  bool draining = false;
  std::size_t drained_at_once = 0;          // WebSockets that are told to drain at a time
  time_point next_tick = time_point::max(); // on its way; max(): none is
  std::vector<caf::typed_response_promise<all_left>> waiting_for_the_end{}; // one per drain

  void enter(connection handle);
  void wake(const caf::actor_addr& who, time_point when);
  void upgrade(const caf::actor_addr& who);

  /// A connection ended.
  /// \param why  no error: as it should.
  void leave(const caf::actor_addr& gone, const caf::error& why, time_point now);

  /// The connections that are due by then; they leave the list.
  [[nodiscard]] std::vector<connection> take_due(time_point then);
  [[nodiscard]] time_point next_due() const; // max(): nobody is

  /// Who is to be told to drain now: everybody but WebSockets, and at most so many of those.
  [[nodiscard]] std::vector<connection> take_to_drain(std::size_t most_websockets);

  /// Those whose account may have changed since they last spoke of it.
  [[nodiscard]] std::vector<connection> take_to_report();
};

connections::behavior_type run_connections(connections::stateful_pointer<connections_state> self,
                                           connections_settings settings, node_books books, writer_pool pool);

} // namespace goloca::actors
