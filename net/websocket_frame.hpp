#pragma once
// The bytes of a server's frame (RFC 6455, 5.2): not masked, never fragmented.

#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::net {

enum class frame_kind : std::uint8_t { text = 1, binary = 2, close = 8 };

inline std::string frame_head(frame_kind kind, std::size_t length) {
  std::string head{static_cast<char>(0x80 | static_cast<unsigned>(kind))};
  auto bytes = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
  head += static_cast<char>(bytes == 0 ? length : bytes == 2 ? 126 : 127);
  for (auto i = bytes - 1; i >= 0; --i) head += static_cast<char>(length >> (8 * i) & 0xff);
  return head;
}

} // namespace goloca::net
