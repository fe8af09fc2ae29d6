#pragma once
// Every point that was read and has no final answer yet, and what is to be done with each. No socket, no clock, no
// chance: the caller passes `now` and jitter.

#include "net/client/point_source.hpp"
#include "net/client/reply.hpp"
#include "net/client/witness.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace goloca::net::client {

using time_point = std::chrono::steady_clock::time_point;

/// A point on its way.
struct parcel {
  item point;
  unsigned attempts = 0;       // answers and losses so far
  bool witnessed = false;      // under the id that it has
  std::size_t most = SIZE_MAX; // points in a message with it; 0: nothing else may be on the connection either
};
using batch = std::vector<parcel>;

/// How long to wait before attempt number `attempts` + 1: what the service asked for and a little more, at least a
/// backoff that doubles from 100 ms to 2 s. \param jitter  0 to 1: without it all that failed together would come back
/// together.
std::chrono::milliseconds backoff(unsigned attempts, std::chrono::milliseconds asked, double jitter);

/// The code that a witness hears when there was no answer, for the connection was lost.
inline constexpr std::string_view lost_code = "lost";

struct tally {
  std::uint64_t read = 0;
  std::uint64_t stored = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0; // by the service for good, or unreadable here
  std::uint64_t again = 0;   // answers and losses after which a point was to be sent again
  [[nodiscard]] std::uint64_t final() const { return stored + duplicates + refused; }
};

/// Invariant: read = stored + duplicates + refused + out_ + waiting_.size(), and out_ + waiting_.size() <= window.
class outbox {
public:
  struct bounds {
    std::size_t window;
    std::size_t batch;
    std::size_t bytes = std::size_t{1} << 19; // of a message: half of what the service takes by default
  };
  struct ways {
    std::function<std::optional<item>()> next;                   // nothing when there is none now
    std::function<bool()> exhausted;                             // there is none and will be none
    std::function<void(const item&, const point_reply&)> refuse; // called once for every refused point
    std::function<std::string()> new_id; // for a point whose id we gave and which turned out to be taken
    std::function<double()> jitter;
    witness* told = nullptr; // null: nobody
  };
  outbox(bounds limits, ways out);

  /// Points to send now, as one message; empty when there are none. Each is to come back by exactly one of the
  /// functions below. \param idle  nothing is in flight on the connection that it is for.
  batch take(time_point now, bool idle);

  /// Gives each point its end, or puts it back. \return false for nonsense: then the points were put back, and the
  /// connection is not to be used again.
  bool settle(batch sent, const reply& got, time_point now);

  /// They were lost with their connection, or never sent: they may be sent again at once.
  void give_back(batch sent, time_point now, const std::string& why);

  /// The service closed the connection because one of these messages was too large, it did not say which.
  void give_back_smaller(std::vector<batch> sent, time_point now, const std::string& why);

  /// When to take again after a take() at `taken` gave nothing; time_point::max() when only a reply, or further input,
  /// can change that. `taken` and not the time it is by now: a point may have become due since then, and nobody would
  /// wake who sleeps past it.
  [[nodiscard]] time_point due_after(time_point taken) const;
  [[nodiscard]] bool finished() const; // every point that there is has its end
  [[nodiscard]] const tally& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t unanswered() const { return counts_.read - counts_.final(); }

  /// Since when points wait for a final answer and none came. Means nothing while unanswered() is 0.
  [[nodiscard]] time_point stuck_since() const { return stuck_since_; }
  [[nodiscard]] const std::string& last_trouble() const { return last_trouble_; }

  /// Set when what answers there is no service of ours, and never was: it makes no sense to go on.
  [[nodiscard]] const std::string& stranger() const { return stranger_; }

private:
  batch gather(time_point now, bool idle);
  std::optional<parcel> fresh(time_point now);
  bool witness_new(batch& taken);
  void tell(const parcel& of, const point_reply& how);
  void message_is_over();
  bool settle_all(batch sent, const reply& got, time_point now);
  void put_back(parcel back, time_point due);
  void end(parcel& done, const point_reply& how, time_point now);
  void settle_point(parcel one, const point_reply& how, time_point now, double jitter);
  void split(batch sent, const point_reply& whole, time_point now);

  bounds limits_;
  ways ways_;
  std::multimap<time_point, parcel> waiting_; // by when they may be sent; equal ones in the order they came
  std::size_t out_ = 0;                       // taken, not yet back
  std::size_t most_;                          // points a message, until a larger one is known to fit again
  tally counts_;
  time_point stuck_since_{};
  bool answered_ = false; // the service gave a final answer
  std::string last_trouble_;
  std::string stranger_;
};

} // namespace goloca::net::client
