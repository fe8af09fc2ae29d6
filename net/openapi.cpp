#include "net/openapi.hpp"

#include "net/status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>

namespace goloca::net {

namespace {

using document = nlohmann::ordered_json;
using store::column_type;

document reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string{name}}};
}

// -- schemas ---------------------------------------------------------------------------------------

document types_of(const store::field& of) {
  auto types = document::array();
  if (of.takes_string) types.push_back("string");
  if (of.type == column_type::boolean) types.push_back("boolean");
  if (of.type == column_type::double_precision)
    types.push_back("number");
  else if (of.takes_integer)
    types.push_back("integer");
  if (!of.required) types.push_back("null");
  return types;
}

document member_schema(const store::field& of, bool key) {
  document made{{"type", types_of(of)}};
  if (!of.description.empty()) made["description"] = of.description;
  if (key && of.takes_string) made["pattern"] = "^[1-9][0-9]{0,18}$";
  switch (of.type) {
  case column_type::text:
    if (of.min_length > 0) made["minLength"] = of.min_length;
    if (of.max_length != std::numeric_limits<std::size_t>::max()) made["maxLength"] = of.max_length;
    break;
  case column_type::boolean:
    if (of.takes_integer) made["minimum"] = 0, made["maximum"] = 1;
    break;
  case column_type::double_precision:
    if (of.least != std::numeric_limits<double>::lowest()) made["minimum"] = of.least;
    if (of.most != std::numeric_limits<double>::max()) made["maximum"] = of.most;
    break;
  default:
    made["minimum"] = of.minimum, made["maximum"] = of.maximum;
  }
  return made;
}

document point_schema(const store::schema& of) {
  auto properties = document::object();
  auto required = document::array();
  for (const auto& field : of.fields()) {
    properties[field.member] = member_schema(field, field.member == "id");
    if (field.required) required.push_back(field.member);
  }
  document made{{"type", "object"}, {"properties", properties}};
  if (!required.empty()) made["required"] = required;
  return made;
}

document codes() {
  auto made = document::array();
  for (auto what = 0; what <= static_cast<int>(ending::not_implemented); ++what) {
    auto code = status_of(static_cast<ending>(what)).code;
    if (!code.empty() && std::ranges::find(made, document(code)) == made.end()) made.push_back(code);
  }
  return made;
}

document reply_schema() {
  document id{{"type", {"string", "null"}}, {"description", "The point's id; null when none could be read."}};
  document properties{
      {"status", {{"type", "string"}, {"enum", {"success", "failed"}}}},
      {"error", {{"type", {"string", "null"}}, {"description", "What is wrong, for a person."}}},
      {"id", id},
      {"code", {{"type", "string"}, {"enum", codes()}, {"description", "What is wrong, for a program."}}},
      {"member", {{"type", "string"}, {"description", "The member at fault."}}},
      {"duplicate", {{"const", true}, {"description", "The point was stored before, with the same content."}}},
      {"retry_after_ms", {{"type", "integer"}, {"description", "The point may be sent again after this time."}}}};
  return {{"type", "object"}, {"required", {"status", "error", "id"}}, {"properties", properties}};
}

document bulk_reply_schema() {
  document count{{"type", "integer"}, {"minimum", 0}};
  document results{{"type", "array"}, {"items", reference("Reply")}, {"description", "One a point, in their order."}};
  return {{"type", "object"},
          {"required", {"stored", "duplicates", "failed", "results"}},
          {"properties", {{"stored", count}, {"duplicates", count}, {"failed", count}, {"results", results}}}};
}

// -- endpoints -------------------------------------------------------------------------------------

/// The same schema in each of the formats.
document content(const document& schema, std::initializer_list<const char*> media_types) {
  auto made = document::object();
  for (const auto* media_type : media_types) made[media_type] = {{"schema", schema}};
  return made;
}

document replies_content(const document& schema) {
  return content(schema, {"application/json", "application/cbor", "application/msgpack"});
}

/// The endings as responses with a Reply; several may share a code.
document responses(std::initializer_list<ending> endings) {
  std::map<unsigned, std::string> descriptions;
  for (auto what : endings) {
    const auto& says = status_of(what);
    auto& description = descriptions[says.http];
    if (!description.empty()) description += "; or: ";
    description += what == ending::stored      ? "Stored: committed at the store's full durability"
                   : what == ending::duplicate ? "Stored before, with the same content"
                                               : std::string{says.code} + ": " + std::string{says.error};
  }
  auto made = document::object();
  for (const auto& [code, description] : descriptions) {
    document one{{"description", description}, {"content", replies_content(reference("Reply"))}};
    if (code == 503) {
      document seconds{{"description", "Seconds to wait."}, {"schema", {{"type", "integer"}}}};
      one["headers"] = {{"Retry-After", seconds}};
    }
    made[std::to_string(code)] = one;
  }
  return made;
}

document add_datapoint() {
  auto body = content(reference("Point"), {"application/json", "application/cbor", "application/msgpack"});
  return {{"summary", "Stores one point"},
          {"operationId", "addDatapoint"},
          {"requestBody", {{"required", true}, {"content", body}}},
          {"responses",
           responses({ending::stored, ending::duplicate, ending::invalid, ending::slow_request, ending::conflict,
                      ending::too_large, ending::unsupported_media_type, ending::headers_too_large,
                      ending::not_implemented, ending::overloaded, ending::unavailable, ending::timeout})}};
}

document add_datapoints() {
  document points{{"type", "array"}, {"items", reference("Point")}};
  auto body = content(points, {"application/json", "application/cbor", "application/msgpack"});
  body["application/x-ndjson"] = {{"schema", reference("Point")}};
  auto answers = responses({ending::invalid, ending::slow_request, ending::conflict, ending::too_large,
                            ending::unsupported_media_type, ending::headers_too_large, ending::not_implemented,
                            ending::overloaded, ending::unavailable, ending::timeout});
  // Each of these may also be the one code that all points share.
  for (const auto* code : {"400", "409", "503", "504"})
    answers[code]["content"] = replies_content({{"oneOf", {reference("BulkReply"), reference("Reply")}}});
  answers["200"] = {{"description", "All are stored"}, {"content", replies_content(reference("BulkReply"))}};
  answers["207"] = {{"description", "The points fared differently: see each"},
                    {"content", replies_content(reference("BulkReply"))}};
  return {{"summary", "Stores many points, each by itself"},
          {"operationId", "addDatapoints"},
          {"requestBody", {{"required", true}, {"content", body}}},
          {"responses", answers}};
}

document get_datapoint() {
  document id{{"name", "id"},
              {"in", "path"},
              {"required", true},
              {"schema", {{"type", "string"}, {"pattern", "^[1-9][0-9]{0,18}$"}}}};
  auto answers = responses({ending::bad_request, ending::not_found, ending::unavailable, ending::timeout});
  answers["200"] = {{"description", "Stored, as it is"},
                    {"content", content(reference("Point"), {"application/json"})}};
  answers["202"] = {{"description", "This node still has it in flight: ask again"},
                    {"content", content(reference("Reply"), {"application/json"})}};
  return {{"summary", "What became of a point"},
          {"operationId", "getDatapoint"},
          {"parameters", document::array({id})},
          {"responses", answers}};
}

document websocket() {
  auto answers = responses({ending::bad_request, ending::upgrade_required, ending::unavailable});
  answers["101"] = {{"description",
                     "Each text message is a Point or an array of them, each reply a Reply or an array of "
                     "them, in the order of the messages. Binary messages by the subprotocols goloca.cbor "
                     "and goloca.msgpack."}};
  return {{"summary", "Points over WebSocket"}, {"operationId", "websocket"}, {"responses", answers}};
}

document plain_get(const char* summary, const char* operation,
                   std::initializer_list<std::pair<const char*, const char*>> answers) {
  auto made = document::object();
  for (auto [code, description] : answers)
    made[code] = {{"description", description}, {"content", content({{"type", "object"}}, {"application/json"})}};
  return {{"summary", summary}, {"operationId", operation}, {"responses", made}};
}

document metrics() {
  auto answers = responses({ending::unavailable});
  answers["200"] = {{"description", "Prometheus' text format, version 0.0.4"},
                    {"content", {{"text/plain", {{"schema", {{"type", "string"}}}}}}}};
  return {{"summary", "The node's figures, for Prometheus. On the operators' listener only"},
          {"operationId", "metrics"},
          {"responses", answers}};
}

document paths() {
  return {
      {"/add_datapoint", {{"post", add_datapoint()}}},
      {"/datapoints", {{"post", add_datapoints()}}},
      {"/datapoints/{id}", {{"get", get_datapoint()}}},
      {"/ws", {{"get", websocket()}}},
      {"/healthz", {{"get", plain_get("Does the process live?", "healthz", {{"200", "It does"}})}}},
      {"/readyz",
       {{"get", plain_get("Would a point sent now be stored?", "readyz",
                          {{"200", "It would"}, {"503", "Not now, and why"}})}}},
      {"/version", {{"get", plain_get("What runs here", "version", {{"200", "Name and version"}})}}},
      {"/openapi.json", {{"get", plain_get("This document", "openapi", {{"200", "An OpenAPI 3.1 document"}})}}},
      {"/metrics", {{"get", metrics()}}},
      {"/actors",
       {{"get", plain_get("The tree of actors: states, restarts, last failures. On the operators' listener only",
                          "actors", {{"200", "The tree"}, {"503", "The node supervisor does not answer"}})}}},
  };
}

} // namespace

std::string openapi_document(const store::schema& of, std::string_view version) {
  document info{{"title", "goloca"},
                {"version", version},
                {"description",
                 "Takes data points and answers success only when they are durably stored. Any other answer, or "
                 "none: the same point may be sent again with the same id."}};
  document schemas{{"Point", point_schema(of)}, {"Reply", reply_schema()}, {"BulkReply", bulk_reply_schema()}};
  return document{{"openapi", "3.1.0"}, {"info", info}, {"paths", paths()}, {"components", {{"schemas", schemas}}}}
      .dump(2);
}

} // namespace goloca::net
