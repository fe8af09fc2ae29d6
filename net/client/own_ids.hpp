#pragma once
// The ids that `send` gives to points without one.

#include "store/point_id.hpp"

#include <random>

namespace goloca::net::client {

/// One for the process: it outlives every reader, even one that is stuck and left behind.
inline store::point_id_source& own_ids() {
  static store::point_id_source ids{std::random_device{}()};
  return ids;
}

} // namespace goloca::net::client
