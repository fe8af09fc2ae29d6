// A point over HTTP, byte by byte as DESIGN 2 has it: what is stored, what is refused, and what the answer says.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace goloca::test;
using nlohmann::json;

TEST_F(http_wire, a_point_gets_the_seeds_reply_byte_by_byte) {
  raw_client client{port()};
  auto reply = client.post("/add_datapoint", point(132516).dump());
  EXPECT_EQ(reply.status, 201U);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.body, R"({"status":"success","error":null,"id":"132516"})");
  EXPECT_TRUE(reply.keeps_alive);
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(http_wire, the_same_content_again_is_a_duplicate_and_other_content_a_conflict) {
  raw_client client{port()};
  ASSERT_EQ(client.post("/add_datapoint", point(71).dump()).status, 201U);
  for (const auto* same :
       {R"({"id":"71","user_id":"22177","vehicle_model_id":"28","from_lat":12.92415})",
        R"( {"from_lat":1292.415e-2,"vehicle_model_id":28,"user_id":22177,"id":71} )",
        R"({"id":71,"user_id":"22177","vehicle_model_id":"28","from_lat":12.92415,"to_lat":null,"x":[1]})"}) {
    auto reply = client.post("/add_datapoint", same);
    EXPECT_EQ(reply.status, 200U) << same << reply.body;
    EXPECT_EQ(reply.json(), json::parse(R"({"status":"success","error":null,"id":"71","duplicate":true})"));
  }
  auto other = point(71);
  other["user_id"] = "1";
  auto reply = client.post("/add_datapoint", other.dump());
  expect_failure(reply, 409, "conflict");
  EXPECT_EQ(reply.json().at("id"), "71");
  EXPECT_EQ(client.get("/datapoints/71").json().at("user_id"), "22177"); // the stored row stays
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(http_wire, a_point_without_id_is_given_one) {
  raw_client client{port()};
  auto first = client.post("/add_datapoint", R"({"user_id":"1","vehicle_model_id":"2"})");
  auto second = client.post("/add_datapoint", R"({"id":null,"user_id":"1","vehicle_model_id":"2"})");
  ASSERT_EQ(first.status, 201U) << first.body;
  ASSERT_EQ(second.status, 201U) << second.body;
  auto given = first.json().at("id").get<std::string>();
  EXPECT_LT(std::stoll(given), std::stoll(second.json().at("id").get<std::string>()));
  EXPECT_EQ(client.get("/datapoints/" + given).status, 200U);
}

struct bad_point {
  std::string body;
  std::string member = {}; // at fault; empty: not one
  json id = nullptr;       // in the reply
};

/// A good point but for one member, written as given.
bad_point but(const std::string& member, const std::string& value) {
  auto id = member == "id" ? std::string{} : R"("id":"77",)";
  std::string rest;
  for (const std::string required : {"user_id", "vehicle_model_id"}) {
    if (required != member) rest += ",\"" + required + "\":\"1\"";
  }
  return {"{" + id + "\"" + member + "\":" + value + rest + "}", member, id.empty() ? json{} : json("77")};
}

std::vector<bad_point> bad_points() {
  const auto too_long = '"' + std::string(101, 'x') + '"';
  const std::vector<std::pair<std::string, std::vector<std::string>>> wrong{
      {"id", {"0", "-1", "1.5", "1e400", "true", "9223372036854775808", R"("9223372036854775808")"}},
      {"id", {R"("")", R"("0")", R"("-5")", R"("007")", R"("12x")"}},
      {"user_id", {"true", "null", "1.5", "[]", "\"\"", too_long, R"("a\u0000b")"}},
      {"vehicle_model_id", {"{}", "null", "\"\"", too_long}},
      {"package_id", {"0", "8", "1.5", "65537", "\"3\""}},
      {"travel_type_id", {"0", "4"}},
      {"from_area_id", {"false", "1.5"}},
      {"to_city_id", {too_long, R"("\u0000")"}},
      {"from_date", {"1e400", "1.5", "\"2013\"", "9223372036854775808"}},
      {"to_date", {"1e19", "-9223372036854775809"}},
      {"from_lat", {"90.000001", "-91", "\"1\"", "true"}},
      {"to_lat", {"1e400", "-1e400"}},
      {"from_long", {"180.5"}},
      {"to_long", {"-181"}},
      {"online_booking", {"2", "\"true\"", "0.5"}},
      {"Car_Cancellation", {"-1"}}};
  std::vector<bad_point> all;
  for (const auto& [member, values] : wrong) {
    for (const auto& value : values) all.push_back(but(member, value));
  }
  std::string good = R"("user_id":"1","vehicle_model_id":"2")";
  all.push_back({R"({"id":"77","vehicle_model_id":"2"})", "user_id", "77"});
  all.push_back({R"({"id":"77","user_id":"2"})", "vehicle_model_id", "77"});
  all.push_back({R"({"id":"77",)" + good + R"(,"user_id":"1"})", "user_id", "77"}); // comes twice
  all.push_back({R"({"id":"77","package_id":1,"package_id":1,)" + good + "}", "package_id", "77"});
  return all;
}

TEST_F(http_wire, a_point_with_a_wrong_member_is_invalid_and_the_reply_names_it) {
  raw_client client{port()};
  for (const auto& bad : bad_points()) {
    SCOPED_TRACE(bad.body);
    auto reply = client.post("/add_datapoint", bad.body);
    expect_failure(reply, 400, "invalid");
    ASSERT_TRUE(reply.keeps_alive);
    EXPECT_EQ(reply.json().value("member", ""), bad.member) << reply.body;
    EXPECT_EQ(reply.json().at("id"), bad.id) << reply.body;
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, what_is_not_one_json_object_is_invalid_and_the_connection_stays) {
  std::string good = R"("user_id":"1","vehicle_model_id":"2")";
  std::string deep = "{" + good + ",\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  std::string open = "{" + good + ",\"x\":" + std::string(10'000, '[');
  raw_client client{port()};
  for (const auto& body : std::vector<std::string>{
           "",
           " ",
           "hello",
           "null",
           "7",
           "\"text\"",
           "[]",
           "[{" + good + "}]",
           "{",
           "{" + good,
           "{" + good + ",}",
           "{" + good + "} x",
           "{" + good + "}{" + good + "}",
           "{" + good + "}]",
           "{" + good + ",\"from_lat\":NaN}",
           "{" + good + ",\"from_lat\":Infinity}",
           "{" + good + ",\"from_date\":01}",
           "{" + good + ",\"from_date\":+1}",
           "{" + good + ",\"from_date\":1.}",
           "{'user_id':'1'}",
           "{/**/" + good + "}",
           "{user_id:1}",
           "{" + good + ",\"x\":\"\xff\xfe\"}",
           std::string{R"({"vehicle_model_id":"2","user_id":")"} + "\xc0\xaf\"}",
           std::string{R"({"vehicle_model_id":"2","user_id":")"} + "\xed\xa0\x80\"}", // a surrogate in UTF-8
           R"({"vehicle_model_id":"2","user_id":"\ud800"})",
           R"({"vehicle_model_id":"2","user_id":"\x"})",
           "{\"vehicle_model_id\":\"2\",\"user_id\":\"a\nb\"}",
           "{" + good + "}" + '\0',
           deep,
           open}) {
    SCOPED_TRACE(json(body.substr(0, 80)).dump(-1, ' ', true, json::error_handler_t::replace));
    auto reply = client.post("/add_datapoint", body);
    expect_failure(reply, 400, "invalid");
    ASSERT_TRUE(reply.keeps_alive);
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, what_is_just_within_the_rules_is_stored) {
  raw_client client{port()};
  std::string accents;
  for (int i = 0; i < 100; ++i) accents += "\xc3\xa9"; // 100 characters, 200 bytes
  for (const auto& body : std::vector<std::string>{
           R"({"id":9223372036854775807,"user_id":1,"vehicle_model_id":"2"})",
           R"({"id":"1","user_id":"1","vehicle_model_id":"2","package_id":1.0,"from_lat":-90,"from_long":180})",
           R"({"id":2,"user_id":"1","vehicle_model_id":"2","online_booking":1,"mobile_site_booking":false})",
           R"({"id":3,"vehicle_model_id":"2","user_id":")" + accents + "\"}",
           R"({"id":4,"vehicle_model_id":"2","user_id":"\ud83d\ude97"})",
           R"({"id":5,"user_id":"1","vehicle_model_id":"2","from_date":-9223372036854775808})",
           R"({"id":6,"user_id":"1","vehicle_model_id":"2"})" + std::string(body_limit - 45, ' ')}) {
    SCOPED_TRACE(body.substr(0, 100));
    auto reply = client.post("/add_datapoint", body);
    EXPECT_EQ(reply.status, 201U) << reply.body;
  }
  EXPECT_EQ(stored_since(), 7);
  EXPECT_EQ(client.get("/datapoints/3").json().at("user_id"), accents);
}

TEST_F(http_wire, a_stored_point_can_be_read_back_by_its_id) {
  raw_client client{port()};
  json sent = point(5150);
  sent["package_id"] = 3;
  sent["Car_Cancellation"] = true;
  ASSERT_EQ(client.post("/add_datapoint", sent.dump()).status, 201U);
  auto found = client.get("/datapoints/5150");
  EXPECT_EQ(found.status, 200U);
  EXPECT_EQ(found.json(), sent);
  expect_failure(client.get("/datapoints/5151"), 404, "not_found");
  for (const auto* wrong : {"0", "-1", "x", "01", "1.0", "9223372036854775808", "5150x"}) {
    SCOPED_TRACE(wrong);
    expect_failure(client.get(std::string{"/datapoints/"} + wrong), 400, "invalid");
  }
}

} // namespace
