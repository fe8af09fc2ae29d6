#pragma once
// From HTTP to WebSocket: what the HTTP session hands on.

#include "net/codec.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>
#include <string>

namespace goloca::net {

/// An upgrade request that was found good, and what it asks for.
struct upgrade {
  boost::beast::http::request<boost::beast::http::empty_body> request;
  std::optional<format> binary; // what binary messages are, by subprotocol; nothing: there are none
  std::string subprotocol;      // the one chosen; empty: none
};

} // namespace goloca::net
