#pragma once

#include <chrono>
#include <cstddef>

namespace goloca::net::link {

/// Times and bounds of a link's transport. A peer is gone when nothing came from it for `silence`; each byte that comes
/// counts, so a large frame on a thin line is life.
struct link_settings {
  std::chrono::milliseconds connect_timeout{3'000};   // TCP
  std::chrono::milliseconds handshake_timeout{5'000}; // TLS and hello together
  std::chrono::milliseconds ping_interval{1'000};
  std::chrono::milliseconds silence{3'000};
  std::size_t most_links = 256;      // a writer's, of admitted peers
  std::size_t most_strangers = 256;  // sockets that have not said hello yet
  std::size_t most_of_a_source = 16; // of these, from one address
};

} // namespace goloca::net::link
