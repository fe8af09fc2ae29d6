#pragma once
// Addresses of links, as people and WRITERS write them: 10.0.0.2:7420, [fd00::2]:7420.

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace goloca::net::link {

/// Reads a numeric address with its port. \return nothing when it is none.
[[nodiscard]] std::optional<boost::asio::ip::tcp::endpoint> endpoint_of(std::string_view text);

/// The way back. An IPv4 address that came by IPv6 (::ffff:10.0.0.2) is written as the IPv4 address it is.
[[nodiscard]] std::string text_of(const boost::asio::ip::tcp::endpoint& of);

/// The IPv4 address that is meant by ::ffff:10.0.0.2; any other as it is.
[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& from);

} // namespace goloca::net::link
