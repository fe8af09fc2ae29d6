#pragma once
// Whether a run of rows goes into the table by COPY first. COPY costs the server a third to a half of an INSERT, but
// takes all or nothing: one id that is there already, and its work is lost, leaves dead rows behind, and the INSERT
// comes on top. Pure; one per connection.

#include <algorithm>
#include <cstddef>

namespace goloca::store {

class copy_rule {
public:
  /// Below this many rows a COPY is not worth it. (Measured, the server's CPU in µs a row by COPY and by INSERT: 2 rows
  /// 92 and 109, 8 rows 23 and 29, 16 rows 14 and 23, 200 rows 3.1 and 6.0. Since a COPY takes one round trip, as an
  /// INSERT does, nothing speaks against a small one.)
  static constexpr std::size_t least_rows = 2;

  /// Of one COPY: more are several, in one transaction. A binary COPY gathers up to 1,000 rows before it writes them,
  /// and for each row that it gathers PostgreSQL 15 notes the table's description once more, in a hash table in which
  /// they all collide (by its profile: ResourceOwnerRememberTupleDesc): the cost grows with the square. (Measured, µs a
  /// row of the server's CPU in batches of 1,000: in one COPY 6.4, of 500 rows 2.9, 300 2.7, 200 2.7, 100 2.9.)
  static constexpr std::size_t most_rows = 200;

  /// With c and i what a row costs by COPY and by INSERT, COPY first pays while it fails less often than 1 - c/i, which
  /// is a half to two thirds. The dead rows of a failure cost too, and are not in that sum: all but the parts that were
  /// not begun are written when it fails, so there is up to this much of a dead row for each point. (Measured with 1
  /// replay in 10,000, batches of some 256, of which 0.026 fail: 0.022 of one. With 0.4 instead, 1 in 2,000 and 64 × 16
  /// in flight, three rounds, 86,000 points/s were 100,000: not thought worth twice the dead rows.)
  static constexpr double most_failures = 0.2;

  /// So many points remember what share of them COPY cannot take.
  static constexpr double memory = 20'000;

  [[nodiscard]] bool worth_it(std::size_t rows) const {
    return rows >= least_rows && misfits_ * static_cast<double>(rows) < most_failures;
  }

  /// \param misfits  those of the rows that a COPY fails at: their ids were there, or the database refused them.
  void learn(std::size_t rows, std::size_t misfits) {
    if (rows == 0) return;
    auto share = static_cast<double>(misfits) / static_cast<double>(rows);
    misfits_ += (share - misfits_) * std::min(1.0, static_cast<double>(rows) / memory);
  }

private:
  double misfits_ = 0; // share of late, an exponentially weighted mean
};

} // namespace goloca::store
