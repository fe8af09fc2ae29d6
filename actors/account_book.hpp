#pragma once
// What a node has counted since it started, whoever of its actors has died meanwhile. Pure; the node supervisor has it.

#include "actors/node_status.hpp"

#include <array>
#include <cstddef>

namespace goloca::actors {

/// Counts that each actor of a kind begins anew: of those that ended, and of the one that lives as far as it is known.
template <class Counts>
struct counts_of_many {
  Counts past{};
  Counts present{};

  void know(const Counts& now) { present = now; }

  /// \param last  what it had counted in the end.
  void end(const Counts& last) {
    past += last;
    present = {};
  }

  [[nodiscard]] Counts all() const {
    auto sum = past;
    sum += present;
    return sum;
  }
};

/// Nothing in it ever goes down but points[].points.in_flight.
struct account_book {
  std::array<point_counts, transports> points{};
  counts_of_many<pool_counts> pools{};
  counts_of_many<writer_counts> writers{};
  std::array<counts_of_many<connection_counts>, entrances> connections{};
  std::array<failure_record, node_parts> failures{};

  void add(const account_report& told) { points[static_cast<std::size_t>(told.by)] += told.change; }

  [[nodiscard]] account sum() const;

  /// Fills in all counts.
  void copy_to(node_status& found) const;
};

} // namespace goloca::actors
