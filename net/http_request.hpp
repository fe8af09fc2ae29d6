#pragma once
// What a session does about a request, decided from its header alone.

#include "net/codec.hpp"
#include "net/http_framing.hpp"
#include "net/net_settings.hpp"
#include "net/routes.hpp"
#include "net/upgrade.hpp"

#include <optional>
#include <string>

namespace goloca::net {

/// Owns what it needs: the header's bytes may go once it is made.
struct http_request {
  route to = route::not_found;
  std::string id{};                // of /datapoints/{id}, the name of /faults/{name}
  bool deletes = false;            // the method is DELETE
  std::string_view allow{};        // for a refused method
  std::optional<ending> refused{}; // the answer is known from the header: the body, if any, is read and dropped
  std::string why{};               // with it
  format text = format::json;      // of the body
  format reply = format::json;
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expect_continue = false;
  bool keep_alive = true;
  bool head_only = false;
  bool http_1_0 = false;
  std::optional<upgrade> to_websocket{};

  [[nodiscard]] bool has_body() const { return chunked || content_length > 0; }
  [[nodiscard]] bool asks_for_points() const { return to == route::add_datapoint || to == route::datapoints; }
};

http_request understand(const request_head& head, actors::entrance at, const net_settings& settings);

} // namespace goloca::net
