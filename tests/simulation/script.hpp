#pragma once
// What a simulation is to play: settings of a node or a cluster, what clients send and when, who is killed, how the
// database and the links fail. All of it follows from the seed; parts can be left out, which is how a failure is made
// small.

#include "tests/simulation/model_store.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/ride.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace goloca::simulation {

struct settings {
  std::size_t clients = 1;
  std::size_t writers = 2;
  std::size_t max_queued = 100;
  std::size_t max_batch = 10;
  std::size_t parallel_from = 256;
  std::size_t max_connections = 10;
  std::size_t max_in_flight = 32;     // points of a connection, the session's credit
  std::size_t restart_intensity = 10; // crashes within a minute that end the node
  nanoseconds request_timeout = std::chrono::seconds{1};
  nanoseconds call_patience = std::chrono::seconds{1};    // the clock of a store's call
  std::optional<cluster_settings> cluster = std::nullopt; // none: a node by itself
};

/// Whom a kill meets.
enum class victim : std::uint8_t {
  writer,
  writer_supervisor,
  pool,
  connection,
  connections,
  operators,
  node,
  link,
  link_supervisor,
  host,
  hosts,
};

/// One thing that happens from outside.
struct happening {
  enum class kind : std::uint8_t {
    burst,
    leave,
    question,
    kill,
    fault,
    outage,
    poison,
    refusal,
    network, // something goes wrong with it
    roll,    // a node drains, ends and starts again
    regroup, // an edge hears that a writer is no member, and after a while that it is again
  };
  kind what = kind::burst;
  nanoseconds at{0};          // since the start
  std::size_t who = 0;        // burst, leave, question, a kill of a connection: the client; other kills: which
  std::size_t node = 0;       // kill, roll, regroup
  std::vector<point> points;  // burst
  std::int64_t id = 0;        // question, poison, refusal
  victim whom = victim::pool; // kill
  fault meddled{};            // fault: of the next insert that has none yet
  nanoseconds lasts{0};       // outage, regroup
  store::error_kind why = store::error_kind::unavailable; // outage
  std::size_t writer = 0;                                 // regroup
  trouble befalls{};                                      // network
};

struct script {
  settings with;
  std::vector<happening> happenings; // by time
};

/// Some seeds are of a cluster.
[[nodiscard]] script script_of(std::uint64_t seed);

/// \param most  edges, and writer nodes.
[[nodiscard]] script cluster_script_of(std::uint64_t seed, std::size_t most = 3);

/// When the last of it has happened, and what goes wrong with the network for a while has passed.
[[nodiscard]] nanoseconds end_of(const script& whole);

/// A script comes apart into pieces, numbered from 0: each point of a burst is one, and everything else that happens.
[[nodiscard]] std::size_t pieces_of(const script& whole);

/// The script with these pieces only.
/// \param kept  ascending
[[nodiscard]] script part_of(const script& whole, const std::vector<std::size_t>& kept);

/// A line each, for a person.
[[nodiscard]] std::string to_string(const settings& of);
[[nodiscard]] std::string to_string(const happening& what);

} // namespace goloca::simulation
