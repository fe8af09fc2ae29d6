#include "net/routes.hpp"

#include <array>

namespace goloca::net {

namespace {

struct entry {
  std::string_view path;
  std::string_view method;
  route to;
  bool clients_only;
};

constexpr std::array table{
    entry{"/add_datapoint", "POST", route::add_datapoint, true},
    entry{"/datapoints", "POST", route::datapoints, true},
    entry{"/ws", "GET", route::websocket, true},
    entry{"/healthz", "GET", route::healthz, false},
    entry{"/readyz", "GET", route::readyz, false},
    entry{"/version", "GET", route::version, false},
    entry{"/openapi.json", "GET", route::openapi, false},
};

constexpr std::string_view datapoint_prefix = "/datapoints/";

destination check_method(std::string_view method, std::string_view allowed, destination there) {
  auto head_too = allowed == "GET" && there.to != route::websocket;
  if (method == allowed || (head_too && method == "HEAD")) return there;
  return {route::method_not_allowed, head_too ? "GET, HEAD" : allowed};
}

} // namespace

destination find_route(std::string_view method, std::string_view path, actors::entrance at) {
  auto clients = at == actors::entrance::clients;
  for (const auto& each : table) {
    if (path == each.path && (clients || !each.clients_only)) return check_method(method, each.method, {each.to});
  }
  if (clients && path.starts_with(datapoint_prefix) && path.size() > datapoint_prefix.size()) {
    return check_method(method, "GET", {route::datapoint, {}, path.substr(datapoint_prefix.size())});
  }
  return {};
}

} // namespace goloca::net
