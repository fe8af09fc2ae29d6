#include "net/client/websocket_lane.hpp"

#include "net/client/message.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace goloca::net::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using std::chrono::steady_clock;

namespace {

/// For the closing handshake at the end: every answer is here, so it is a courtesy.
constexpr std::chrono::seconds closing_timeout{2};

reply refusal_of(boost::system::error_code failure, const websocket::response_type& response, const url& to) {
  if (failure == websocket::error::upgrade_declined) {
    return read_http_reply(response.result_int(), {}, response.body(), {});
  }
  return {reply::kind::again, {}, {point_reply::verdict::again, "", trouble_of(failure, to)}};
}

} // namespace

websocket_lane::websocket_lane(lane_parts parts)
    : parts_{std::move(parts)}, idle_{parts_.io}, pause_{parts_.io}, resolver_{parts_.io} {}

asio::awaitable<void> websocket_lane::run() {
  while (!over()) {
    if (!open_ && failures_ > 0) {
      co_await pause_.until(steady_clock::now() + backoff(failures_ - 1, {}, parts_.jitter()));
      if (over()) break;
    }
    auto now = steady_clock::now();
    auto taken = take(now);
    if (taken.empty()) {
      if (!over()) co_await idle_.until(parts_.points.due_after(now));
      continue;
    }
    if (!open_) co_await open();
    if (open_) {
      co_await send(std::move(taken));
    } else {
      not_sent(std::move(taken));
    }
  }
  co_await close();
}

/// There is no connection to send it on, for the reason that open() left.
void websocket_lane::not_sent(batch points) {
  ++failures_;
  auto now = steady_clock::now();
  if (refusal_.what == reply::kind::stranger) {
    parts_.points.settle(std::move(points), refusal_, now);
  } else {
    parts_.points.give_back(std::move(points), now, refusal_.whole.error);
  }
}

batch websocket_lane::take(time_point now) {
  auto alone = in_flight_.size() == 1 && in_flight_.front().points.front().most == 0;
  if (alone) return {};
  return parts_.points.take(now, in_flight_.empty());
}

/// Afterwards open_ is set, or refusal_ says why it is not.
asio::awaitable<void> websocket_lane::open() {
  websocket::response_type response;
  try {
    co_await connect(response);
  } catch (const boost::system::system_error& failure) { // whatever the network does: it is tried again
    opening_.reset();
    refusal_ = refusal_of(failure.code(), response, parts_.to);
  }
  if (!opening_ || stopping_) co_return;
  open_ = std::move(opening_);
  last_reply_ = steady_clock::now();
  asio::co_spawn(parts_.io, receive(open_), asio::detached);
}

asio::awaitable<void> websocket_lane::connect(websocket::response_type& response) {
  auto found = co_await resolver_.async_resolve(parts_.to.host, parts_.to.port, asio::use_awaitable);
  auto fresh = std::make_shared<socket>(parts_.io);
  opening_ = fresh;
  auto& stream = beast::get_lowest_layer(*fresh);
  stream.expires_after(parts_.connect_timeout);
  co_await stream.async_connect(found, asio::use_awaitable);
  stream.expires_never(); // from here on the WebSocket's own clock counts, and check()
  stream.socket().set_option(asio::ip::tcp::no_delay{true});
  fresh->set_option(websocket::stream_base::timeout{parts_.connect_timeout, websocket::stream_base::none(), false});
  fresh->set_option(websocket::stream_base::decorator(
      [](websocket::request_type& request) { request.set(beast::http::field::user_agent, "goloca-send"); }));
  fresh->read_message_max(longest_reply);
  auto host = parts_.to.authority();
  auto target = parts_.to.prefix + "/ws";
  co_await fresh->async_handshake(response, host, target, asio::use_awaitable);
  fresh->set_option(websocket::stream_base::timeout{closing_timeout, websocket::stream_base::none(), false});
}

asio::awaitable<void> websocket_lane::send(batch points) {
  auto to = open_;
  auto text = to_array(points);
  in_flight_.push_back({std::move(points), steady_clock::now()});
  try {
    to->text(true);
    co_await to->async_write(asio::buffer(text), asio::use_awaitable);
  } catch (const boost::system::system_error& failure) { // lost, perhaps by the receiver before: then this does nothing
    lose(to, trouble_of(failure.code(), parts_.to));
  }
}

asio::awaitable<void> websocket_lane::receive(shared_socket from) {
  beast::flat_buffer buffer;
  while (open_ == from) {
    try {
      co_await from->async_read(buffer, asio::use_awaitable);
    } catch (const boost::system::system_error& failure) { // closed or lost: what is in flight is sent again
      lose(from, trouble_of(failure.code(), parts_.to));
      co_return;
    }
    if (open_ != from) co_return;
    auto bytes = buffer.cdata();
    if (!receive_one({static_cast<const char*>(bytes.data()), bytes.size()})) {
      lose(from, std::string{does_not_fit});
    }
    buffer.consume(buffer.size());
    parts_.changed();
  }
}

/// False when it is no reply to what is in flight.
bool websocket_lane::receive_one(std::string_view text) {
  if (in_flight_.empty()) return false;
  auto answered = std::move(in_flight_.front());
  in_flight_.pop_front();
  last_reply_ = steady_clock::now();
  auto got = read_websocket_reply(text, ids_of(answered.points));
  if (!parts_.points.settle(std::move(answered.points), got, last_reply_)) return false;
  failures_ = 0;
  return true;
}

/// `lost` by value: it may be open_ itself, which is let go of here.
void websocket_lane::lose(shared_socket lost, const std::string& why) { // NOLINT(performance-unnecessary-value-param)
  if (!lost || open_ != lost) return;
  open_.reset();
  ++failures_;
  auto code = lost->reason().code;
  beast::get_lowest_layer(*lost).close();
  std::vector<batch> sent;
  for (auto& one : in_flight_) sent.push_back(std::move(one.points));
  in_flight_.clear();
  auto now = steady_clock::now();
  if (code == websocket::close_code::too_big && !sent.empty()) {
    parts_.points.give_back_smaller(std::move(sent), now, "the message is over the service's limit");
  } else {
    for (auto& points : sent) parts_.points.give_back(std::move(points), now, why);
  }
  parts_.changed();
}

void websocket_lane::check(time_point now) {
  if (in_flight_.empty()) return;
  if (now - std::max(in_flight_.front().sent, last_reply_) < parts_.reply_timeout) return;
  lose(open_, parts_.to.host + ':' + parts_.to.port + std::string{no_answer_in_time});
}

asio::awaitable<void> websocket_lane::close() {
  auto last = std::exchange(open_, nullptr); // the receiver ends without another word
  if (!last) co_return;
  boost::system::error_code ignored; // every answer is here: nothing depends on it
  co_await last->async_close(websocket::close_code::normal, asio::redirect_error(asio::use_awaitable, ignored));
}

void websocket_lane::stop() {
  stopping_ = true;
  resolver_.cancel();
  if (opening_) beast::get_lowest_layer(*opening_).close();
  lose(open_, "stopped");
  idle_.cut_short();
  pause_.cut_short();
}

} // namespace goloca::net::client
