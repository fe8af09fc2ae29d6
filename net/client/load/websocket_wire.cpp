#include "net/client/load/ride_text.hpp"
#include "net/client/load/server_frame.hpp"
#include "net/client/load/wire.hpp"

#include <algorithm>

namespace goloca::net::load {

namespace {

/// RFC 6455 has clients mask what they send, so that a script in a browser cannot choose the bytes on the wire. Here
/// nobody is to be guarded against, and with the key 0 the masked payload is the payload: legal, and free.
constexpr std::string_view mask_key{"\0\0\0\0", 4};

/// \param code  with the final bit.
void append_head(opcode code, std::size_t length, std::string& out) {
  auto bytes = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
  out += static_cast<char>(0x80 | static_cast<unsigned>(code));
  out += static_cast<char>(0x80 | (bytes == 0 ? length : bytes == 2 ? 126 : 127));
  for (auto i = bytes - 1; i >= 0; --i) out += static_cast<char>(length >> (8 * i) & 0xff);
  out += mask_key;
}

class websocket_wire final : public wire {
public:
  websocket_wire(client::url to, bool arrays) : to_{std::move(to)}, arrays_{arrays} {}

  /// The nonce is the RFC's own example, whose answer is known: no SHA-1 is wanted to check it.
  [[nodiscard]] std::string greeting() const override {
    return "GET " + to_.prefix + "/ws HTTP/1.1\r\nHost: " + to_.authority() +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }
  [[nodiscard]] bool welcomes(std::string_view head) const override {
    return head.starts_with("HTTP/1.1 101 ") && head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string_view::npos;
  }
  [[nodiscard]] std::string farewell() const override {
    std::string out;
    append_head(opcode::close, 2, out);
    return out += std::string_view{"\x03\xe8", 2}; // 1000
  }

  void append(ride_range rides, std::string& out) const override {
    append_head(opcode::text, arrays_ ? rides_size(rides.first, rides.count) : ride_size(rides.first), out);
    if (arrays_) return append_rides(rides.first, rides.count, out);
    append_ride(rides.first, out);
  }

  void append_text(std::string_view message, std::string& out) const override {
    append_head(opcode::text, message.size(), out);
    out += message;
  }

  incoming next(std::string_view bytes, std::string& out) const override {
    auto frame = read_server_frame(bytes);
    if (frame.is == server_frame::state::partial) return {};
    if (frame.is == server_frame::state::wrong)
      return broken("the service sent what is no WebSocket frame, or a fragment");
    if (frame.code == opcode::close)
      return broken("the service closed it with " + std::to_string(close_code_of(frame.payload)));
    if (frame.code == opcode::text) return {.what = incoming::kind::reply, .body = frame.payload, .size = frame.size};
    if (frame.code == opcode::binary) return broken("the service sent a binary message");
    if (frame.code == opcode::ping) append_head(opcode::pong, frame.payload.size(), out), out += frame.payload;
    return {.what = incoming::kind::nothing_to_us, .size = frame.size};
  }

private:
  static incoming broken(std::string why) { return {.what = incoming::kind::broken, .why = std::move(why)}; }

  client::url to_;
  bool arrays_;
};

} // namespace

std::unique_ptr<wire> speak_websocket(const client::url& to, bool arrays) {
  return std::make_unique<websocket_wire>(to, arrays);
}

} // namespace goloca::net::load
