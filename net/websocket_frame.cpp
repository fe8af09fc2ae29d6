#include "net/websocket_frame.hpp"

#include <cstring>

namespace goloca::net {

std::optional<client_frame> read_frame_head(std::string_view bytes) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  client_frame frame{.first = byte(0), .masked = (byte(1) & 0x80) != 0};
  auto in_second = byte(1) & 0x7fU;
  std::size_t more = in_second == 126 ? 2 : in_second == 127 ? 8 : 0;
  auto size = 2 + more + (frame.masked ? sizeof frame.key : 0);
  if (bytes.size() < size) return std::nullopt;
  frame.head = static_cast<std::uint8_t>(size);
  frame.length = more == 0 ? in_second : 0;
  for (std::size_t i = 2; i < 2 + more; ++i) frame.length = frame.length << 8 | byte(i);
  if (frame.masked) std::memcpy(&frame.key, bytes.data() + 2 + more, sizeof frame.key);
  return frame;
}

void unmask(std::span<char> payload, std::uint32_t key) {
  if (key == 0) return;
  auto twice = std::uint64_t{key} << 32 | key;
  auto* at = payload.data();
  auto left = payload.size();
  for (std::uint64_t eight = 0; left >= sizeof eight; at += sizeof eight, left -= sizeof eight) {
    std::memcpy(&eight, at, sizeof eight);
    eight ^= twice;
    std::memcpy(at, &eight, sizeof eight);
  }
  char keys[sizeof key];
  std::memcpy(keys, &key, sizeof key);
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ keys[i % sizeof key]);
}

} // namespace goloca::net
