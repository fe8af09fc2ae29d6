#pragma once
// What all sessions of the node share. Made by the composition root; outlives every session.

#include "net/byte_budget.hpp"
#include "net/metrics.hpp"
#include "net/net_settings.hpp"
#include "store/point_id.hpp"
#include "store/schema.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace goloca::net {

struct service {
  /// \param store_name  of the kind of store, for the figures.
  service(std::shared_ptr<const store::schema> of, net_settings bounds, std::size_t buffered_bytes, std::uint64_t boot,
          std::string store_name = {});

  [[nodiscard]] session_figures figures() const;

  const std::shared_ptr<const store::schema> schema;
  const net_settings settings;
  byte_budget budget;
  store::point_id_source ids;
  const std::string store;              // postgres
  const std::string version_body;       // /version
  const std::string openapi_body;       // /openapi.json
  std::atomic<bool> draining{false};    // /readyz says 503 from then on, upgrades are refused
  std::atomic<std::size_t> sessions{0}; // open sockets of both listeners
};

} // namespace goloca::net
