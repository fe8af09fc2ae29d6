#pragma once
// A writer's end of one link: a client of the writer pool, which merges its batches with those of others. Spawned and
// watched by link_hosts, and ends with it; it watches the pool. Only what is settled is told to the edge: anything else
// ends the link, and the edge gives its batches to another writer.

#include "actors/messages.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca::actors {

struct link_host_settings {
  std::uint32_t credit = 4;        // batches, as in the welcome
  std::uint32_t most_points = 500; // of a batch, as there
  std::chrono::nanoseconds readiness_interval = std::chrono::milliseconds{500};
};

/// The batches of one link. No clock: the caller passes `now`. Each point has a number of the host's own, from 0 on
/// without a gap. Invariant: a batch is in `batches` until the last of its points is settled.
struct link_host_state {
  static inline const char* name = "link_host";

  struct open_batch {
    std::uint64_t sequence = 0;
    std::uint64_t digest = 0;
    std::size_t missing = 0; // points that are not settled yet
    store::insert_result result{};
  };
  /// What a reply of the pool came to.
  struct progress {
    std::vector<link_result> results{}; // batches that are settled now
    std::optional<std::string> fault{}; // or: the link must end, and why
  };

  host_port out{};
  link_host_settings settings{};
  std::map<std::uint64_t, open_batch> batches{}; // by the number of the first point
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
  [[nodiscard]] host_report report() const { return {batches.size(), done.batches, done.points}; }

private:
  [[nodiscard]] std::map<std::uint64_t, open_batch>::iterator batch_with(std::uint64_t number);
  std::optional<std::string> settle(open_batch& of, std::size_t index, std::size_t count, const verdict_run& said);
};

link_host::behavior_type run_link_host(link_host::stateful_pointer<link_host_state> self, host_port out,
                                       link_host_settings settings, host_parent parent, writer_pool pool);

} // namespace goloca::actors
