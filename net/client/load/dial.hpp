#pragma once
// Opens connections, one after the other: before the load, when nothing is in a hurry.

#include "net/client/load/descriptor.hpp"
#include "net/client/load/wire.hpp"
#include "net/client/url.hpp"

#include <netdb.h>

#include <chrono>
#include <memory>
#include <string>
#include <variant>

namespace goloca::net::load {

/// A connection that is ready for messages; its socket does not block.
struct line {
  descriptor socket;
  std::string heard; // what came behind the greeting's answer
};

class dialer {
public:
  /// Looks the name up, which may block for as long as the resolver does.
  dialer(client::url to, std::chrono::milliseconds patience);

  /// Connects and greets, within the patience. \return the line, or what is wrong, for a person.
  [[nodiscard]] std::variant<line, std::string> dial(const wire& speaks) const;

private:
  using deadline = std::chrono::steady_clock::time_point;

  descriptor connect(deadline until, std::string& fault) const;
  bool greet(line& on, const wire& speaks, deadline until, std::string& fault) const;

  struct release {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
  };
  client::url to_;
  std::chrono::milliseconds patience_;
  std::unique_ptr<addrinfo, release> addresses_;
  std::string unknown_; // why there are no addresses
};

} // namespace goloca::net::load
