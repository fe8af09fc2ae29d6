#pragma once
// A node in the test's own process, on real sockets and threads, over a table in memory: so a test can kill its actors.

#include "actors/node_supervisor.hpp"
#include "net/io_threads.hpp"
#include "net/listener.hpp"
#include "store/memory_store.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace goloca::test {

class node_on_sockets {
public:
  node_on_sockets();
  ~node_on_sockets();
  node_on_sockets(const node_on_sockets&) = delete;
  node_on_sockets& operator=(const node_on_sockets&) = delete;

  [[nodiscard]] std::uint16_t port() const { return clients_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return operators_->port(); }
  [[nodiscard]] store::memory_table& table() { return *table_; }

  enum class victim : std::uint8_t {
    writer,
    writer_supervisor,
    writer_pool,
    client_connection,
    client_connections,
    operator_connections
  };

  /// Sends exit_reason::kill to the one that came last. \return false when none is known: a pool is once a batch came
  /// from it, a connection once it is open.
  bool kill(victim who);

  [[nodiscard]] int given_up() const { return given_up_; } // how often the node said that it cannot go on
  [[nodiscard]] std::vector<std::string> errors() const;   // bugs that the node noticed itself

  /// Ends all connections when their clients have left; the account. Empty: not within `patience`.
  std::optional<actors::account> drain(std::chrono::milliseconds patience = std::chrono::seconds{20});

private:
  struct actor_settings : caf::actor_system_config {
    actor_settings();
  };
  /// The handles that the test kills by; the last of each kind.
  struct handles {
    std::mutex mutex;
    actors::db_writer writer;
    actors::writer_watcher supervisor;
    caf::actor pool;
    actors::connection connection; // of a client
    actors::connections clients;
    actors::connections operators;
  };
  static actors::db_writer::behavior_type
  run_telling_writer(actors::db_writer::stateful_pointer<actors::db_writer_state> self, node_on_sockets* to,
                     actors::writer_watcher watcher);
  static actors::connections::behavior_type run_door(actors::connections::stateful_pointer<caf::unit_t> self,
                                                     node_on_sockets* to, actors::connections parent);
  [[nodiscard]] actors::node_supervisor_settings supervision();
  void open(actors::entrance where, actors::connections parent);

  std::shared_ptr<store::memory_table> table_ = std::make_shared<store::memory_table>(store::rides_schema());
  std::atomic<int> given_up_ = 0;
  mutable std::mutex errors_mutex_;
  std::vector<std::string> errors_;
  net::service service_;
  net::io_threads io_;
  std::shared_ptr<net::listener> clients_;
  std::shared_ptr<net::listener> operators_;
  handles known_;
  actor_settings for_actors_;
  caf::actor_system actors_{for_actors_};
  actors::node_supervisor supervisor_;
};

} // namespace goloca::test
