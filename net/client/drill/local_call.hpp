#pragma once
// One HTTP request to a service, with patience: for its health, and its faults.

#include "net/client/drill/waiting.hpp"
#include "net/client/url.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace goloca::net::drill {

struct local_reply {
  unsigned status = 0;
  std::string body;
};

/// \param body  empty: none is sent. \return nothing when there is no whole answer in time. Blocks.
std::optional<local_reply> call(const client::url& to, const std::string& method, const std::string& path,
                                const std::string& body = {}, milliseconds patience = milliseconds{1'000});

/// The same, to 127.0.0.1.
std::optional<local_reply> call(std::uint16_t port, const std::string& method, const std::string& path,
                                const std::string& body = {}, milliseconds patience = milliseconds{1'000});

/// A port of 127.0.0.1 that nothing listens on at the moment, and that no outgoing connection is given by itself: who
/// connects again and again to a closed one of those meets itself some day.
std::uint16_t free_port();

} // namespace goloca::net::drill
