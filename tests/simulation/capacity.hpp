#pragma once
// What a cluster without faults would carry, more nodes than one machine has cores for: the real pools, links, hosts
// and writers, over a store that keeps nothing, on nodes whose processors are a model: a node does one thing after the
// other. What a point takes there was measured on real ones (tests/cluster/scale.py: 3.7 to 4.9 µs at an edge, 1.3 to
// 1.5 at a writer); what a batch takes besides, and a frame on its way, is assumed.

#include "tests/simulation/stage.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goloca::simulation {

struct capacity_settings {
  std::size_t edges = 1;
  std::size_t writers = 1; // nodes
  std::size_t clients = 4; // of each edge; each keeps `window` points in flight, and sends anew what was answered
  std::uint32_t window = 64;
  double share = 0.05; // of a core, that each node has
  // Processor time: of a point at its edge, and at its writer's node; of a batch at either, besides.
  nanoseconds edge_point = std::chrono::nanoseconds{3'700};
  nanoseconds writer_point = std::chrono::nanoseconds{1'300};
  nanoseconds frame = std::chrono::microseconds{20};
  nanoseconds hop = std::chrono::microseconds{50}; // of a frame on its way
  nanoseconds lasts = std::chrono::seconds{2};     // after a warm-up of as long
};

/// \return points that were answered `stored`, a second of virtual time; 0 when one was answered otherwise. The same
///         for the same settings, in any process.
[[nodiscard]] double capacity_of(const capacity_settings& with);

} // namespace goloca::simulation
