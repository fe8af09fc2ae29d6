#include "net/http_session.hpp"

#include "net/chunk_decoder.hpp"
#include "net/health.hpp"
#include "net/http_reply.hpp"
#include "net/websocket_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <charconv>

namespace goloca::net {

namespace {

constexpr std::size_t most_unsent = 256 << 10; // replies that wait for a slow reader before we stop reading
constexpr std::size_t small_read = 4 << 10;
constexpr std::size_t body_step = 64 << 10; // room is made for what comes, not for what was announced
constexpr auto opening_patience = std::chrono::seconds{5};
constexpr auto refused_patience = std::chrono::seconds{2}; // for the request of a client that there is no room for
constexpr auto linger = std::chrono::seconds{2};           // for a client to read our last words before the socket goes
constexpr auto drain_patience = std::chrono::seconds{1};   // for a request that had begun when the drain did

std::string_view text_of(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

} // namespace

http_session::http_session(tcp_socket socket, service& of, actors::entrance at, decoder& reader, burst_round& round,
                           reply_scratch& scratch)
    : service_{&of}, at_{at}, stream_{std::move(socket), {}}, link_{std::make_shared<actor_link>(
                                                                  stream_.get_executor())},
      points_{std::make_shared<exchange>(reader, of.schema, of.settings, link_, round)}, scratch_{&scratch},
      lease_{of.budget}, read_watch_{stream_.get_executor(), [this] { on_read_timeout(); }},
      write_watch_{stream_.get_executor(), [this] { on_write_timeout(); }}, wake_{stream_.get_executor()} {
  if (at == actors::entrance::operators) stream_.spare_from_faults();
  service_->sessions.fetch_add(1, std::memory_order_relaxed);
}

http_session::~http_session() {
  service_->sessions.fetch_sub(1, std::memory_order_relaxed);
}

void http_session::open(const actors::connections& parent) {
  opening_ = shared_from_this();
  stream_.keep_alive(weak_from_this());
  stream_.set_before_wait([this] { points_->flush_soon(); });
  stream_.set_on_flush([this](bool sending) { on_flush(sending); });
  enter(phase::opening, opening_patience);
  link_->open(parent, weak_from_this());
}

void http_session::start() {
  asio::co_spawn(
      stream_.get_executor(), [self = std::move(opening_)] { return self->run(); }, asio::detached);
}

// -- reading -------------------------------------------------------------------------------------

task<void> http_session::run() {
  for (bool more = true; more && !finishing_;) {
    // At rest there is nothing to see: the first wait is here, where it costs the fewest coroutines.
    if (input_.size() == 0) {
      enter(phase::idle, refused_ ? refused_patience : service_->settings.idle_timeout);
      more = co_await read_more(small_read);
      if (!more) break;
    }
    auto served = serve_at_once();
    if (served)
      more = *served;
    else
      more = co_await serve_one();
  }
  finish();
  // What still comes is dropped, so that our last words are not lost to a reset (RFC 9112, 9.6).
  for (bool more = true; more && !closed_;) {
    more = co_await read_more(small_read);
    input_.consume(input_.size());
  }
  while (!closed_) co_await wait();
}

/// The next request, if it is here as a whole and needs no wait: mostly so, and then without the cost of coroutines.
/// \return whether there will be a further one; nothing: serve_one() is to see to this one.
std::optional<bool> http_session::serve_at_once() {
  auto text = text_of(input_);
  auto length = find_header_end(text, 0);
  if (length > service_->settings.max_header || refused_) return std::nullopt; // also npos
  auto read = read_head(text.substr(0, length));
  const auto* head = std::get_if<request_head>(&read);
  if (head == nullptr || head->chunked || head->upgrade_websocket || head->expect_continue) return std::nullopt;
  if (head->content_length.value_or(0) > text.size() - length) return std::nullopt;
  auto request = understand(*head, at_, service_->settings);
  auto body = static_cast<std::size_t>(request.content_length);
  if (request.refused || !lease_.admits(body)) return std::nullopt;
  input_.consume(length);
  return answer(request, text.substr(length, body), body);
}

/// Owes the reply to a request that was read.
/// \param in_place  bytes of the input that were its body.
/// \return whether there will be a further request.
bool http_session::answer(const http_request& request, std::string_view body, std::size_t in_place) {
  owe_reply(request, body, *service_, *points_);
  input_.consume(in_place);
  if (input_.size() == 0 && input_.capacity() > covered_text) input_.shrink_to_fit();
  counted_body_ = 0;
  send_ready(); // what needed no actor
  return request.keep_alive && !draining_;
}

/// One request, from its first byte to the reply that is owed; false when there will be no further one.
task<bool> http_session::serve_one() {
  std::size_t length = 0;
  auto header = co_await read_header(length);
  if (header != read_result::ok) co_return false;
  auto read = read_head(text_of(input_).substr(0, length));
  if (auto* fault = std::get_if<framing_fault>(&read)) {
    refuse_and_close(fault->what, fault->why);
    co_return false;
  }
  auto request = understand(std::get<request_head>(read), at_, service_->settings);
  input_.consume(length);
  if (refused_) {
    refuse_and_close(draining_ ? ending::unavailable : ending::overloaded,
                     draining_ ? "the node is draining" : "the node has all the connections it takes");
    co_return false;
  }
  if (request.refused && request.has_body() && (request.refused == ending::too_large || request.expect_continue)) {
    refuse(request, true); // from its header alone: the body is not waited for
    co_return false;
  }
  std::string unchunked;
  if (request.has_body()) {
    auto got = co_await read_body(request, unchunked);
    if (got != read_result::ok) co_return false;
  }
  if (request.to_websocket && !draining_ && !service_->draining) {
    co_await wait_until_sent();
    co_return !hand_to_websocket(request);
  }
  auto in_place = request.chunked ? 0 : static_cast<std::size_t>(request.content_length);
  auto body = request.chunked ? std::string_view{unchunked} : text_of(input_).substr(0, in_place);
  auto room = co_await wait_for_room(body.size(), body.size()); // for what becomes of it
  if (!room) {
    refuse_for_memory();
    co_return false;
  }
  co_return answer(request, body, in_place);
}

task<http_session::read_result> http_session::read_header(std::size_t& length) {
  auto most = service_->settings.max_header;
  enter(phase::idle, refused_ ? refused_patience : service_->settings.idle_timeout);
  for (std::size_t looked = 0;;) {
    auto text = text_of(input_);
    if (!text.empty() && phase_ == phase::idle && !refused_) enter(phase::header, service_->settings.header_timeout);
    length = find_header_end(text, looked);
    if (length != std::string_view::npos && length <= most) co_return read_result::ok;
    if (length != std::string_view::npos || text.size() > most) {
      refuse_and_close(ending::headers_too_large, "the header is over the limit of " + std::to_string(most) + " bytes");
      co_return read_result::refused;
    }
    looked = text.size();
    auto more = co_await read_more(small_read);
    if (!more) co_return read_result::end;
  }
}

/// The whole body: in input_ behind the header that was consumed, or unchunked.
task<http_session::read_result> http_session::read_body(http_request& request, std::string& unchunked) {
  enter(phase::body, service_->settings.body_timeout);
  if (request.expect_continue && input_.size() == 0) co_await send_continue();
  if (request.chunked) co_return co_await read_chunked(unchunked);
  auto length = static_cast<std::size_t>(request.content_length);
  for (;;) {
    auto room = co_await wait_for_room(std::min(input_.size(), length), length);
    if (!room) {
      refuse_for_memory();
      co_return read_result::refused;
    }
    if (input_.size() >= length) co_return read_result::ok;
    auto more = co_await read_more(std::min(length - input_.size(), body_step));
    if (!more) co_return read_result::end;
  }
}

task<http_session::read_result> http_session::read_chunked(std::string& body) {
  chunk_decoder chunks{service_->settings.max_body};
  for (;;) {
    auto bytes = text_of(input_);
    auto state = chunks.feed(bytes, body);
    input_.consume(input_.size() - bytes.size());
    if (state == chunk_decoder::state::done) co_return read_result::ok;
    if (state == chunk_decoder::state::fault) {
      refuse_and_close(ending::bad_request, chunks.why());
      co_return read_result::refused;
    }
    if (state == chunk_decoder::state::too_large) {
      refuse_and_close(ending::too_large,
                       "the body is over the limit of " + std::to_string(service_->settings.max_body) + " bytes");
      co_return read_result::refused;
    }
    auto room = co_await wait_for_room(body.capacity(), body.size());
    if (!room) {
      refuse_for_memory();
      co_return read_result::refused;
    }
    auto more = co_await read_more(small_read);
    if (!more) co_return read_result::end;
  }
}

/// Reads what comes, at least one byte; not before there is credit, and no further when the session finishes meanwhile.
task<bool> http_session::read_more(std::size_t least) {
  while (!finishing_ && !closed_ && (!points_->has_credit() || stream_.unsent() > most_unsent)) {
    points_->flush();
    read_watch_.rest(); // it is we who make the client wait
    co_await wait();
    resume_watch();
  }
  auto was_finishing = finishing_;
  error_code ec;
  auto n =
      co_await stream_.async_read_some(input_.prepare(std::max(least, small_read)), asio::redirect_error(use_task, ec));
  input_.commit(n);
  if (ec) at_end_ = true;
  if (ec && phase_ == phase::lingering) cut();
  co_return !ec && finishing_ == was_finishing;
}

/// Asks for a share of MAX_BUFFERED_BYTES, and waits a while for others, and for its own replies, to give theirs back;
/// not where its body is among what is held.
/// \param held  bytes of the body so far.
/// \param text  bytes of it in all, as far as is known.
task<bool> http_session::wait_for_room(std::size_t held, std::size_t text) {
  counted_body_ = counted_of_text(held);
  tell_held();
  if (lease_.admits(text)) co_return true;
  if (counted_body_ > 0) co_return false;
  points_->flush();
  read_watch_.rest(); // it is we who make the client wait
  auto asked = std::chrono::steady_clock::now();
  while (!lease_.admits(text) && !closed_ && !finishing_) {
    auto waited = std::chrono::steady_clock::now() - asked;
    if (waited >= service_->settings.request_timeout) break;
    error_code ignored;
    wake_.expires_after(next_look_for_room(waited));
    co_await wake_.async_wait(asio::redirect_error(use_task, ignored));
  }
  resume_watch();
  co_return lease_.admits(text) && !closed_ && !finishing_;
}

void http_session::tell_held() {
  lease_.set(points_->memory() + stream_.unsent() + counted_body_);
}

task<void> http_session::send_continue() {
  co_await wait_until_sent(); // it must not overtake the replies before it
  stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
  stream_.flush();
}

task<void> http_session::wait_until_sent() {
  points_->flush();
  while (!closed_ && (!points_->idle() || stream_.unsent() > 0)) co_await wait();
}

/// Until something was sent, answered or closed.
task<void> http_session::wait() {
  error_code ignored;
  wake_.expires_at(timer::time_point::max());
  co_await wake_.async_wait(asio::redirect_error(use_task, ignored));
}

// -- refusals ------------------------------------------------------------------------------------

void http_session::refuse(const http_request& request, bool then_close) {
  points_->add(refusal(request, then_close));
  send_ready();
}

void http_session::refuse_for_memory() {
  input_ = {}; // not kept while the client is given a moment to read
  counted_body_ = 0;
  refuse_and_close(ending::overloaded, "the node holds as many bytes as it may");
}

/// For a request that could not be understood: where the next one begins is not known.
void http_session::refuse_and_close(ending what, std::string_view why) {
  http_request unknown;
  unknown.refused = what;
  unknown.why = why;
  refuse(unknown, true);
}

/// The socket goes to a WebSocket session, and this one ends.
bool http_session::hand_to_websocket(http_request& request) {
  if (closed_) return true;
  read_watch_.stop();
  write_watch_.stop();
  auto [socket, unread] = stream_.release();
  auto early = std::string{text_of(input_)} + unread;
  closed_ = true;
  finishing_ = true;
  std::make_shared<websocket_session>(std::move(socket), std::move(early), *service_, std::move(points_), *scratch_)
      ->start(std::move(*request.to_websocket));
  return true;
}

// -- events and writing --------------------------------------------------------------------------

void http_session::on_event(actors::port_event event) {
  if (std::holds_alternative<actors::connection_opened>(event)) {
    start();
  } else if (std::holds_alternative<actors::connection_refused>(event)) {
    refused_ = true;
    draining_ = service_->draining;
    start();
  } else if (std::holds_alternative<actors::drain>(event)) {
    draining_ = true;
    if (phase_ == phase::idle && points_->idle())
      finish();
    else if (phase_ == phase::header || phase_ == phase::body)
      read_watch_.watch(drain_patience);
  } else {
    if (auto* reply = std::get_if<actors::insert_reply>(&event)) points_->apply(std::move(*reply));
    if (auto* found = std::get_if<actors::find_result>(&event)) points_->apply(std::move(*found));
    if (auto* ready = std::get_if<actors::readiness>(&event)) points_->apply(std::move(*ready));
    if (auto* status = std::get_if<actors::status_told>(&event)) points_->apply(std::move(*status));
    send_ready();
  }
}

void http_session::on_connection_lost() {
  cut(); // the replies it held will never come
}

void http_session::send_ready() {
  while (points_ && points_->front_done()) {
    auto owed = points_->pop_front();
    auto last = draining_ && points_->idle();
    if (!closed_) append_response(owed, *service_, owed.keep_alive && !last, *scratch_, stream_.gathering());
  }
  if (!points_) return;
  scratch_->trim();
  stream_.flush();
  tell_held();
  wake_.cancel(); // credit may have come back
  if (draining_ && phase_ == phase::idle && points_->idle()) finish();
  close_if_done();
}

void http_session::on_flush(bool sending) {
  if (sending) return write_watch_.watch(service_->settings.write_timeout);
  write_watch_.rest();
  if (stream_.failed()) cut();
  if (points_) tell_held();
  wake_.cancel();
  close_if_done();
}

void http_session::enter(phase now, std::chrono::milliseconds at_most) {
  phase_ = now;
  read_watch_.watch(at_most);
}

/// After a wait that was not the client's fault: its time begins anew. A drain may have set a shorter one meanwhile.
void http_session::resume_watch() {
  if (!read_watch_.resting()) return;
  if (phase_ == phase::idle) enter(phase_, service_->settings.idle_timeout);
  if (phase_ == phase::header) enter(phase_, service_->settings.header_timeout);
  if (phase_ == phase::body) enter(phase_, service_->settings.body_timeout);
}

void http_session::on_read_timeout() {
  switch (phase_) {
  case phase::header:
  case phase::body:
    if (!finishing_) refuse_and_close(ending::slow_request, "the request came too slowly");
    finish();
    break;
  case phase::idle: // a client that waits for a slow reply is not idle
    if (points_->idle())
      finish();
    else
      enter(phase::idle, service_->settings.idle_timeout);
    break;
  case phase::opening:
  case phase::lingering:
    cut();
    break;
  }
}

/// The client does not read.
void http_session::on_write_timeout() {
  stream_.reset();
  cut();
}

void http_session::finish() {
  if (!points_) return;
  finishing_ = true;
  points_->flush();
  close_if_done();
}

/// Everything owed is written: say so, and leave the client a moment to read it.
void http_session::close_if_done() {
  if (!finishing_ || closed_ || phase_ == phase::lingering || !points_->idle() || stream_.unsent() > 0) return;
  link_->leave();
  if (at_end_) return cut();
  enter(phase::lingering, linger);
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void http_session::cut() {
  auto alive = std::move(opening_); // to the end of this function
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  stream_.socket().close(ignored);
  read_watch_.rest();
  write_watch_.rest();
  wake_.cancel();
}

} // namespace goloca::net
