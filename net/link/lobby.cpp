#include "net/link/lobby.hpp"

#include "net/link/link_address.hpp"

#include <algorithm>

namespace goloca::net::link {

namespace {

namespace ip = boost::asio::ip;

/// What one peer can have many of: a network of IPv6.
ip::address source_of(const ip::address& from) {
  auto plain = unmapped(from);
  if (plain.is_v4()) return plain;
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6{bytes};
}

} // namespace

lobby::number lobby::enter(const ip::address& from, std::function<void()> send_away) {
  auto source = source_of(from);
  std::function<void()> replaced;
  number mine = 0;
  {
    std::lock_guard lock{mutex_};
    auto goes = who_must_go(source);
    if (goes != guests_.end()) {
      replaced = std::move(goes->second.send_away);
      guests_.erase(goes);
    }
    mine = ++last_;
    guests_.emplace(mine, guest{source, std::move(send_away)});
  }
  if (replaced) replaced();
  return mine;
}

lobby::guests::iterator lobby::who_must_go(const ip::address& source) {
  auto is_of_it = [&](const guests::value_type& each) { return each.second.source == source; };
  auto of_it = std::count_if(guests_.begin(), guests_.end(), is_of_it);
  if (static_cast<std::size_t>(of_it) >= most_of_a_source_)
    return std::find_if(guests_.begin(), guests_.end(), is_of_it);
  return guests_.size() >= most_ ? guests_.begin() : guests_.end();
}

void lobby::leave(number who) {
  std::lock_guard lock{mutex_};
  guests_.erase(who);
}

std::size_t lobby::count() const {
  std::lock_guard lock{mutex_};
  return guests_.size();
}

} // namespace goloca::net::link
