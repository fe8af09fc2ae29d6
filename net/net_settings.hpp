#pragma once
// The bounds of the sessions, as config names them, and the node's name.

#include <chrono>
#include <cstddef>
#include <string>

namespace goloca::net {

/// Which node this is, for people.
struct node_name {
  std::string cluster = "goloca"; // CLUSTER
  std::string node;               // NODE_NAME
  std::string role = "all";       // ROLE
};

struct net_settings {
  std::chrono::milliseconds request_timeout{10'000}; // REQUEST_TIMEOUT: each point is answered within it
  std::chrono::milliseconds header_timeout{10'000};  // HEADER_TIMEOUT: from a request's first byte to its blank line
  std::chrono::milliseconds body_timeout{30'000};    // BODY_TIMEOUT: from there to its last byte
  std::chrono::milliseconds idle_timeout{75'000};    // IDLE_TIMEOUT: between requests
  std::chrono::milliseconds write_timeout{30'000};   // WRITE_TIMEOUT: the client does not read its replies
  std::chrono::milliseconds ping_interval{
      30'000};                            // PING_INTERVAL: a silent WebSocket is asked, and closed after another
  std::chrono::microseconds io_poll{200}; // IO_POLL_MICROSECONDS: the only thread looks out for work
  std::size_t max_in_flight = 1'024;      // MAX_IN_FLIGHT: points of one connection
  std::size_t max_header = 16 << 10;      // MAX_HEADER_SIZE
  std::size_t max_body = 8 << 20;         // MAX_BODY_SIZE
  std::size_t max_message = 1 << 20;      // MAX_MESSAGE_SIZE
  bool reject_unknown_members = false;    // UNKNOWN_MEMBERS=reject
  bool fault_injection = false;           // FAULT_INJECTION=on: operators may switch faults
  bool one_of_several = false;            // others take the clients over: a WebSocket is closed with 1012, not 1001
  node_name name = {};
};

} // namespace goloca::net
