#include "net/http_request.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cctype>

namespace goloca::net {

namespace {

constexpr std::string_view cbor_subprotocol = "goloca.cbor";
constexpr std::string_view msgpack_subprotocol = "goloca.msgpack";

bool same_word(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

void refuse(http_request& request, ending what, std::string why = {}) {
  request.refused = what;
  request.why = std::move(why);
}

/// The body's format unless the client names another that we speak: what it sends is what it reads.
format reply_format(format text, std::string_view accept) {
  if (accept.find("application/json") != std::string_view::npos) return format::json;
  if (accept.find("application/cbor") != std::string_view::npos) return format::cbor;
  if (accept.find("msgpack") != std::string_view::npos) return format::msgpack;
  return text;
}

void understand_body(http_request& request, const request_head& head) {
  auto text =
      request.to == route::add_datapoint ? format_of_point(head.content_type) : format_of_points(head.content_type);
  if (!text) {
    return refuse(request, ending::unsupported_media_type,
                  "the Content-Type is not one of those that a data point comes in");
  }
  if (!head.content_encoding.empty() && !same_word(head.content_encoding, "identity")) {
    return refuse(request, ending::unsupported_media_type, "a Content-Encoding is not supported");
  }
  request.text = *text;
  request.reply = reply_format(*text, head.accept);
}

/// 16 bytes in base64: 22 characters and two equal signs.
bool is_websocket_key(std::string_view key) {
  auto of_base64 = [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '/'; };
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), of_base64);
}

void choose_subprotocol(upgrade& chosen, const std::vector<std::string_view>& offered) {
  for (auto each : offered) {
    if (each != cbor_subprotocol && each != msgpack_subprotocol) continue;
    chosen.binary = each == cbor_subprotocol ? format::cbor : format::msgpack;
    chosen.subprotocol = each;
    return;
  }
}

void understand_upgrade(http_request& request, const request_head& head) {
  namespace http = boost::beast::http;
  if (!head.upgrade_websocket || head.minor_version == 0) {
    return refuse(request, ending::upgrade_required, "this is a WebSocket: ask for an upgrade");
  }
  if (head.websocket_version != "13") {
    return refuse(request, ending::upgrade_required, "only version 13 of the WebSocket protocol is spoken");
  }
  if (!is_websocket_key(head.websocket_key)) {
    return refuse(request, ending::bad_request, "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  if (head.has_body()) return refuse(request, ending::bad_request, "an upgrade has no body");
  auto& good = request.to_websocket.emplace();
  choose_subprotocol(good, head.websocket_protocols);
  good.request.method(http::verb::get);
  good.request.target("/ws");
  good.request.version(11);
  good.request.set(http::field::host, boost::beast::string_view{head.host.data(), head.host.size()});
  good.request.set(http::field::upgrade, "websocket");
  good.request.set(http::field::connection, "Upgrade");
  good.request.set(http::field::sec_websocket_version, "13");
  good.request.set(http::field::sec_websocket_key,
                   boost::beast::string_view{head.websocket_key.data(), head.websocket_key.size()});
}

} // namespace

http_request understand(const request_head& head, actors::entrance at, const net_settings& settings) {
  http_request request;
  auto there = find_route(head.method, head.path, at);
  request.to = there.to;
  request.id = there.id;
  request.allow = there.allow;
  request.content_length = head.content_length.value_or(0);
  request.chunked = head.chunked;
  request.expect_continue = head.expect_continue && head.minor_version > 0;
  request.keep_alive = head.keep_alive;
  request.deletes = head.method == "DELETE";
  request.head_only = head.method == "HEAD";
  request.http_1_0 = head.minor_version == 0;
  request.reply = reply_format(format::json, head.accept);
  if (request.content_length > settings.max_body) {
    refuse(request, ending::too_large, "the body is over the limit of " + std::to_string(settings.max_body) + " bytes");
  } else if (there.to == route::not_found) {
    refuse(request, ending::not_found, "there is nothing at this path");
  } else if (there.to == route::method_not_allowed) {
    refuse(request, ending::method_not_allowed, "this path takes " + std::string{there.allow});
  } else if (request.asks_for_points()) {
    understand_body(request, head);
  } else if (there.to == route::websocket) {
    understand_upgrade(request, head);
  }
  return request;
}

} // namespace goloca::net
