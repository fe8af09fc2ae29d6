#pragma once
// The frames that a WebSocket server sends (RFC 6455, 5.2), read in place.

#include <cstdint>
#include <string_view>

namespace goloca::net::load {

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct server_frame {
  enum class state : std::uint8_t {
    partial, // more bytes are wanted
    whole,
    wrong // it breaks the protocol, or is a fragment, which no service that we load sends
  };
  state is = state::partial;
  opcode code = opcode::text;
  std::string_view payload = {}; // in the bytes that were read
  std::size_t size = 0;          // of the whole frame
};

/// The first frame of `bytes`.
server_frame read_server_frame(std::string_view bytes);

/// A close frame's code; 1005 when it has none.
unsigned close_code_of(std::string_view payload);

} // namespace goloca::net::load
