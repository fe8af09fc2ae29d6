#include "tests/support/raw_client.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http.hpp>

#include <poll.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace goloca::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

nlohmann::json raw_response::json() const {
  return nlohmann::json::parse(body);
}

std::string raw_response::header(const std::string& name) const {
  auto at = headers.find(name);
  return at == headers.end() ? std::string{} : at->second;
}

unsigned raw_frame::close_code() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

raw_client::raw_client(std::uint16_t port, std::chrono::milliseconds patience) : patience_{patience} {
  asio::ip::tcp::endpoint to{asio::ip::address_v4::loopback(), port};
  must([&](const done& then) { socket_.async_connect(to, [then](error_code fault) { then(fault, 0); }); }, "connect");
  socket_.set_option(asio::ip::tcp::no_delay{true});
}

/// Runs one operation to its end or to the deadline: then it is cancelled, and the fault is timed_out.
error_code raw_client::complete(const std::function<void(done)>& start, std::chrono::milliseconds patience) {
  auto ended = false;
  error_code result;
  start([&](error_code fault, std::size_t bytes) {
    ended = true;
    result = fault;
    transferred_ = bytes;
  });
  io_.restart();
  io_.run_for(patience);
  if (ended) return result;
  error_code ignored; // a socket that is closed already has nothing to cancel
  socket_.cancel(ignored);
  io_.restart();
  io_.run_for(std::chrono::seconds{5});
  return asio::error::timed_out;
}

void raw_client::must(const std::function<void(done)>& start, const char* what) {
  auto fault = complete(start, patience_);
  if (fault) throw std::runtime_error(std::string{what} + ": " + fault.message());
}

void raw_client::write(std::string_view bytes) {
  must([&](const done& then) { asio::async_write(socket_, asio::buffer(bytes), then); }, "write");
}

std::size_t raw_client::write_until_stuck(std::string_view bytes, std::chrono::milliseconds quiet, std::size_t most,
                                          std::size_t taken) {
  while (taken < most && !write_failed_) {
    auto fault = complete(
        [&](const done& then) { socket_.async_write_some(asio::buffer(bytes.substr(taken % bytes.size())), then); },
        quiet);
    taken += transferred_; // also of a write that ended while it was being cancelled
    if (fault == asio::error::timed_out) break;
    write_failed_ = fault.failed();
  }
  return taken;
}

bool raw_client::reset_within(std::chrono::milliseconds patience) {
  pollfd nothing_but_errors{socket_.native_handle(), 0, 0};
  return ::poll(&nothing_but_errors, 1, static_cast<int>(patience.count())) == 1;
}

void raw_client::half_close() {
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send);
}

void raw_client::reset() {
  socket_.set_option(asio::socket_base::linger{true, 0});
  socket_.close();
}

error_code raw_client::read_more(std::chrono::milliseconds patience) {
  auto fault = complete(
      [&](const done& then) { socket_.async_read_some(buffer_.prepare(std::size_t{64} << 10), then); }, patience);
  if (!fault) buffer_.commit(transferred_);
  return fault;
}

std::string raw_client::take(std::size_t bytes) {
  std::string taken{static_cast<const char*>(buffer_.cdata().data()), bytes};
  buffer_.consume(bytes);
  return taken;
}

std::string raw_client::read(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (auto fault = read_more(patience_)) throw std::runtime_error("read: " + fault.message());
  }
  return take(bytes);
}

std::string raw_client::read_to_end() {
  for (;;) {
    auto fault = read_more(patience_);
    if (fault == asio::error::timed_out) throw std::runtime_error("the other side does not close");
    if (fault) return take(buffer_.size());
  }
}

bool raw_client::closed_within(std::chrono::milliseconds patience) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    auto fault = read_more(std::max(left, std::chrono::milliseconds{0}));
    if (fault) return fault != asio::error::timed_out;
    buffer_.clear();
  }
}

raw_response raw_client::read_response(bool to_head) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{1} << 30);
  parser.skip(to_head);
  must([&](const done& then) { http::async_read(socket_, buffer_, parser, then); }, "response");
  auto whole = parser.release();
  raw_response read;
  read.status = whole.result_int();
  read.body = whole.body();
  read.keeps_alive = whole.keep_alive();
  for (const auto& field : whole) {
    std::string name{field.name_string()};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    read.headers[name] = std::string{field.value()};
  }
  return read;
}

raw_response raw_client::request(std::string_view method, std::string_view target, std::string_view body,
                                 const headers& more) {
  auto text = std::string{method} + ' ' + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : more) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  write(text + "\r\n" + std::string{body});
  return read_response(method == "HEAD");
}

raw_response raw_client::post(std::string_view target, std::string_view body, std::string_view content_type) {
  return request("POST", target, body, {{"Content-Type", std::string{content_type}}});
}

raw_response raw_client::upgrade(std::string_view target, const headers& more) {
  headers all{{"Connection", "Upgrade"},
              {"Upgrade", "websocket"},
              {"Sec-WebSocket-Version", "13"},
              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  all.insert(all.end(), more.begin(), more.end());
  return request("GET", target, {}, all);
}

raw_frame raw_client::read_frame() {
  auto byte = [this] { return static_cast<unsigned char>(read(1)[0]); };
  raw_frame got;
  auto first = byte();
  got.final = (first & 0x80) != 0;
  got.opcode = first & 0x0f;
  std::uint64_t size = byte(); // a server's frames are not masked
  auto more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more > 0) size = 0;
  for (int i = 0; i < more; ++i) size = size << 8 | byte();
  got.payload = read(size);
  return got;
}

std::string raw_client::frame(unsigned opcode, std::string_view payload, bool final, bool masked) {
  std::string made;
  made += static_cast<char>((final ? 0x80 : 0) | opcode);
  auto mark = masked ? 0x80 : 0;
  auto size = payload.size();
  auto more = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  made += static_cast<char>(mark | (more == 0 ? static_cast<int>(size) : more == 2 ? 126 : 127));
  for (int i = more - 1; i >= 0; --i) made += static_cast<char>(size >> (8 * i) & 0xff);
  if (!masked) return made += payload;
  constexpr std::string_view key{"\x11\x22\x33\x44"};
  made += key;
  for (std::size_t i = 0; i < size; ++i) made += static_cast<char>(payload[i] ^ key[i % 4]);
  return made;
}

raw_websocket::raw_websocket(std::uint16_t port, const std::string& target, const std::string& subprotocol,
                             std::chrono::milliseconds patience)
    : below_{port, patience}, stream_{below_.socket_} {
  stream_.read_message_max(std::size_t{1} << 30);
  if (!subprotocol.empty()) {
    stream_.set_option(beast::websocket::stream_base::decorator([subprotocol](beast::websocket::request_type& request) {
      request.set(http::field::sec_websocket_protocol, subprotocol);
    }));
  }
  beast::websocket::response_type response;
  must(
      [&](const raw_client::done& then) {
        stream_.async_handshake(response, "localhost", target, [then](error_code fault) { then(fault, 0); });
      },
      "WebSocket handshake");
  subprotocol_ = std::string{response[http::field::sec_websocket_protocol]};
}

void raw_websocket::must(const std::function<void(raw_client::done)>& start, const char* what) {
  below_.must(start, what);
}

void raw_websocket::send(std::string_view text) {
  stream_.text(true);
  must([&](const raw_client::done& then) { stream_.async_write(asio::buffer(text), then); }, "WebSocket send");
}

void raw_websocket::send_binary(std::string_view bytes) {
  stream_.binary(true);
  must([&](const raw_client::done& then) { stream_.async_write(asio::buffer(bytes), then); }, "WebSocket send");
}

void raw_websocket::ping() {
  must([&](const raw_client::done& then) { stream_.async_ping({}, [then](error_code fault) { then(fault, 0); }); },
       "WebSocket ping");
}

std::string raw_websocket::receive() {
  message_.clear();
  must([&](const raw_client::done& then) { stream_.async_read(message_, then); }, "WebSocket receive");
  return beast::buffers_to_string(message_.cdata());
}

unsigned raw_websocket::close_code() {
  for (;;) {
    message_.clear();
    auto fault =
        below_.complete([&](const raw_client::done& then) { stream_.async_read(message_, then); }, below_.patience_);
    if (fault == asio::error::timed_out) throw std::runtime_error("the other side does not close");
    if (fault == beast::websocket::error::closed) {
      auto code = static_cast<unsigned>(stream_.reason().code);
      return code == 0 ? 1005U : code;
    }
    if (fault) return 1006;
  }
}

void raw_websocket::close() {
  must(
      [&](const raw_client::done& then) {
        stream_.async_close(beast::websocket::close_code::normal, [then](error_code fault) { then(fault, 0); });
      },
      "WebSocket close");
}

} // namespace goloca::test
