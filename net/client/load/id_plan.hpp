#pragma once
// Which ids a run uses.

#include "net/client/bench.hpp"

#include <algorithm>
#include <chrono>

namespace goloca::net::load {

/// An id for every nanosecond since 1970: a run has as many to give as it lasts, so the next one begins behind it.
inline std::uint64_t first_id_by_clock(std::chrono::system_clock::time_point now) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds{now.time_since_epoch()}.count());
}

/// How many ids each connection has, next to each other: its share of the run's nanoseconds, or all points of the run
/// where that is less.
inline std::uint64_t id_range(const bench_options& options) {
  std::chrono::nanoseconds lasts = options.warmup + options.duration;
  auto share = static_cast<std::uint64_t>(lasts.count()) / options.connections;
  return (options.points == 0 ? share : std::min(share, options.points)) + options.array;
}

} // namespace goloca::net::load
