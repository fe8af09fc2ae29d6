#pragma once
// Who has come in and is not known yet.

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace goloca::net::link {

/// Bounds strangers, in all and of one source. When there is no room the one that has waited longest is sent away: a
/// member shows its certificate within milliseconds, so crowds of the silent keep no member out. Thread-safe.
class lobby {
public:
  using number = std::uint64_t;

  lobby(std::size_t most, std::size_t most_of_a_source) : most_{most}, most_of_a_source_{most_of_a_source} {}

  /// \param send_away  called at most once, by whoever takes the place; any thread; must not block.
  /// \return what to leave with.
  [[nodiscard]] number enter(const boost::asio::ip::address& from, std::function<void()> send_away);
  void leave(number who); // idempotent

  [[nodiscard]] std::size_t count() const;

private:
  struct guest {
    boost::asio::ip::address source;
    std::function<void()> send_away;
  };
  using guests = std::map<number, guest>; // the oldest first

  guests::iterator who_must_go(const boost::asio::ip::address& source);

  std::size_t most_;
  std::size_t most_of_a_source_;
  mutable std::mutex mutex_;
  guests guests_;
  number last_ = 0;
};

} // namespace goloca::net::link
