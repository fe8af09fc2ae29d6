#include "net/http_reply.hpp"

#include "net/actor_tree.hpp"
#include "net/cluster_page.hpp"
#include "net/fault_control.hpp"
#include "net/health.hpp"
#include "net/http_response.hpp"
#include "net/live_page.hpp"
#include "net/metrics.hpp"

#include <charconv>

namespace goloca::net {

namespace {

constexpr std::string_view retry_after = "Retry-After: 1\r\n";

std::optional<std::int64_t> id_from(std::string_view text) {
  std::int64_t id = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (wrong != std::errc{} || end != text.data() + text.size() || id < 1 || text.front() == '0') return std::nullopt;
  return id;
}

/// Header lines that belong to a refusal.
std::string fields_of(const http_request& request, ending what) {
  if (what == ending::method_not_allowed) return "Allow: " + std::string{request.allow} + "\r\n";
  if (what == ending::upgrade_required) return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  if (status_of(what).http == 503) return std::string{retry_after};
  return {};
}

/// The reply that this request is owed; what it says is still open.
owed_reply reply_to(const http_request& request) {
  owed_reply owed;
  owed.as = request.reply;
  owed.keep_alive = request.keep_alive;
  owed.head_only = request.head_only;
  owed.http_1_0 = request.http_1_0;
  return owed;
}

/// A whole reply of JSON, ready to be sent. A 503 says when to come again.
owed_reply ready_reply(const http_request& request, unsigned code, std::string_view body) {
  auto owed = reply_to(request);
  append({code, "application/json", body, code == 503 ? retry_after : std::string_view{}, owed.keep_alive,
          owed.head_only, owed.http_1_0},
         owed.text);
  return owed;
}

/// The page's own code and style, and questions to whom it came from: nothing else may run in it or be asked by it.
constexpr std::string_view live_page_fields =
    "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; "
    "connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n";

owed_reply live_page_reply(const http_request& request) {
  auto owed = reply_to(request);
  append({200, "text/html; charset=utf-8", live_page, live_page_fields, owed.keep_alive, owed.head_only, owed.http_1_0},
         owed.text);
  return owed;
}

/// The answer to /metrics, /actors or /cluster.
void encode_status(const owed_reply& owed, const actors::status_told& told, const service& of, std::string& body,
                   http_response& response) {
  response.content_type = "application/json";
  if (!told.status) {
    encode(format::json, {ending::unavailable, {}, told.reason, {}}, body);
    response.code = status_of(ending::unavailable).http;
  } else if (owed.status == status_page::actors) {
    body += actor_tree(*told.status);
  } else if (owed.status == status_page::cluster) {
    body += cluster_page(*told.status, of.settings.name);
  } else {
    response.content_type = metrics_content_type;
    body += metrics_text(*told.status, of.figures());
  }
}

/// Writes the body of a reply about points.
/// \return the response's code.
unsigned encode_answers(const owed_reply& owed, reply_scratch& with) {
  const auto& answers = with.answers.of(owed);
  if (owed.what == owed_reply::kind::bulk) {
    encode_bulk(owed.as, answers, with.body);
    return bulk_code(answers);
  }
  encode(owed.as, answers.front(), with.body);
  return status_of(answers.front().what).http;
}

} // namespace

owed_reply refusal(const http_request& request, bool then_close) {
  auto what = *request.refused;
  auto owed = reply_to(request);
  owed.keep_alive = request.keep_alive && !then_close;
  std::string body;
  encode(request.reply, {what, {}, request.why, {}}, body);
  auto fields = fields_of(request, what);
  append({status_of(what).http, content_type_of(request.reply), body, fields, owed.keep_alive, owed.head_only,
          owed.http_1_0},
         owed.text);
  return owed;
}

void owe_reply(const http_request& request, std::string_view body, const service& of, exchange& points) {
  auto refused = [&](ending what, std::string_view why, bool then_close) {
    auto one = request;
    one.refused = what;
    one.why = why;
    points.add(refusal(one, then_close));
  };
  if (request.refused) return points.add(refusal(request, false));
  if (request.to_websocket) return refused(ending::unavailable, "the node is draining", true);
  auto owed = reply_to(request);
  auto add_points = [&](shape expected) {
    try {
      points.add_points(request.text, body, expected, std::move(owed));
    } catch (const std::bad_alloc&) {
      refused(ending::overloaded, "the node has no memory for this now", true);
    }
  };
  switch (request.to) {
  case route::add_datapoint:
    return add_points(shape::object);
  case route::datapoints:
    owed.what = owed_reply::kind::bulk;
    return add_points(shape::array);
  case route::datapoint:
    if (auto id = id_from(request.id)) return points.ask_store(*id, std::move(owed));
    return refused(ending::invalid, "an id is 1 to 9223372036854775807, in digits", false);
  case route::readyz:
    if (!of.draining) return points.ask_readiness(std::move(owed));
    return points.add(ready_reply(request, 503, draining_body()));
  case route::actors:
    owed.status = status_page::actors;
    return points.ask_status(std::move(owed));
  case route::cluster:
    owed.status = status_page::cluster;
    return points.ask_status(std::move(owed));
  case route::live:
    return points.add(live_page_reply(request));
  case route::metrics:
    return points.ask_status(std::move(owed));
  case route::healthz:
    return points.add(ready_reply(request, 200, R"({"status":"ok"})"));
  case route::version:
    return points.add(ready_reply(request, 200, of.version_body));
  case route::faults:
    return points.add(ready_reply(request, 200, fault_list()));
  case route::fault: {
    auto answer = control_fault(request, body, of.settings.fault_injection);
    if (answer.refused) return refused(*answer.refused, answer.text, false);
    return points.add(ready_reply(request, 200, answer.text));
  }
  default:
    return points.add(ready_reply(request, 200, of.openapi_body));
  }
}

void append_response(const owed_reply& owed, const service& of, bool keep_alive, reply_scratch& with,
                     std::string& out) {
  if (owed.what == owed_reply::kind::ready) {
    out += owed.text;
    return;
  }
  with.body.clear();
  http_response response{200, content_type_of(owed.as), {}, {}, keep_alive, owed.head_only, owed.http_1_0};
  if (auto* found = std::get_if<actors::find_result>(owed.reply.get())) {
    response.code = encode_found(owed.as, *found, with.body);
  } else if (auto* ready = std::get_if<actors::readiness>(owed.reply.get())) {
    response.code = encode_readiness(*ready, with.body);
    response.content_type = "application/json";
  } else if (auto* told = std::get_if<actors::status_told>(owed.reply.get())) {
    encode_status(owed, *told, of, with.body, response);
  } else {
    response.code = encode_answers(owed, with);
  }
  if (response.code == 503) response.fields = retry_after;
  response.body = with.body;
  append(response, out);
}

} // namespace goloca::net
