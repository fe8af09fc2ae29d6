#pragma once
// Blocking clients for tests, each wait with a deadline: raw bytes and HTTP on a socket, and a well-behaved WebSocket.

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace goloca::test {

inline constexpr std::chrono::seconds usual_patience{20}; // long: only a broken service makes a test wait for it

struct raw_response {
  unsigned status = 0;
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
  bool keeps_alive = false;

  [[nodiscard]] nlohmann::json json() const;                       // of the body; throws when it is none
  [[nodiscard]] std::string header(const std::string& name) const; // empty when it has none
};

/// One WebSocket frame as it came.
struct raw_frame {
  bool final = false;
  unsigned opcode = 0; // 1 text, 2 binary, 8 close, 9 ping, 10 pong
  std::string payload;
  [[nodiscard]] unsigned close_code() const; // of a close frame; 0 when it has none
};

/// A TCP connection to 127.0.0.1. Every function throws std::runtime_error when the deadline passes, or when the other
/// side closes before what is asked for came.
class raw_client {
public:
  explicit raw_client(std::uint16_t port, std::chrono::milliseconds patience = usual_patience);

  void write(std::string_view bytes);

  /// These bytes again and again, until the other side takes no more for `quiet`, ends the connection, or took `most`.
  /// \param taken  so many of them it has taken before.
  /// \return how many it has taken in all.
  std::size_t write_until_stuck(std::string_view bytes, std::chrono::milliseconds quiet, std::size_t most,
                                std::size_t taken = 0);

  /// Has a write failed? Then no further one may be tried: Asio 1.74 would wait for a second notice of the end.
  [[nodiscard]] bool write_failed() const { return write_failed_; }

  /// Does the other side reset the connection? Reads nothing; an end that waits behind unread bytes is not seen.
  [[nodiscard]] bool reset_within(std::chrono::milliseconds patience);

  void half_close(); // we send no more, but still read
  void reset();      // closes with RST

  raw_response read_response(bool to_head = false);
  std::string read(std::size_t bytes);
  std::string read_to_end();                              // until the other side closes or resets
  bool closed_within(std::chrono::milliseconds patience); // what comes before is dropped

  using headers = std::vector<std::pair<std::string, std::string>>;
  raw_response request(std::string_view method, std::string_view target, std::string_view body = {},
                       const headers& more = {});
  raw_response get(std::string_view target) { return request("GET", target); }
  raw_response post(std::string_view target, std::string_view body, std::string_view content_type = "application/json");

  /// A correct opening handshake, for frames by hand afterwards.
  raw_response upgrade(std::string_view target = "/ws", const headers& more = {});
  raw_frame read_frame();

  /// The bytes of a client's frame; `masked` as it must be, or not.
  static std::string frame(unsigned opcode, std::string_view payload, bool final = true, bool masked = true);

  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

private:
  friend class raw_websocket;
  using done = std::function<void(boost::system::error_code, std::size_t)>;
  boost::system::error_code complete(const std::function<void(done)>& start, std::chrono::milliseconds patience);
  void must(const std::function<void(done)>& start, const char* what);
  boost::system::error_code read_more(std::chrono::milliseconds patience);
  std::string take(std::size_t bytes);

  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_; // read, not yet asked for
  std::chrono::milliseconds patience_;
  std::size_t transferred_ = 0; // by the last operation
  bool write_failed_ = false;
};

/// A WebSocket client by the book. Throws as raw_client does.
class raw_websocket {
public:
  explicit raw_websocket(std::uint16_t port, const std::string& target = "/ws", const std::string& subprotocol = "",
                         std::chrono::milliseconds patience = usual_patience);

  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void ping();

  std::string receive();
  nlohmann::json receive_json() { return nlohmann::json::parse(receive()); }
  nlohmann::json ask(std::string_view text) { // and its answer
    send(text);
    return receive_json();
  }
  [[nodiscard]] bool got_binary() const { return stream_.got_binary(); }
  [[nodiscard]] std::string subprotocol() const { return subprotocol_; } // that was agreed on

  /// Reads until the other side closes. \return its code: 1005 when it gave none, 1006 when it just hung up.
  unsigned close_code();
  void close();

private:
  void must(const std::function<void(raw_client::done)>& start, const char* what);

  raw_client below_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket&> stream_;
  boost::beast::flat_buffer message_;
  std::string subprotocol_;
};

} // namespace goloca::test
