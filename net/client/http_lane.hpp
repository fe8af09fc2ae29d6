#pragma once
// One HTTP/1.1 connection, kept alive: one POST /datapoints at a time.

#include "net/client/lane.hpp"
#include "net/client/nap.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <memory>
#include <optional>
#include <string>

namespace goloca::net::client {

class http_lane final : public lane {
public:
  explicit http_lane(lane_parts parts);

  boost::asio::awaitable<void> run() override;
  void wake() override { idle_.cut_short(); }
  void check(time_point) override {} // the stream has a deadline of its own
  void stop() override;

private:
  [[nodiscard]] bool over() const { return stopping_ || parts_.points.finished(); }
  boost::asio::awaitable<void> connect();
  boost::asio::awaitable<reply> exchange(const batch& sent);
  boost::asio::awaitable<std::optional<reply>> try_exchange(const batch& sent, std::string& trouble);

  lane_parts parts_;
  nap idle_;  // until there is something to take
  nap pause_; // after a failure
  boost::asio::ip::tcp::resolver resolver_;
  std::unique_ptr<boost::beast::tcp_stream> stream_; // null: not connected
  boost::beast::flat_buffer buffer_;                 // of stream_
  unsigned failures_ = 0;                            // in a row
  bool stopping_ = false;
};

} // namespace goloca::net::client
