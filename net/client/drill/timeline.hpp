#pragma once
// What the senders saw over time. Pure.

#include "net/client/drill/chronicle.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace goloca::net::drill {

inline constexpr milliseconds slot_width{50};

/// The moments of a run.
struct phases {
  time_point start;        // of the load
  time_point struck;       // the fault begins
  time_point in_force;     // it has its effect, at the latest
  time_point cured;        // its cause is gone
  time_point end;          // no new points come after it
  bool undisturbed = true; // goloca had nothing to complain of before the fault
};

/// A run in slots of slot_width from its start on.
struct timeline {
  std::vector<std::uint32_t> acked;
  std::vector<std::uint32_t> refused; // overloaded, unavailable, timeout, lost
  double struck = 0;                  // in slots
  double cured = 0;
};
timeline draw(const std::vector<note>& notes, const phases& when);

/// The longest time without an ack while points came.
milliseconds longest_outage(const std::vector<note>& notes, const phases& when);

/// From the cure to the ack after which no pause is longer than a short one, while points came; nothing when none came.
std::optional<milliseconds> recovery(const std::vector<note>& notes, const phases& when);
inline constexpr milliseconds short_pause{400}; // of a busy machine, not of the service

/// How many points were acked as new in this time.
std::uint64_t stored_between(const std::vector<note>& notes, time_point from, time_point to);

/// Acked as new although they were acked before, while nothing was wrong: a service that had to write them twice itself
/// may say so.
std::uint64_t doubled_answers(const std::vector<note>& notes, const phases& when);

} // namespace goloca::net::drill
