// Methods, paths and content types over HTTP: what the seed's clients send is read, what goloca does not read is said
// so.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using nlohmann::json;

TEST_F(http_wire, an_unknown_path_is_404_and_a_wrong_method_405_with_the_right_one) {
  raw_client client{port()};
  for (const auto* path : {"/", "/nothing", "/add_datapoint/", "/ADD_DATAPOINT", "/metrics"}) {
    SCOPED_TRACE(path);
    expect_failure(client.get(path), 404, "not_found");
  }
  expect_failure(client.post("/nothing", next_point()), 404, "not_found");
  struct wrong {
    const char* method;
    const char* path;
    const char* body;
    const char* allow;
  };
  for (const auto& each : {wrong{"GET", "/add_datapoint", "", "POST"}, wrong{"PUT", "/add_datapoint", "{}", "POST"},
                           wrong{"DELETE", "/add_datapoint", "", "POST"}, wrong{"GET", "/datapoints", "", "POST"},
                           wrong{"POST", "/ws", "{}", "GET"}, wrong{"post", "/add_datapoint", "{}", "POST"},
                           wrong{"DELETE", "/datapoints/1", "", "GET, HEAD"}}) {
    SCOPED_TRACE(std::string{each.method} + ' ' + each.path);
    auto reply = client.request(each.method, each.path, each.body);
    expect_failure(reply, 405, "method_not_allowed");
    EXPECT_EQ(reply.header("allow"), each.allow);
    ASSERT_TRUE(reply.keeps_alive);
  }
  EXPECT_EQ(client.request("HEAD", "/add_datapoint").status, 405U);
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, head_says_what_get_would_without_the_body) {
  raw_client client{port()};
  ASSERT_EQ(client.post("/add_datapoint", point(61).dump()).status, 201U);
  for (const auto* path : {"/healthz", "/readyz", "/version", "/openapi.json", "/datapoints/61", "/datapoints/62"}) {
    SCOPED_TRACE(path);
    auto got = client.get(path);
    auto head = client.request("HEAD", path);
    EXPECT_EQ(head.status, got.status);
    EXPECT_EQ(head.header("content-length"), got.header("content-length"));
    EXPECT_EQ(head.body, "");
    EXPECT_FALSE(got.body.empty());
  }
}

TEST_F(http_wire, the_types_that_the_seeds_clients_send_are_read_as_json) {
  raw_client client{port()};
  for (const auto* type : {"application/json", "Application/JSON; charset=UTF-8", "text/plain",
                           "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(client.post("/add_datapoint", next_point(), type).status, 201U) << type;
  }
  EXPECT_EQ(client.request("POST", "/add_datapoint", next_point()).status, 201U) << "no type";
  EXPECT_EQ(client.request("POST", "/add_datapoint", next_point(), {{"Content-Encoding", "identity"}}).status, 201U);
}

TEST_F(http_wire, other_types_and_encodings_are_415) {
  raw_client client{port()};
  for (const auto* type : {"image/png", "application/xml", "json", "multipart/form-data; boundary=x",
                           "application/json; charset=iso-8859-1"}) {
    SCOPED_TRACE(type);
    expect_failure(client.post("/add_datapoint", next_point(), type), 415, "unsupported_media_type");
    expect_failure(client.post("/datapoints", "[" + next_point() + "]", type), 415, "unsupported_media_type");
  }
  for (const auto* coding : {"gzip", "br", "identity, gzip"}) {
    SCOPED_TRACE(coding);
    auto reply = client.request("POST", "/add_datapoint", next_point(), {{"Content-Encoding", coding}});
    expect_failure(reply, 415, "unsupported_media_type");
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, cbor_and_messagepack_are_answered_in_kind) {
  raw_client client{port()};
  auto first = client.post("/add_datapoint", bytes_of(json::to_cbor(point(31))), "application/cbor");
  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(first.header("content-type"), "application/cbor");
  EXPECT_EQ(json::from_cbor(first.body), json::parse(R"({"status":"success","error":null,"id":"31"})"));
  auto same = client.post("/add_datapoint", bytes_of(json::to_msgpack(point(31))), "application/msgpack");
  EXPECT_EQ(same.status, 200U);
  EXPECT_EQ(same.header("content-type"), "application/msgpack");
  EXPECT_EQ(json::from_msgpack(same.body),
            json::parse(R"({"status":"success","error":null,"id":"31","duplicate":true})"));
  auto bulk = client.post("/datapoints", bytes_of(json::to_cbor(json{point(31), point(32)})), "application/cbor");
  EXPECT_EQ(bulk.status, 200U);
  EXPECT_EQ(json::from_cbor(bulk.body).at("duplicates"), 1);
  EXPECT_EQ(stored_since(), 2);
}

TEST_F(http_wire, binary_bodies_that_are_wrong_are_invalid) {
  raw_client client{port()};
  auto nan = point(41);
  nan["from_lat"] = std::numeric_limits<double>::quiet_NaN();
  auto infinite = point(42);
  infinite["to_lat"] = std::numeric_limits<double>::infinity();
  auto whole = bytes_of(json::to_cbor(point(43)));
  auto packed = bytes_of(json::to_msgpack(point(44)));
  struct wrong {
    std::string type;
    std::string body;
  };
  std::string cbor = "application/cbor", msgpack = "application/msgpack";
  for (const auto& each : std::vector<wrong>{{cbor, bytes_of(json::to_cbor(nan))},
                                             {cbor, bytes_of(json::to_cbor(infinite))},
                                             {msgpack, bytes_of(json::to_msgpack(nan))},
                                             {cbor, whole.substr(0, whole.size() - 1)},
                                             {cbor, whole + '\0'},
                                             {msgpack, packed.substr(0, packed.size() / 2)},
                                             {msgpack, packed + '\0'},
                                             {cbor, ""},
                                             {msgpack, ""},
                                             {cbor, std::string(10'000, '\x81')},
                                             {msgpack, std::string(10'000, '\x91')},
                                             {cbor, "\xbb\xff\xff\xff\xff\xff\xff\xff\xff"},
                                             {msgpack, "\xdf\xff\xff\xff\xff"},
                                             {cbor, "\xa1\x67user_id\x62\xff\xfe"},
                                             {msgpack, "\xc1"},
                                             {cbor, next_point()}}) {
    auto reply = client.post("/add_datapoint", each.body, each.type);
    EXPECT_EQ(reply.status, 400U) << each.type << ' ' << each.body.size() << " bytes";
    EXPECT_EQ(reply.header("content-type"), each.type);
    auto said = each.type == cbor ? json::from_cbor(reply.body) : json::from_msgpack(reply.body);
    EXPECT_EQ(said.at("code"), "invalid") << said;
    ASSERT_TRUE(reply.keeps_alive);
  }
  EXPECT_EQ(stored_since(), 0);
}

} // namespace
