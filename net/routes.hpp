#pragma once
// Which path and method lead where.

#include "actors/connections.hpp"

#include <cstdint>
#include <string_view>

namespace goloca::net {

enum class route : std::uint8_t {
  not_found,
  method_not_allowed,
  add_datapoint, // POST /add_datapoint
  datapoints,    // POST /datapoints
  datapoint,     // GET /datapoints/{id}
  websocket,     // GET /ws
  healthz,
  readyz,
  version,
  openapi,
  faults,  // GET /faults
  fault,   // PUT, DELETE /faults/{name}
  metrics, // GET /metrics, as the next three for operators only
  actors,
  cluster,
  live, // GET /live, a page for a browser
};

struct destination {
  route to = route::not_found;
  std::string_view allow = {}; // for method_not_allowed: the methods that are
  std::string_view id = {};    // for datapoint and fault: as it stands in the path
};

/// \param path  without query. GET routes take HEAD too, but for the WebSocket.
/// \param at    operators get no points in.
destination find_route(std::string_view method, std::string_view path, actors::entrance at);

} // namespace goloca::net
