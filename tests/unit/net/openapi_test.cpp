#include "net/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace goloca;
using nlohmann::ordered_json;

ordered_json document_of(const store::schema& of) {
  return ordered_json::parse(net::openapi_document(of, "1.2.3"));
}

TEST(openapi, names_every_endpoint_and_the_version) {
  auto document = document_of(*store::rides_schema());
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  const auto& paths = document["paths"];
  EXPECT_TRUE(paths["/add_datapoint"].contains("post"));
  EXPECT_TRUE(paths["/datapoints"].contains("post"));
  for (const auto* path :
       {"/datapoints/{id}", "/ws", "/healthz", "/readyz", "/version", "/openapi.json", "/metrics", "/actors"})
    EXPECT_TRUE(paths[path].contains("get")) << path;
}

TEST(openapi, describes_a_point_by_the_schema) {
  auto point = document_of(*store::rides_schema())["components"]["schemas"]["Point"];
  EXPECT_EQ(point["type"], "object");
  EXPECT_EQ(point["required"], ordered_json::parse(R"(["user_id","vehicle_model_id"])"));
  EXPECT_EQ(point["properties"].size(), 19U);
  EXPECT_EQ(point["properties"].begin().key(), "id");
  EXPECT_EQ(point["properties"]["id"]["type"], ordered_json::parse(R"(["string","integer","null"])"));
  EXPECT_EQ(point["properties"]["user_id"]["maxLength"], 100);
  EXPECT_EQ(point["properties"]["user_id"]["type"], ordered_json::parse(R"(["string","integer"])"));
  EXPECT_EQ(point["properties"]["package_id"]["maximum"], 7);
  EXPECT_EQ(point["properties"]["from_lat"]["minimum"], -90.0);
  EXPECT_EQ(point["properties"]["online_booking"]["type"], ordered_json::parse(R"(["boolean","integer","null"])"));
  EXPECT_EQ(point["properties"]["from_date"]["description"],
            "Start of the trip, in milliseconds since 1970-01-01 UTC.");
}

TEST(openapi, follows_another_schema) {
  auto read = store::read_schema_file(GOLOCA_SOURCE_DIR "/tests/support/sensor.schema.json");
  auto point = document_of(*std::get<std::shared_ptr<const store::schema>>(read))["components"]["schemas"]["Point"];
  EXPECT_EQ(point["required"], ordered_json::parse(R"(["sensor","measured_at","value"])"));
  EXPECT_EQ(point["properties"]["battery-level"]["maximum"], 100);
  EXPECT_EQ(point["properties"]["value"], ordered_json::parse(R"({"type":["number"]})"));
  EXPECT_FALSE(point["properties"]["note"].contains("maxLength"));
}

TEST(openapi, lists_the_codes_of_the_design) {
  auto document = document_of(*store::rides_schema());
  auto responses = document["paths"]["/add_datapoint"]["post"]["responses"];
  for (const auto* code : {"200", "201", "400", "408", "409", "413", "415", "431", "501", "503", "504"})
    EXPECT_TRUE(responses.contains(code)) << code;
  EXPECT_TRUE(responses["503"]["headers"].contains("Retry-After"));
  auto bulk = document["paths"]["/datapoints"]["post"]["responses"];
  EXPECT_TRUE(bulk.contains("200") && bulk.contains("207") && !bulk.contains("201"));
  auto found = document["paths"]["/datapoints/{id}"]["get"]["responses"];
  EXPECT_TRUE(found.contains("200") && found.contains("202") && found.contains("404"));
  auto codes = document["components"]["schemas"]["Reply"]["properties"]["code"]["enum"];
  EXPECT_EQ(codes.dump(),
            R"(["conflict","invalid","overloaded","unavailable","timeout","too_large",)"
            R"("unsupported_media_type","not_found","method_not_allowed","upgrade_required","not_implemented"])");
}

TEST(openapi, refers_only_to_what_is_there) {
  auto document = document_of(*store::rides_schema());
  auto flat = document.flatten();
  std::size_t references = 0;
  for (const auto& [path, value] : flat.items()) {
    if (!path.ends_with("/$ref")) continue;
    ++references;
    auto target = value.get<std::string>();
    ASSERT_EQ(target.front(), '#');
    EXPECT_TRUE(document.contains(ordered_json::json_pointer{target.substr(1)})) << target;
  }
  EXPECT_GT(references, 5U);
}

} // namespace
