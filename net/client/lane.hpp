#pragma once
// A connection to the service and what is in flight on it: takes from the outbox, sends, gives the replies back. There
// are two kinds: HTTP bulk and WebSocket.

#include "net/client/outbox.hpp"
#include "net/client/url.hpp"

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>

namespace goloca::net::client {

/// What all lanes of one sending share. They and the outbox run on one thread.
struct lane_parts {
  boost::asio::io_context& io;
  outbox& points;
  url to;
  std::chrono::milliseconds connect_timeout;
  std::chrono::milliseconds reply_timeout;
  std::function<double()> jitter;
  std::function<void()> changed; // the outbox did: all lanes look again
};

class lane {
public:
  virtual ~lane() = default;

  /// Sends until the outbox is finished, or stop(). Never throws for what a network or a service does.
  virtual boost::asio::awaitable<void> run() = 0;

  virtual void wake() = 0;                // there may be something to take
  virtual void check(time_point now) = 0; // ends a connection that is silent for too long
  virtual void stop() = 0;                // ends run() soon, whatever is in flight goes back to the outbox
};

} // namespace goloca::net::client
