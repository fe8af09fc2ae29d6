#pragma once
// One WebSocket: each message is one point or an array of them, each reply comes in the order of the messages. Made by
// the HTTP session that read the upgrade; lives as long as its coroutine or a close is under way.

#include "net/exchange.hpp"
#include "net/framed_stream.hpp"
#include "net/service.hpp"
#include "net/upgrade.hpp"
#include "net/watchdog.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <optional>
#include <string>

namespace goloca::net {

class websocket_session : public event_sink, public std::enable_shared_from_this<websocket_session> {
public:
  /// \param early   bytes that came with the upgrade: the first frames.
  /// \param points  the connection's, with nothing owed.
  websocket_session(tcp_socket socket, std::string early, service& of, std::shared_ptr<exchange> points,
                    reply_scratch& scratch);
  ~websocket_session() override;

  void start(upgrade accepted);

  void on_event(actors::port_event event) override;
  void on_connection_lost() override;

private:
  using close_code = boost::beast::websocket::close_code;

  task<void> run(upgrade accepted);
  bool accept(const upgrade& accepted);
  task<error_code> read_message();
  task<void> wait_for_room(std::size_t text);
  task<void> wait_for_credit();
  task<void> read_to_end();
  error_code take_message(std::string_view text, bool is_binary);
  void end_reading(const error_code& why);
  void listen();
  void stop_listening();
  void on_silence();

  void tell_held();
  void write_ready();
  void send_ready();
  void write(const owed_reply& owed);
  void on_flush(bool sending);
  void finish(close_code code); // no more reading; close once everything owed is on the wire
  void close_if_done();
  void say_goodbye();
  void on_write_timeout();
  void cut(); // the socket ends

  service* service_;
  boost::beast::websocket::stream<framed_stream> ws_; // reads what is no small whole message
  std::shared_ptr<exchange> points_;
  std::optional<format> binary_;
  boost::beast::flat_buffer message_;
  reply_scratch* scratch_;
  byte_lease lease_;
  watchdog write_watch_;
  watchdog silence_watch_;
  bool pinged_ = false;
  timer wake_; // cancelled when credit or room comes back
  std::optional<close_code> finishing_;
  bool closing_ = false;      // our Close is written
  bool reading_over_ = false; // the peer's Close has come, or what it sent cannot be read on
};

} // namespace goloca::net
