#include "net/websocket_session.hpp"

#include "net/utf8.hpp"
#include "net/websocket_frame.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/websocket/error.hpp>

#include <algorithm>
#include <array>
#include <utility>

// g++ 12 takes Asio's frame allocator and its counterpart for strangers when it inlines only one of them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace goloca::net {

namespace websocket = boost::beast::websocket;

namespace {

constexpr auto goodbye_timeout = std::chrono::seconds{3}; // for the peer's half of a close
constexpr std::size_t read_step = 64 << 10;               // a message is read in steps, so that its growth is seen

/// The code of RFC 6455 for the reason that nothing more is read; nothing when it is the socket's.
std::optional<websocket::close_code> code_for(const error_code& why, const websocket::close_reason& from_peer) {
  using websocket::close_code;
  if (why == websocket::error::closed) {
    return from_peer.code == close_code::none ? close_code::normal : static_cast<close_code>(from_peer.code);
  }
  if (why == websocket::error::message_too_big || why == websocket::error::buffer_overflow) return close_code::too_big;
  if (why == websocket::error::bad_frame_payload) return close_code::bad_payload;
  if (why == websocket::condition::protocol_violation) return close_code::protocol_error;
  return std::nullopt;
}

} // namespace

websocket_session::websocket_session(tcp_socket socket, std::string early, service& of,
                                     std::shared_ptr<exchange> points, reply_scratch& scratch)
    : service_{&of}, ws_{std::move(socket), std::move(early)}, points_{std::move(points)}, scratch_{&scratch},
      lease_{of.budget}, write_watch_{ws_.get_executor(), [this] { on_write_timeout(); }},
      silence_watch_{ws_.get_executor(), [this] { on_silence(); }}, wake_{ws_.get_executor()} {
  service_->sessions.fetch_add(1, std::memory_order_relaxed);
}

websocket_session::~websocket_session() {
  service_->sessions.fetch_sub(1, std::memory_order_relaxed);
}

void websocket_session::start(upgrade accepted) {
  auto& stream = ws_.next_layer();
  stream.keep_alive(weak_from_this());
  stream.set_before_wait([this] { listen(); });
  stream.set_on_flush([this](bool sending) { on_flush(sending); });
  points_->link().hand_over(weak_from_this());
  points_->become_websocket();
  asio::co_spawn(
      stream.get_executor(),
      [self = shared_from_this(), accepted = std::move(accepted)]() mutable { return self->run(std::move(accepted)); },
      asio::detached);
}

bool websocket_session::accept(const upgrade& accepted) {
  ws_.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
    response.set(boost::beast::http::field::server, "goloca");
    if (!accepted.subprotocol.empty()) {
      response.set(boost::beast::http::field::sec_websocket_protocol, accepted.subprotocol);
    }
  }));
  ws_.read_message_max(service_->settings.max_message);
  ws_.next_layer().set_longest_message(service_->settings.max_message);
  ws_.auto_fragment(false);
  binary_ = accepted.binary;
  error_code ec;
  ws_.accept(accepted.request, ec); // into the stream's buffer: never waits
  ws_.next_layer().flush();
  return !ec;
}

task<void> websocket_session::run(upgrade accepted) {
  if (!accept(accepted)) co_return;
  auto& frames = ws_.next_layer();
  for (error_code failed;;) {
    auto next = frames.next();
    if (next == framed_stream::incoming::message) { // mostly so, and then without the cost of a coroutine or of Beast
      auto [text, is_binary] = frames.take_message();
      if (!lease_.admits(text.size())) co_await wait_for_room(text.size());
      failed = take_message(text, is_binary);
    } else if (next == framed_stream::incoming::unknown) {
      co_await frames.async_fill(asio::redirect_error(use_task, failed));
    } else {
      failed = co_await read_message();
      std::string_view text{static_cast<const char*>(message_.data().data()), message_.size()};
      if (!failed) failed = take_message(text, ws_.got_binary());
      message_.clear();
      if (message_.capacity() > covered_text) message_.shrink_to_fit();
    }
    if (failed) {
      end_reading(failed);
      break;
    }
    if (!finishing_ && !points_->has_credit()) co_await wait_for_credit();
  }
  co_await read_to_end();
  write_watch_.stop();
  silence_watch_.stop();
  cut();
  points_->link().leave();
}

/// The next message into message_, by Beast: one that is long or in fragments, what controls the connection, and all
/// that is wrong.
task<error_code> websocket_session::read_message() {
  message_.clear();
  do {
    error_code ec;
    co_await ws_.async_read_some(message_, read_step, asio::redirect_error(use_task, ec));
    if (ec) co_return ec;
    if (finishing_) message_.clear();
    tell_held();
    if (!lease_.admits(message_.size())) co_await wait_for_room(message_.size());
  } while (!ws_.is_message_done());
  co_return error_code{};
}

/// Nothing more is read: the peer closes, or broke the protocol. What it sent before is answered first.
void websocket_session::end_reading(const error_code& why) {
  reading_over_ = true;
  silence_watch_.rest();
  if (closing_) return cut(); // the peer's half of a close that we began
  if (auto code = code_for(why, ws_.reason()))
    finish(*code);
  else
    cut(); // the socket is gone
}

/// Before each wait for the client.
void websocket_session::listen() {
  points_->flush_soon();
  ws_.next_layer().flush();
  pinged_ = false;
  auto patience = service_->settings.ping_interval;
  if (patience.count() > 0 && !closing_) silence_watch_.watch(patience);
}

/// Before a wait in which it is not the client that is waited for.
void websocket_session::stop_listening() {
  points_->flush();
  ws_.next_layer().flush();
  silence_watch_.rest();
}

/// Nothing has come for PING_INTERVAL: the client is asked, and whatever it says will do.
void websocket_session::on_silence() {
  if (std::exchange(pinged_, true)) return cut();
  ws_.next_layer().write(frame_head(frame_kind::ping, 0));
  ws_.next_layer().flush();
  silence_watch_.watch(service_->settings.ping_interval);
}

/// Drops what still comes, so that our last words are not lost to a reset; ends with the peer's end, or the goodbye's.
task<void> websocket_session::read_to_end() {
  std::array<char, 4096> dropped;
  auto& socket = ws_.next_layer().socket();
  for (error_code ec; !ec && socket.is_open();) {
    co_await socket.async_read_some(asio::buffer(dropped), asio::redirect_error(use_task, ec));
  }
}

/// All together hold as much as they may: waits for others, and for its own replies, to give some back. After
/// REQUEST_TIMEOUT the session finishes; at once where its message is among what is held.
/// \param text  bytes of the message that is read, so far.
task<void> websocket_session::wait_for_room(std::size_t text) {
  if (counted_of_text(text) > 0) co_return finish(close_code::try_again_later);
  stop_listening();
  auto asked = std::chrono::steady_clock::now();
  while (!lease_.admits(text) && !ws_.next_layer().failed() && !finishing_) {
    auto waited = std::chrono::steady_clock::now() - asked;
    if (waited >= service_->settings.request_timeout) co_return finish(close_code::try_again_later);
    error_code ignored;
    wake_.expires_after(next_look_for_room(waited));
    co_await wake_.async_wait(asio::redirect_error(use_task, ignored));
  }
}

void websocket_session::tell_held() {
  lease_.set(points_->memory() + ws_.next_layer().unsent() + counted_of_text(message_.size()));
}

task<void> websocket_session::wait_for_credit() {
  stop_listening();
  while (!points_->has_credit() && !ws_.next_layer().failed() && !finishing_) {
    error_code ignored;
    wake_.expires_at(timer::time_point::max());
    co_await wake_.async_wait(asio::redirect_error(use_task, ignored));
  }
}

/// Beast looks at text, too, but not at what is left of a character when the last fragment is empty.
error_code websocket_session::take_message(std::string_view text, bool is_binary) {
  if (finishing_) return {}; // it is dropped: we only wait for the peer's Close
  if (!is_binary && valid_utf8_prefix(text) < text.size()) return websocket::error::bad_frame_payload;
  if (is_binary && !binary_) return finish(close_code::unknown_data), error_code{};
  owed_reply how;
  how.binary = is_binary;
  how.as = how.binary ? *binary_ : format::json;
  auto as = how.as;
  try {
    points_->add_points(as, text, shape::either, std::move(how));
  } catch (const std::bad_alloc&) { // nothing was read: the client sends it again
    return finish(close_code::try_again_later), error_code{};
  }
  write_ready(); // an empty array owes nothing but its reply; those of a burst go out together
  return {};
}

void websocket_session::on_event(actors::port_event event) {
  if (auto* reply = std::get_if<actors::insert_reply>(&event)) {
    points_->apply(std::move(*reply));
    send_ready();
  } else if (std::holds_alternative<actors::drain>(event)) {
    finish(service_->settings.one_of_several ? close_code::service_restart : close_code::going_away);
  }
}

void websocket_session::on_connection_lost() {
  finishing_ = close_code::internal_error; // what it held is never answered
  say_goodbye();
}

void websocket_session::write_ready() {
  while (points_->front_done()) {
    auto owed = points_->pop_front();
    if (!closing_) write(owed);
  }
  tell_held();
}

void websocket_session::send_ready() {
  write_ready();
  scratch_->trim();
  ws_.next_layer().flush();
  wake_.cancel(); // credit may have come back
  close_if_done();
}

void websocket_session::write(const owed_reply& owed) {
  auto& text = scratch_->body;
  text.clear();
  const auto& answers = scratch_->answers.of(owed);
  if (owed.what == owed_reply::kind::array)
    encode_array(owed.as, answers, text);
  else
    encode(owed.as, answers.front(), text);
  auto& stream = ws_.next_layer();
  stream.write(frame_head(owed.binary ? frame_kind::binary : frame_kind::text, text.size()));
  stream.write(text);
}

void websocket_session::on_flush(bool sending) {
  if (closing_) { // the watch is on the peer's Close now
    error_code ignored;
    auto& stream = ws_.next_layer();
    if (reading_over_ && stream.unsent() == 0) {
      stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }
    return;
  }
  if (sending) return write_watch_.watch(service_->settings.write_timeout);
  write_watch_.rest();
  tell_held();
  wake_.cancel();
}

void websocket_session::finish(close_code code) {
  if (finishing_) return;
  finishing_ = code;
  points_->flush();
  wake_.cancel();
  close_if_done();
}

void websocket_session::close_if_done() {
  if (finishing_ && points_->idle()) say_goodbye();
}

/// Sends our Close and goes on reading until the peer's comes. The frame is ours: Beast 1.74 deadlocks when a close
/// starts while a read waits (each holds the lock that the other wants), until its timeout fails an assertion.
void websocket_session::say_goodbye() {
  if (std::exchange(closing_, true)) return;
  auto code = static_cast<std::uint16_t>(*finishing_);
  auto& stream = ws_.next_layer();
  stream.write(frame_head(frame_kind::close, sizeof code));
  stream.write(std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
  stream.flush();
  wake_.cancel();
  stream.mute(); // no pong after a Close
  silence_watch_.rest();
  write_watch_.watch(goodbye_timeout);
}

/// The client does not read; or it does not close, and what it was sent stays for it to read.
void websocket_session::on_write_timeout() {
  auto& stream = ws_.next_layer();
  stream.unsent() > 0 ? stream.reset() : cut();
}

void websocket_session::cut() {
  error_code ignored;
  ws_.next_layer().socket().close(ignored);
}

} // namespace goloca::net
