#pragma once
// The actors under test: the real tree from the node supervisor down, its process that starts again when the node ends,
// and a look into the tree between two steps.

#include "actors/node_supervisor.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/model_store.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/script.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace goloca::simulation {

/// Of a node in a cluster.
struct place {
  network* lines = nullptr; // null: a node by itself
  std::size_t number = 0;   // edges first
};

class tree {
public:
  /// Of points, with their clients at the pool; sorted.
  using numbers = std::vector<std::pair<caf::actor_id, std::uint64_t>>;

  tree(stage& on, promises& model, const settings& with, std::shared_ptr<model_table> table,
       std::shared_ptr<door> entrance, place in = {});

  /// How long an edge waits for the result of a batch.
  [[nodiscard]] static nanoseconds link_patience(const settings& with);

  void start();

  /// The node lives, and is not about to start again.
  [[nodiscard]] bool up() const { return !starts_again_ && !rolls_; }

  /// Nobody of that kind may be there at the moment; then nobody dies.
  void kill(victim whom, std::size_t which);

  /// As at a new release: the node drains, its process ends, the next one starts.
  void roll();

  /// An edge's writers, from now on.
  void regroup(std::vector<std::string> members);

  /// Checks queue, points, connections, account and links.
  void watch();

  /// What is not as it should be where nothing is left to do, and nothing broken; empty: all is.
  [[nodiscard]] std::string unrest() const;

  /// Asks the node to drain; the slip is filled in when it has, and before `done` is called.
  std::shared_ptr<std::optional<actors::account>> drain(std::function<void()> done = [] {});

  /// Ends everything, for good.
  void end();

private:
  actors::node_supervisor_settings settings_of_node();
  void join_cluster(actors::node_supervisor_settings& made);
  actors::link_supervisor_settings supervision(const actors::link_hello& own);
  actors::link_hosts_settings hosting(const actors::link_hello& own);
  std::function<double()> jitter();
  std::function<void(const std::string&)> warner();
  actors::db_writer spawn_writer(actors::writer_watcher watcher);
  actors::db_writer spawn_with_thread(nanoseconds probe_interval, actors::writer_watcher watcher);
  // To the model, and to whoever kills writers.
  actors::db_writer known(const actors::db_writer& writer, const caf::actor_addr& supervisor);
  void start_again();
  void watch_points(const actors::node_supervisor_state& parts, const actors::writer_pool_state& pool);
  void watch_connections(const numbers& held);
  void watch_hosts(const actors::link_hosts& parent, const numbers& held);
  void watch_links(const actors::node_supervisor_state& parts);
  [[nodiscard]] std::string unrest_of_links(const actors::node_supervisor_state& parts) const;
  [[nodiscard]] std::string unrest_of_hosts(const actors::node_supervisor_state& parts) const;

  stage& on_;
  promises& model_;
  const settings& with_;
  std::shared_ptr<model_table> table_;
  std::shared_ptr<door> entrance_;
  place in_;
  actors::node_supervisor node_;
  actors::connections operators_;
  std::vector<caf::actor_addr> writers_; // that live; whose they are is the supervisor's to see to
  std::vector<caf::actor> askers_;
  std::uint64_t incarnations_ = 0;
  std::uint64_t processes_ = 0;
  bool starts_again_ = false;
  bool rolls_ = false;
  bool ended_ = false;
};

} // namespace goloca::simulation
