#pragma once
// Everything that the senders of one run were answered, and when.

#include "net/client/drill/waiting.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

namespace goloca::net::drill {

/// What was heard of one point at one moment.
enum class heard : std::uint8_t {
  stored,    // acked as new
  duplicate, // acked as stored before
  renewed,   // acked as new, although it had been acked before it was sent again
  conflict,  // a point with the id of another: as it must be
  refused,   // not now: overloaded, unavailable, timeout
  wrong,     // refused for good, although nothing is wrong with it
  lost,      // the connection was, before the answer came
  silent,    // the connection lives, but no answer came by the deadline and a second more
  mute,      // may be sent again, but it does not say after what time
  misfit,    // what came is no answer to what was sent: one too many, one too few, another's
};
inline constexpr std::size_t kinds_heard = 10;

struct note {
  time_point at;
  heard what;
};

/// Any thread.
class chronicle {
public:
  void add(time_point at, heard what) {
    std::scoped_lock held{lock_};
    notes_.push_back({at, what});
    ++counts_.at(static_cast<std::size_t>(what));
    if (acks(what)) last_ack_ = std::max(last_ack_, at);
  }

  static bool acks(heard what) { return what == heard::stored || what == heard::duplicate || what == heard::renewed; }

  [[nodiscard]] time_point last_ack() const { // the epoch: none yet
    std::scoped_lock held{lock_};
    return last_ack_;
  }
  [[nodiscard]] std::vector<note> notes() const {
    std::scoped_lock held{lock_};
    return notes_;
  }
  [[nodiscard]] std::uint64_t count(heard what) const {
    std::scoped_lock held{lock_};
    return counts_.at(static_cast<std::size_t>(what));
  }

private:
  mutable std::mutex lock_;
  std::vector<note> notes_;
  std::array<std::uint64_t, kinds_heard> counts_{};
  time_point last_ack_{};
};

} // namespace goloca::net::drill
