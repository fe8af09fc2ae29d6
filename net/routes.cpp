#include "net/routes.hpp"

#include <array>
#include <optional>

namespace goloca::net {

namespace {

struct entry {
  std::string_view path;
  std::string_view method;
  route to;
  std::optional<actors::entrance> only = std::nullopt; // where it leads there; not set: everywhere
};

constexpr auto clients = actors::entrance::clients;
constexpr auto operators = actors::entrance::operators;

constexpr std::array table{
    entry{"/add_datapoint", "POST", route::add_datapoint, clients},
    entry{"/datapoints", "POST", route::datapoints, clients},
    entry{"/ws", "GET", route::websocket, clients},
    entry{"/healthz", "GET", route::healthz},
    entry{"/readyz", "GET", route::readyz},
    entry{"/version", "GET", route::version},
    entry{"/openapi.json", "GET", route::openapi},
    entry{"/metrics", "GET", route::metrics, operators},
    entry{"/actors", "GET", route::actors, operators},
};

constexpr std::string_view datapoint_prefix = "/datapoints/";

destination check_method(std::string_view method, std::string_view allowed, destination there) {
  auto head_too = allowed == "GET" && there.to != route::websocket;
  if (method == allowed || (head_too && method == "HEAD")) return there;
  return {route::method_not_allowed, head_too ? "GET, HEAD" : allowed};
}

} // namespace

destination find_route(std::string_view method, std::string_view path, actors::entrance at) {
  for (const auto& each : table) {
    if (path == each.path && each.only.value_or(at) == at) return check_method(method, each.method, {each.to});
  }
  if (at == clients && path.starts_with(datapoint_prefix) && path.size() > datapoint_prefix.size()) {
    return check_method(method, "GET", {route::datapoint, {}, path.substr(datapoint_prefix.size())});
  }
  return {};
}

} // namespace goloca::net
