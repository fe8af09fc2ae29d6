#pragma once
// Clients that behave badly, beside the load: raw sockets, many at once, again and again.

#include "net/client/drill/waiting.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace goloca::net::drill {

/// What they do. All but `idle` begin again when it is done, or their connection is closed.
enum class manner : std::uint8_t {
  idle,       // connect, and say nothing
  reset,      // send half of a request, or whole ones, and reset the connection
  huge_body,  // the same with eight megabytes
  half_body,  // send most of a large body, and stop
  trickle,    // a byte at a time
  half_frame, // WebSocket: half of a frame, and close; in between, frames that break the protocol
  unread,     // send points without end, and read no answer
};

/// Runs on a thread of its own until it is stopped.
class hostile_clients {
public:
  hostile_clients(std::uint16_t port, manner how, std::size_t count);
  ~hostile_clients();
  hostile_clients(const hostile_clients&) = delete;
  hostile_clients& operator=(const hostile_clients&) = delete;

  void stop(); // their connections are closed when it returns

private:
  void run() const;

  std::uint16_t port_;
  manner how_;
  std::size_t count_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace goloca::net::drill
