#include "net/client/http_lane.hpp"

#include "net/client/message.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>

namespace goloca::net::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

http_lane::http_lane(lane_parts parts)
    : parts_{std::move(parts)}, idle_{parts_.io}, pause_{parts_.io}, resolver_{parts_.io} {}

asio::awaitable<void> http_lane::run() {
  while (!over()) {
    auto start = std::chrono::steady_clock::now();
    auto taken = parts_.points.take(start, true);
    if (taken.empty()) {
      if (!over()) co_await idle_.until(parts_.points.due_after(start));
      continue;
    }
    std::string trouble;
    auto got = co_await try_exchange(taken, trouble);
    auto now = std::chrono::steady_clock::now();
    auto answered = false;
    if (got) {
      answered = parts_.points.settle(std::move(taken), *got, now);
    } else {
      parts_.points.give_back(std::move(taken), now, trouble);
    }
    failures_ = answered ? 0 : failures_ + 1;
    if (!answered) stream_.reset();
    parts_.changed();
    if (!answered && !over()) co_await pause_.until(now + backoff(failures_ - 1, {}, parts_.jitter()));
  }
  stream_.reset();
  parts_.changed(); // the others may wait for an end that only we saw: what was read last could be all unreadable
}

asio::awaitable<std::optional<reply>> http_lane::try_exchange(const batch& sent, std::string& trouble) {
  try {
    auto got = co_await exchange(sent);
    co_return got;
  } catch (const boost::system::system_error& failure) { // whatever the network does: the points are sent again
    trouble = trouble_of(failure.code(), parts_.to);
    co_return std::nullopt;
  }
}

asio::awaitable<void> http_lane::connect() {
  stream_.reset();
  buffer_.clear();
  auto found = co_await resolver_.async_resolve(parts_.to.host, parts_.to.port, asio::use_awaitable);
  stream_ = std::make_unique<beast::tcp_stream>(parts_.io);
  stream_->expires_after(parts_.connect_timeout);
  co_await stream_->async_connect(found, asio::use_awaitable);
  stream_->socket().set_option(asio::ip::tcp::no_delay{true});
}

asio::awaitable<reply> http_lane::exchange(const batch& sent) {
  if (!stream_) co_await connect();
  http::request<http::string_body> request{http::verb::post, parts_.to.prefix + "/datapoints", 11};
  request.set(http::field::host, parts_.to.authority());
  request.set(http::field::user_agent, "goloca-send");
  request.set(http::field::content_type, "application/json");
  request.body() = to_array(sent);
  request.prepare_payload();
  stream_->expires_after(parts_.reply_timeout);
  co_await http::async_write(*stream_, request, asio::use_awaitable);
  http::response_parser<http::string_body> parser;
  parser.body_limit(longest_reply);
  co_await http::async_read(*stream_, buffer_, parser, asio::use_awaitable);
  auto response = parser.release();
  if (!response.keep_alive()) stream_.reset();
  auto wait = response[http::field::retry_after];
  co_return read_http_reply(response.result_int(), {wait.data(), wait.size()}, response.body(), ids_of(sent));
}

void http_lane::stop() {
  stopping_ = true;
  resolver_.cancel();
  if (stream_) stream_->cancel();
  idle_.cut_short();
  pause_.cut_short();
}

} // namespace goloca::net::client
