#pragma once
// What a simulation is to play: settings of a node, what its clients send and when, who is killed, how the database
// fails. All of it follows from the seed; parts can be left out, which is how a failure is made small.

#include "tests/simulation/model_store.hpp"
#include "tests/simulation/ride.hpp"

#include <cstdint>
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
  nanoseconds call_patience = std::chrono::seconds{1}; // the clock of a store's call
};

/// Whom a kill meets.
enum class victim : std::uint8_t { writer, writer_supervisor, pool, connection, connections, operators, node };

/// One thing that happens from outside.
struct happening {
  enum class kind : std::uint8_t { burst, leave, question, kill, fault, outage, poison, refusal };
  kind what = kind::burst;
  nanoseconds at{0};          // since the start
  std::size_t who = 0;        // burst, leave, question, a kill of a connection: the client; kill of a writer: which
  std::vector<point> points;  // burst
  std::int64_t id = 0;        // question, poison, refusal
  victim whom = victim::pool; // kill
  fault meddled{};            // fault: of the next insert that has none yet
  nanoseconds lasts{0};       // outage
  store::error_kind why = store::error_kind::unavailable; // outage
};

struct script {
  settings with;
  std::vector<happening> happenings; // by time
};

[[nodiscard]] script script_of(std::uint64_t seed);

/// A script comes apart into pieces, numbered from 0: each point of a burst is one, and everything else that happens.
[[nodiscard]] std::size_t pieces_of(const script& whole);

/// The script with these pieces only.
/// \param kept  ascending
[[nodiscard]] script part_of(const script& whole, const std::vector<std::size_t>& kept);

/// A line each, for a person.
[[nodiscard]] std::string to_string(const settings& of);
[[nodiscard]] std::string to_string(const happening& what);

} // namespace goloca::simulation
