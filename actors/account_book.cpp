#include "actors/account_book.hpp"

namespace goloca::actors {

std::string to_string(node_part what) {
  switch (what) {
  case node_part::writer_supervisor:
    return "writer_supervisor";
  case node_part::writer_pool:
    return "writer_pool";
  case node_part::client_connections:
    return "client_connections";
  case node_part::operator_connections:
    return "operator_connections";
  case node_part::link_supervisor:
    return "link_supervisor";
  case node_part::link_hosts:
    return "link_hosts";
  }
  return "unknown part";
}

account account_book::sum() const {
  account all;
  for (const auto& each : points) all += each.points;
  return all;
}

void account_book::copy_to(node_status& found) const {
  found.points = points;
  found.of_pools = pools.all();
  found.of_writers = writers.all();
  for (std::size_t i = 0; i < entrances; ++i) found.of_connections[i] = connections[i].all();
  found.failures = failures;
}

} // namespace goloca::actors
