#include "net/cluster_page.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace goloca::net {

namespace {

using object = nlohmann::ordered_json;

double in_ms(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>{time}.count();
}

const char* name_of(actors::link_status::state what) {
  using state = actors::link_status::state;
  switch (what) {
  case state::connecting:
    return "connecting";
  case state::connected:
    return "connected";
  case state::leaving:
    return "leaving";
  case state::waiting:
    return "waiting";
  }
  return "unknown";
}

object shown(const actors::link_status& link, actors::time_point now) {
  object made{{"address", link.address},
              {"node", link.node},
              {"state", name_of(link.what)},
              {"batches", link.in_flight},
              {"credit", link.credit},
              {"round_trip_ms", in_ms(link.round_trip)},
              {"batch_ms", in_ms(link.batch_time)},
              {"failures", link.failures.count}};
  if (link.failures.count > 0) {
    made["last_failure"] = {{"reason", link.failures.last}, {"ago_ms", in_ms(now - link.failures.at)}};
  }
  return made;
}

object shown(const actors::host_status& host, actors::time_point now) {
  return {{"node", host.node},
          {"from", host.from},
          {"batches", host.in_flight},
          {"answered", {{"batches", host.batches}, {"points", host.points}}},
          {"for_ms", in_ms(now - host.since)}};
}

} // namespace

std::string cluster_page(const actors::node_status& node, const node_name& name) {
  object made{{"cluster", name.cluster}, {"node", name.node}, {"role", name.role}, {"draining", node.draining}};
  made["writers"] = object::array();
  if (node.links) {
    for (const auto& each : node.links->links) made["writers"].push_back(shown(each, node.at));
  }
  made["edges"] = object::array();
  if (node.hosts) {
    for (const auto& each : node.hosts->hosts) made["edges"].push_back(shown(each, node.at));
  }
  return made.dump(2, ' ', false, object::error_handler_t::replace) + "\n";
}

} // namespace goloca::net
