#pragma once
// One HTTP/1.1 connection: keep-alive and pipelined requests in, replies in their order out. A coroutine reads; events
// of the connection actor write.

#include "net/corked_stream.hpp"
#include "net/exchange.hpp"
#include "net/http_reply.hpp"
#include "net/http_request.hpp"
#include "net/service.hpp"
#include "net/watchdog.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace goloca::net {

class http_session : public event_sink, public std::enable_shared_from_this<http_session> {
public:
  http_session(tcp_socket socket, service& of, actors::entrance at, decoder& reader, burst_round& round,
               reply_scratch& scratch);
  ~http_session() override;

  /// Asks for a connection actor and begins to read when it is there; refuses every request if there is none to be had.
  void open(const actors::connections& parent);

  void on_event(actors::port_event event) override;
  void on_connection_lost() override;

private:
  enum class phase : std::uint8_t { opening, idle, header, body, lingering };
  enum class read_result : std::uint8_t {
    ok,
    end,
    refused
  }; // end: of the connection; refused: a reply was owed instead

  void start();
  task<void> run();
  std::optional<bool> serve_at_once();
  bool answer(const http_request& request, std::string_view body, std::size_t in_place);
  task<bool> serve_one();
  task<read_result> read_header(std::size_t& length);
  task<read_result> read_body(http_request& request, std::string& unchunked);
  task<read_result> read_chunked(std::string& body);
  task<bool> read_more(std::size_t least);
  task<bool> wait_for_room(std::size_t held, std::size_t text);
  void tell_held();
  task<void> send_continue();
  task<void> wait_until_sent();
  task<void> wait();

  void refuse(const http_request& request, bool then_close);
  void refuse_and_close(ending what, std::string_view why);
  void refuse_for_memory();
  bool hand_to_websocket(http_request& request);

  void send_ready();
  void on_flush(bool sending);
  void resume_watch();
  void on_read_timeout();
  void on_write_timeout();
  void enter(phase now, std::chrono::milliseconds at_most);
  void finish(); // no further request; close once everything owed is on the wire
  void close_if_done();
  void cut();

  service* service_;
  actors::entrance at_;
  corked_stream stream_;
  std::shared_ptr<actor_link> link_;
  std::shared_ptr<exchange> points_;
  boost::beast::flat_buffer input_;
  reply_scratch* scratch_;
  byte_lease lease_;
  std::size_t counted_body_ = 0; // of the body that is being read, or waits
  watchdog read_watch_;
  watchdog write_watch_;
  timer wake_;
  std::shared_ptr<http_session> opening_; // itself, until there is a coroutine that holds it
  phase phase_ = phase::opening;
  bool refused_ = false; // no connection actor: the node is full, or draining
  bool draining_ = false;
  bool finishing_ = false;
  bool at_end_ = false; // the client sends no more
  bool closed_ = false;
};

} // namespace goloca::net
