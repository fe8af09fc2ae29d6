#pragma once
// One WebSocket connection: many messages in flight, each an array; replies come in the order of the messages.

#include "net/client/lane.hpp"
#include "net/client/nap.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <memory>
#include <string>

namespace goloca::net::client {

/// Invariant: in_flight_ is empty when open_ is null: who loses a connection gives its points back.
class websocket_lane final : public lane {
public:
  explicit websocket_lane(lane_parts parts);

  boost::asio::awaitable<void> run() override;
  void wake() override { idle_.cut_short(); }
  void check(time_point now) override;
  void stop() override;

private:
  using socket = boost::beast::websocket::stream<boost::beast::tcp_stream>;
  using shared_socket = std::shared_ptr<socket>; // with the coroutines that use it
  struct message {
    batch points;
    time_point sent;
  };

  [[nodiscard]] bool over() const { return stopping_ || parts_.points.finished(); }
  batch take(time_point now);
  boost::asio::awaitable<void> open();
  void not_sent(batch points);
  boost::asio::awaitable<void> connect(boost::beast::websocket::response_type& response);
  boost::asio::awaitable<void> send(batch points);
  boost::asio::awaitable<void> receive(shared_socket from);
  bool receive_one(std::string_view text);
  boost::asio::awaitable<void> close();
  void lose(shared_socket lost, const std::string& why);

  lane_parts parts_;
  nap idle_;  // until there is something to take
  nap pause_; // after a failure
  boost::asio::ip::tcp::resolver resolver_;
  shared_socket opening_;         // not yet open
  shared_socket open_;            // null: not connected
  std::deque<message> in_flight_; // on open_, oldest first
  time_point last_reply_{};
  reply refusal_;         // why open_ could not be set
  unsigned failures_ = 0; // in a row
  bool stopping_ = false;
};

} // namespace goloca::net::client
