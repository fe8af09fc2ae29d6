#pragma once
// The whole tree of actors over a table in memory, in virtual time: clients without sockets, writers that are not
// detached.

#include "actors/node_supervisor.hpp"
#include "store/memory_store.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/virtual_time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace goloca::test {

class node_in_time : public virtual_time {
public:
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  std::vector<actors::db_writer> writers{}; // every one that was ever spawned
  std::vector<caf::error> ends{};           // each call of `end`
  std::vector<std::string> warnings{};
  std::vector<std::string> errors{}; // bugs that the node noticed itself
  actors::connections clients{};     // where new clients go
  actors::connections operators{};
  actors::node_supervisor node{};

  [[nodiscard]] actors::node_supervisor_settings settings();
  void start(actors::node_supervisor_settings with);
  void start() { start(settings()); }

  /// Opens a connection, or is refused.
  [[nodiscard]] fake_client connect() { return connect(clients); }
  [[nodiscard]] fake_client connect(const actors::connections& to);

  /// Sends a burst with the usual deadline of 10 s, and settles.
  void send(fake_client& from, const store::row_range& points);

  /// The account of all clients, which must be conserved.
  [[nodiscard]] actors::account total();

  /// Asks how the node is; nothing runs by that. The answer is in `scrapes` once it has come.
  void scrape();
  std::vector<std::shared_ptr<const actors::node_status>> scrapes{};

  /// Every scrape balances, for each transport, and no count of one is below that of one before; so does the node find.
  void expect_conserved() const;

  [[nodiscard]] actors::node_supervisor_state& parts() { return state_of<actors::node_supervisor_state>(node); }

  /// A new client's point is stored: it serves again.
  void expect_service(std::int64_t fresh_id);

protected:
  void TearDown() override;
};

} // namespace goloca::test
