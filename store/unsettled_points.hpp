#pragma once
// The points of one insert on their way to an outcome each: which go to the database next, and what becomes of repeats.
// Pure bookkeeping for a store whose statement takes each id once.

#include "store/data_point_store.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace goloca::store {

/// Invariant: every point is settled, or in the group of exactly one leader.
class unsettled_points {
public:
  /// The rows' blocks must outlive it.
  explicit unsettled_points(std::span<const row_view> points);

  /// The first unsettled point of each id, by id ascending: writers that insert in one order do not deadlock.
  [[nodiscard]] std::span<const row_view> leaders() const { return leaders_; }

  /// The leader's place among leaders(), which has that id. It must have one.
  [[nodiscard]] std::size_t leader_of(std::int64_t id) const;

  // Each settles a leader and its repeats; `leader` is its place among leaders().

  /// It is a new row. Repeats of the same content are duplicates, others are in conflict with it.
  void stored(std::size_t leader);

  /// The id was there before, with that row: it alone decides.
  void taken(std::size_t leader, row_view by);

  /// The database refused it for its data, and repeats of the same content with it. Others have their own turn.
  void refused(std::size_t leader, const std::string& sqlstate, const std::string& message);

  /// Every leader is settled. Makes new leaders of what is left; false: nothing is.
  bool next_round();

  /// Once nothing is left.
  [[nodiscard]] insert_result take();

private:
  void lead();
  void settle(std::uint32_t point, outcome what) { result_.outcomes[point] = what; }
  [[nodiscard]] std::span<const std::uint32_t> repeats(std::size_t leader) const;

  std::span<const row_view> points_;
  std::vector<std::uint32_t> waiting_; // places in points_, by id, then place
  std::vector<row_view> leaders_;
  std::vector<std::uint32_t> groups_; // groups_[i]: where in waiting_ leader i stands; one more at the end
  std::vector<std::uint32_t> later_;  // waiting_ of the next round
  insert_result result_;
};

} // namespace goloca::store
