#pragma once
// A writer's end of one link: a client of the writer pool, which merges its batches with those of others. Spawned and
// watched by link_hosts, and ends with it; it watches the pool. Only what is settled, or given up, is told to the edge;
// what the pool has no room for waits; anything else ends the link, and the edge gives its batches to another writer.

#include "actors/messages.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca::actors {

struct link_host_settings {
  std::uint16_t version = wire_versions{}.most; // of the wire, as in the welcome
  std::uint32_t credit = 4;                     // batches, as there
  std::uint32_t most_points = 500;              // of a batch, as there
  std::chrono::nanoseconds readiness_interval = std::chrono::milliseconds{500};
  /// After which the pool is asked again to take what it had no room for.
  std::chrono::nanoseconds crowded_interval = std::chrono::milliseconds{20};
};

/// The batches of one link. No clock: the caller passes `now`. Each point has a number of the host's own, from 0 on
/// without a gap. Invariant: a batch is in `batches` until the last of its points is settled; until then the pool has
/// the point, or `crowded` does.
struct link_host_state {
  static inline const char* name = "link_host";

  struct open_batch {
    link_result result;      // so far
    std::size_t missing = 0; // points that are not settled yet
    time_point deadline{};
    std::vector<store::row_range> rows{};
  };
  /// Points that the pool had no room for.
  struct crowded_run {
    std::uint64_t first = 0; // number; all of one batch
    std::uint32_t count = 0;
  };
  /// What a reply of the pool came to.
  struct progress {
    std::vector<link_result> results{}; // batches that are settled now
    std::optional<std::string> fault{}; // or: the link must end, and why
  };

  host_port out{};
  link_host_settings settings{};
  std::map<std::uint64_t, open_batch> batches{}; // by the number of the first point
  std::vector<crowded_run> crowded{};            // oldest first
  bool asking_again = false;                     // a dispatch_queued for them is on its way
  std::uint64_t next_point = 0;
  std::uint64_t last_sequence = 0;
  host_report done{};
  bool closed = false; // the transport need not hear of our end

  link_host_state() = default;
  link_host_state(const link_host_state&) = delete;
  link_host_state& operator=(const link_host_state&) = delete;

  /// It ended, whatever by: the edge hears of it.
  ~link_host_state();

  /// \return what the pool is to store, or how the edge broke the rules.
  [[nodiscard]] std::variant<insert_request, std::string> take(link_batch batch, time_point now);
  [[nodiscard]] progress apply(const insert_reply& reply);
  /// \return what the pool is to be asked for once more: a full queue is no fault of a link's, and its credit bounds
  ///         what waits here.
  [[nodiscard]] std::vector<insert_request> take_crowded();
  [[nodiscard]] host_report report() const { return {batches.size(), done.batches, done.points}; }

private:
  using batch_place = std::map<std::uint64_t, open_batch>::iterator;
  [[nodiscard]] batch_place batch_with(std::uint64_t number);
  std::optional<std::string> settle(batch_place at, std::uint32_t index, std::uint32_t count, const verdict_run& said);
};

link_host::behavior_type run_link_host(link_host::stateful_pointer<link_host_state> self, host_port out,
                                       link_host_settings settings, host_parent parent, writer_pool pool);

} // namespace goloca::actors
