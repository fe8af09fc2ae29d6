#include "net/link/link_address.hpp"

#include <boost/system/error_code.hpp>

#include <charconv>
#include <cstdint>

namespace goloca::net::link {

namespace ip = boost::asio::ip;

std::optional<ip::tcp::endpoint> endpoint_of(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  boost::system::error_code ec;
  auto address = ip::make_address(std::string{host}, ec);
  bool readable = !ec && fault == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  if (!readable || bracketed != address.is_v6()) return std::nullopt;
  return ip::tcp::endpoint{address, port};
}

std::string text_of(const ip::tcp::endpoint& of) {
  auto address = unmapped(of.address());
  auto host = address.to_string();
  return (address.is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(of.port());
}

ip::address unmapped(const ip::address& from) {
  if (!from.is_v6() || !from.to_v6().is_v4_mapped()) return from;
  return ip::make_address_v4(ip::v4_mapped, from.to_v6());
}

} // namespace goloca::net::link
