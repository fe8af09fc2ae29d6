#pragma once
// Spawns, watches and restarts the db writers; the rules of retry and restart live here (restart_rule.hpp) and nowhere
// else. Spawned and watched by the node supervisor. Ends when the store never comes at the first start, when it does
// not fit, or when writers crash too often; its writers end with it.

#include "actors/db_writer.hpp"
#include "actors/restart_rule.hpp"

#include <functional>
#include <vector>

namespace goloca::actors {

struct writer_supervisor_settings {
  std::size_t writers = 2;                                            // NUM_POOL_WORKERS
  std::size_t first_attempts = 10;                                    // MAX_DB_CONNECTION_ATTEMPTS
  std::chrono::nanoseconds first_interval = std::chrono::seconds{10}; // DB_CONNECTION_RETRY_INTERVAL
  bool look_for_faults = false;                                       // supervisor.crash may be switched on
  bool came_before = false; // an earlier supervisor of this node had the store: no limit on attempts
  restart_rule rule{};
  std::function<double()> jitter; // 0 to 1; a test passes a constant
  std::function<db_writer(writer_watcher)>
      spawn; // what blocks has a thread; in a test none, else its time would be real
  std::function<void(const store::durability&)> on_first_ready = [](const auto&) {
  }; // once, when the store is there for the first time
  std::function<void(const std::string&)> log_warning = [](const auto&) {
  }; // what a person should know of: each lost connection, each crash
  std::function<void(const writer_counts&)> last_words = [](const auto&) {}; // once, when it ends, whatever by
};

/// What is to be done about a writer's end.
struct restart_decision {
  std::chrono::nanoseconds wait{};              // then start the slot again
  std::optional<caf::error> end = std::nullopt; // or: no more, and why
};

/// Invariant: each slot has a writer, or a start on its way; before the first success only slot 0 has.
struct writer_supervisor_state {
  static inline const char* name = "writer_supervisor";

  struct slot {
    db_writer writer{}; // ours to hold: a writer without a thread would end where nobody else does
    bool ready = false;
    unsigned attempt = 0;      // of this slot's backoff
    bool came_before = false;  // a writer of this slot was connected once, perhaps under an earlier supervisor
    time_point starts_at{};    // while there is no writer
    failure_record failures{}; // of its writers
  };

  writer_supervisor_settings settings{};
  std::vector<slot> slots{};
  std::vector<writer_ready> announced{}; // the writers that are up, for a new pool
  bool came_once = false;                // the store was there: from now on without limit
  bool others_started = false;
  std::size_t first_attempt = 0;
  std::string missing_reason{}; // why the last writer that ended did so
  writer_counts counts{};

  ~writer_supervisor_state() { settings.last_words(counts); }

  /// The slot of that writer, or nothing for a stranger.
  [[nodiscard]] std::optional<std::uint32_t> slot_of(const caf::actor_addr& writer) const;
  void note_ready(std::uint32_t which, writer_ready ready);
  [[nodiscard]] writers_status status() const;
  [[nodiscard]] restart_decision after_death(std::uint32_t which, const caf::error& why, time_point now, double jitter);
};

writer_supervisor::behavior_type
run_writer_supervisor(writer_supervisor::stateful_pointer<writer_supervisor_state> self,
                      writer_supervisor_settings settings, writer_pool pool);

} // namespace goloca::actors
