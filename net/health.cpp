#include "net/health.hpp"

#include "store/fault.hpp"

#include <nlohmann/json.hpp>

namespace goloca::net {

unsigned encode_readiness(const actors::readiness& now, std::string& out) {
  nlohmann::ordered_json body{{"status", now.ready() ? "ready" : "unavailable"},
                              {"writers", now.writers},
                              {"queued", now.queued},
                              {"capacity", now.capacity},
                              {"durability", now.durability},
                              {"weak_durability", !now.full_durability}};
  if (now.writers == 0)
    body["reason"] = now.reason;
  else if (!now.ready())
    body["reason"] = "the queue is full";
  if (auto active = faults::all_active(); !active.empty()) {
    for (auto each : active) body["faults"].push_back(std::string{name_of(each)});
  }
  out += body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return now.ready() ? 200 : 503;
}

std::string_view draining_body() {
  return R"({"status":"draining","reason":"the node is shutting down"})";
}

unsigned encode_found(format as, const actors::find_result& found, std::string& out) {
  using state = actors::find_result::state;
  auto failed = [&](ending what) {
    encode(as, {what, {}, found.detail, {}}, out);
    return status_of(what).http;
  };
  switch (found.what) {
  case state::found:
    encode_row(as, (*found.row)[0], out);
    return 200;
  case state::in_flight: {
    auto body = nlohmann::ordered_json{{"status", "in_flight"}, {"error", nullptr}};
    auto bytes = as == format::cbor      ? nlohmann::ordered_json::to_cbor(body)
                 : as == format::msgpack ? nlohmann::ordered_json::to_msgpack(body)
                                         : std::vector<std::uint8_t>{};
    if (bytes.empty())
      out += body.dump();
    else
      out.append(bytes.begin(), bytes.end());
    return 202;
  }
  case state::missing:
    encode(as, {ending::not_found, {}, "no such point is stored", {}}, out);
    return 404;
  case state::timeout:
    return failed(ending::timeout);
  case state::unavailable:
    break;
  }
  return failed(ending::unavailable);
}

} // namespace goloca::net
