// Many points in one HTTP request: an answer for each, in order.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using nlohmann::json;

TEST_F(http_wire, bulk_has_a_result_for_each_item_in_order) {
  raw_client client{port()};
  auto all = client.post("/datapoints", json{point(1001), point(1002), point(1002)}.dump());
  EXPECT_EQ(all.status, 200U) << all.body;
  EXPECT_EQ(all.json(), json::parse(R"({"stored":2,"duplicates":1,"failed":0,"results":[
      {"status":"success","error":null,"id":"1001"}, {"status":"success","error":null,"id":"1002"},
      {"status":"success","error":null,"id":"1002","duplicate":true}]})"));
  auto other = point(1001);
  other["user_id"] = "other";
  auto mixed =
      client.post("/datapoints", json{point(1003), other, 7, json{{"id", 5}}, point(1003), point(1004)}.dump());
  EXPECT_EQ(mixed.status, 207U) << mixed.body;
  EXPECT_EQ(mixed.json().at("stored"), 2);
  EXPECT_EQ(mixed.json().at("duplicates"), 1);
  EXPECT_EQ(mixed.json().at("failed"), 3);
  std::vector<std::string> codes;
  std::vector<json> ids;
  auto said = mixed.json();
  for (const auto& each : said.at("results")) {
    codes.push_back(each.value("code", each.value("duplicate", false) ? "duplicate" : ""));
    ids.push_back(each.at("id"));
  }
  EXPECT_EQ(codes, (std::vector<std::string>{"", "conflict", "invalid", "invalid", "duplicate", ""}));
  EXPECT_EQ(ids, (std::vector<json>{"1003", "1001", nullptr, "5", "1003", "1004"}));
  EXPECT_EQ(client.post("/datapoints", json{other, other}.dump()).status, 409U);
  EXPECT_EQ(client.post("/datapoints", "[7,{}]").status, 400U);
  EXPECT_EQ(stored_since(), 4);
}

TEST_F(http_wire, an_empty_array_is_200_and_no_results) {
  auto reply = raw_client{port()}.post("/datapoints", "[]");
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.body, R"({"stored":0,"duplicates":0,"failed":0,"results":[]})");
}

TEST_F(http_wire, ndjson_is_read_line_by_line) {
  raw_client client{port()};
  auto lines = point(2001).dump() + "\r\n" + "{broken\n" + point(2002).dump(); // the last without its end
  auto reply = client.post("/datapoints", lines, "application/x-ndjson");
  EXPECT_EQ(reply.status, 207U) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "application/json");
  ASSERT_EQ(reply.json().at("results").size(), 3U);
  EXPECT_EQ(reply.json().at("results").at(1).at("code"), "invalid");
  EXPECT_EQ(reply.json().at("results").at(2).at("id"), "2002");
  auto good = client.post("/datapoints", point(2003).dump() + "\n" + point(2004).dump() + "\n", "application/x-ndjson");
  EXPECT_EQ(good.status, 200U) << good.body;
  EXPECT_EQ(stored_since(), 4);
}

TEST_F(http_wire, a_syntax_error_anywhere_in_an_array_makes_the_whole_invalid) {
  raw_client client{port()};
  auto good = next_point();
  for (const auto& body :
       std::vector<std::string>{"[" + good, "[" + good + ",]", "[" + good + "] [", "[" + good + " " + good + "]", "",
                                good, "[" + good + ",{\"user_id\":\"\xff\"}]"}) {
    SCOPED_TRACE(json(body).dump(-1, ' ', true, json::error_handler_t::replace));
    auto reply = client.post("/datapoints", body);
    EXPECT_EQ(reply.status, 400U) << reply.body;
    EXPECT_EQ(reply.json().value("code", "invalid"), "invalid") << reply.body;
    ASSERT_TRUE(reply.keeps_alive);
  }
  EXPECT_EQ(stored_since(), 0);
}

} // namespace
