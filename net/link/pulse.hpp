#pragma once
// Whether the peer is still there.

#include "net/link/channel.hpp"
#include "net/link/link_settings.hpp"
#include "net/watchdog.hpp"

#include <deque>
#include <functional>

namespace goloca::net::link {

/// Pings each interval, so that the peer hears us and the round trip is known; answers the peer's pings; cuts the
/// channel when nothing came from the peer for too long. On the channel's executor.
class pulse {
public:
  /// \param measured  hears each round trip.
  pulse(channel& of, const executor& on, const link_settings& bounds,
        std::function<void(std::chrono::nanoseconds)> measured);

  void start();
  void stop() { wake_.stop(); }

  /// \return whether the frame was a ping or a pong, which it has seen to.
  bool take(const frame& what);

private:
  using clock = channel::clock;
  struct sent_ping {
    std::uint64_t number;
    clock::time_point at;
  };
  void beat();
  void send(clock::time_point now);
  void on_pong(std::uint64_t number);

  channel* channel_;
  link_settings bounds_;
  std::function<void(std::chrono::nanoseconds)> measured_;
  watchdog wake_;
  clock::time_point next_ping_{};
  std::uint64_t last_number_ = 0;
  std::deque<sent_ping> open_; // without a pong yet
};

} // namespace goloca::net::link
