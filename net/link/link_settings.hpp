#pragma once

#include <chrono>
#include <cstddef>

namespace goloca::net::link {

/// Times and bounds of a link's transport. A peer is gone when nothing came from it for `silence`; each byte that comes
/// counts, so a large frame on a thin line is life. How many members a writer takes is the link hosts' to say.
struct link_settings {
  std::chrono::milliseconds connect_timeout{3'000};   // TCP
  std::chrono::milliseconds handshake_timeout{5'000}; // TLS, hello and the answer to it together
  std::chrono::milliseconds ping_interval{1'000};
  std::chrono::milliseconds silence{3'000};
  std::chrono::milliseconds farewell{1'000}; // for a peer to read why it was refused, before its socket goes
  std::size_t most_strangers = 256;          // sockets without TLS yet; a further one takes the oldest one's place
  std::size_t most_of_a_source = 32;         // of these, from one address (IPv6: one /64)
};

} // namespace goloca::net::link
