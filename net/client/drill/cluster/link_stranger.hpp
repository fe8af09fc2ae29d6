#pragma once
// Somebody at the port for links who is no member.

#include "net/client/load/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// Connections that stay open: a third of them sent garbage, a third the header of a TLS record or a frame that claims
/// all there can be, a third nothing. Gone with this object.
class link_strangers {
public:
  /// \param at  an IPv4 address. Blocks for a moment. \throw drill_failure  not one can be made
  link_strangers(const std::string& at, std::uint16_t port, std::size_t count);

private:
  std::vector<load::descriptor> sockets_;
};

} // namespace goloca::net::drill
