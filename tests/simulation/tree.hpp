#pragma once
// The actors under test: the real tree from the node supervisor down, its process that starts again when the node ends,
// and a look into the tree between two steps.

#include "actors/node_supervisor.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/model_store.hpp"
#include "tests/simulation/script.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace goloca::simulation {

class tree {
public:
  tree(stage& on, promises& model, const settings& with, std::shared_ptr<model_table> table,
       std::shared_ptr<door> entrance);

  void start();

  /// The node lives, and is not about to start again.
  [[nodiscard]] bool up() const { return !starts_again_; }

  /// Nobody of that kind may be there at the moment; then nobody dies.
  void kill(victim whom, std::size_t which);

  /// Checks queue, connections and account.
  void watch();

  /// Asks the node to drain; the slip is filled in when it has.
  std::shared_ptr<std::optional<actors::account>> drain();

  /// Ends everything, for good.
  void end();

private:
  actors::node_supervisor_settings settings_of_node();
  actors::db_writer spawn_writer(actors::writer_watcher watcher);
  void start_again();

  stage& on_;
  promises& model_;
  const settings& with_;
  std::shared_ptr<model_table> table_;
  std::shared_ptr<door> entrance_;
  actors::node_supervisor node_;
  actors::connections operators_;
  std::vector<actors::db_writer> writers_; // that live
  std::vector<caf::actor> askers_;
  std::uint64_t incarnations_ = 0;
  bool starts_again_ = false;
  bool ended_ = false;
};

} // namespace goloca::simulation
