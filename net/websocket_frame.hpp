#pragma once
// The frames of a WebSocket (RFC 6455, 5.2): heads of those that a server sends (not masked, never fragmented), heads
// and payloads of those that a client does.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace goloca::net {

enum class frame_kind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9 };

/// How many bytes a head has for the length, beyond the seven bits of its second byte; no more may be used.
constexpr int length_bytes(std::uint64_t length) {
  return length < 126 ? 0 : length <= 0xffff ? 2 : 8;
}

inline std::string frame_head(frame_kind kind, std::size_t length) {
  std::string head{static_cast<char>(0x80 | static_cast<unsigned>(kind))};
  auto bytes = length_bytes(length);
  head += static_cast<char>(bytes == 0 ? length : bytes == 2 ? 126 : 127);
  for (auto i = bytes - 1; i >= 0; --i) head += static_cast<char>(length >> (8 * i) & 0xff);
  return head;
}

/// A client's frame as its head announces it. Nothing is checked.
struct client_frame {
  std::uint8_t first = 0;   // FIN, the reserved bits and the opcode
  bool masked = false;      // else the key is 0
  std::uint8_t head = 0;    // bytes of the head, 2 to 14
  std::uint64_t length = 0; // bytes of the payload
  std::uint32_t key = 0;    // its bytes in the order of the wire

  [[nodiscard]] bool is_whole_message() const { return first == 0x81 || first == 0x82; } // one frame, no extension
  [[nodiscard]] bool is_well_formed() const { return masked && head == 2 + length_bytes(length) + 4; }
  [[nodiscard]] bool is_binary() const { return (first & 0xf) == 2; }
};

/// The frame that begins with the first of `bytes`; nothing where its head is not all there.
[[nodiscard]] std::optional<client_frame> read_frame_head(std::string_view bytes);

/// Takes the mask from a payload, in place. (Or puts it on: RFC 6455, 5.3.)
void unmask(std::span<char> payload, std::uint32_t key);

} // namespace goloca::net
