#pragma once
// Writes batches through one store, on its own thread: stores block. Spawned (detached) and watched by the writer
// supervisor, or by a stepwise writer, for which it does what blocks. Whatever goes wrong with the store ends the
// writer, so the pool has one case and a restart a fresh connection.

#include "actors/messages.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace goloca::actors {

/// Tells the supervisor that a writer came up.
using writer_watcher = caf::typed_actor<caf::reacts_to<writer_ready>>;

struct db_writer_settings {
  store::store_opener open;
  /// How often an idle connection is asked; zero: when it is told to.
  std::chrono::nanoseconds probe_interval = std::chrono::seconds{1};
};

/// Why a writer ends when its store is lost.
[[nodiscard]] caf::error end_of(const store::store_error& lost);

/// What the pool hears of a batch of so many points.
/// \throw std::logic_error  the store did not say what became of each: a bug of its.
[[nodiscard]] batch_result result_of(batch_id id, store::insert_result written, std::size_t points);

/// The store of one writer. Each function makes one attempt; retries are the pool's and the supervisor's.
struct db_writer_state {
  static inline const char* name = "db_writer";
  std::shared_ptr<store::data_point_store> store = nullptr;
  std::vector<store::row_view> rows = {}; // of the batch being written; kept for its memory
  bool busy_since_probe = false;          // a batch went well since the last probe, so asking is needless

  store::result<store::durability> connect(const store::store_opener& open);
  store::result<batch_result> write(const insert_batch& batch);
  store::result<batch_result> finish(batch_id begun);
  [[nodiscard]] std::shared_ptr<store::stepwise_insert> steps() const;
  store::result<find_result> find(std::int64_t id);
  std::optional<store::store_error> probe(); // asks only a connection that was idle since the last probe
};

/// \param watcher  is told writer_ready once connected; when it dies, the writer ends.
threaded_writer::behavior_type run_db_writer(threaded_writer::stateful_pointer<db_writer_state> self,
                                             db_writer_settings settings, writer_watcher watcher);

} // namespace goloca::actors
