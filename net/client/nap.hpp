#pragma once
// A wait that can be cut short: how lanes sleep until there is something to do.

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace goloca::net::client {

class nap {
public:
  explicit nap(boost::asio::io_context& io) : timer_{io} {}

  /// Until `when`, or cut_short(). One at a time.
  boost::asio::awaitable<void> until(std::chrono::steady_clock::time_point when) {
    boost::system::error_code cut;
    timer_.expires_at(when);
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut));
  }
  void cut_short() { timer_.cancel(); }

private:
  boost::asio::steady_timer timer_;
};

} // namespace goloca::net::client
