#pragma once
// One end of a link by hand, for whoever wants to behave badly: a blocking TLS connection with every wait bounded.

#include "net/link/credentials.hpp"
#include "net/link/frame.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goloca::test {

/// A port of 127.0.0.1 where nothing is accepted until it is asked for.
class raw_port {
public:
  static constexpr int deaf = -1; // it is taken, but nobody listens

  explicit raw_port(int backlog = 16);
  [[nodiscard]] std::uint16_t number() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(number()); }
  boost::asio::ip::tcp::socket accept(); // throws after 20 s

private:
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
};

/// Throws boost::system::system_error when the other end has closed, or after 20 s.
class raw_link {
public:
  using socket = boost::asio::ip::tcp::socket;

  raw_link(std::uint16_t port, net::link::credentials& identity); // as an edge: the TLS handshake is done
  raw_link(socket accepted, net::link::credentials& identity);    // as a writer

  void write(std::string_view bytes);
  void say(const net::link::frame& what);

  /// The next frame; nothing when the other end has closed.
  std::optional<net::link::frame> read();

  /// The next frame that is no ping, whose pong is sent.
  std::optional<net::link::frame> read_past_pings();

  void close();

private:
  bool fill(char* to, std::size_t bytes);
  boost::asio::io_context io_{1};
  std::shared_ptr<boost::asio::ssl::context> identity_;
  boost::asio::ssl::stream<socket> stream_;
};

} // namespace goloca::test
