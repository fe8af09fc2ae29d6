#include "net/routes.hpp"

#include <algorithm>
#include <array>

namespace goloca::net {

namespace {

enum class listener : std::uint8_t { clients, operators, both };

struct entry {
  std::string_view path;
  std::string_view method;
  route to;
  listener at;
};

constexpr std::array table{
    entry{"/add_datapoint", "POST", route::add_datapoint, listener::clients},
    entry{"/datapoints", "POST", route::datapoints, listener::clients},
    entry{"/ws", "GET", route::websocket, listener::clients},
    entry{"/healthz", "GET", route::healthz, listener::both},
    entry{"/readyz", "GET", route::readyz, listener::both},
    entry{"/version", "GET", route::version, listener::both},
    entry{"/openapi.json", "GET", route::openapi, listener::both},
    entry{"/faults", "GET", route::faults, listener::operators},
    entry{"/metrics", "GET", route::metrics, listener::operators},
    entry{"/actors", "GET", route::actors, listener::operators},
    entry{"/cluster", "GET", route::cluster, listener::operators},
    entry{"/live", "GET", route::live, listener::operators},
};

/// Paths that end with a name of the client's choice.
struct prefix_entry {
  std::string_view prefix;
  std::string_view methods; // as Allow has them
  route to;
  listener at;
};

constexpr std::array prefixes{
    prefix_entry{"/datapoints/", "GET, HEAD", route::datapoint, listener::clients},
    prefix_entry{"/faults/", "PUT, DELETE", route::fault, listener::operators},
};

bool leads(listener to, actors::entrance from) {
  return to == listener::both || (to == listener::clients) == (from == actors::entrance::clients);
}

/// "GET, HEAD" has GET and HEAD.
bool names(std::string_view methods, std::string_view method) {
  for (std::size_t start = 0; start <= methods.size();) {
    auto end = std::min(methods.find(", ", start), methods.size());
    if (methods.substr(start, end - start) == method) return true;
    start = end + 2;
  }
  return false;
}

destination check_method(std::string_view method, std::string_view allowed, destination there) {
  if (names(allowed, method)) return there;
  return {route::method_not_allowed, allowed};
}

} // namespace

destination find_route(std::string_view method, std::string_view path, actors::entrance at) {
  for (const auto& each : table) {
    if (path != each.path || !leads(each.at, at)) continue;
    auto head_too = each.method == "GET" && each.to != route::websocket;
    return check_method(method, head_too ? "GET, HEAD" : each.method, {each.to});
  }
  for (const auto& each : prefixes) {
    if (!path.starts_with(each.prefix) || path.size() == each.prefix.size() || !leads(each.at, at)) continue;
    return check_method(method, each.methods, {each.to, {}, path.substr(each.prefix.size())});
  }
  return {};
}

} // namespace goloca::net
