// HTTP as DESIGN 2 has it, byte by byte against `goloca serve`: what the seed's clients send, and what nobody should.

#include "tests/support/child_process.hpp"
#include "tests/support/raw_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <cstdio>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t body_limit = std::size_t{64} << 10;

json point(std::int64_t id) {
  return {{"id", std::to_string(id)}, {"user_id", "22177"}, {"vehicle_model_id", "28"}, {"from_lat", 12.92415}};
}

std::string next_point() {
  static std::int64_t id = 9'000'000;
  return point(++id).dump();
}

std::string bytes_of(const std::vector<std::uint8_t>& from) {
  return {from.begin(), from.end()};
}

/// Rows in the table, asked of SQLite and not of the service.
int rows_in(const running_goloca& service) {
  sqlite3* opened = nullptr;
  sqlite3_open(service.sqlite_path().c_str(), &opened);
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database{opened, sqlite3_close};
  sqlite3_busy_timeout(opened, 10'000);
  auto rows = -1;
  auto keep = [](void* to, int, char** values, char**) { return *static_cast<int*>(to) = std::stoi(values[0]), 0; };
  sqlite3_exec(opened, "SELECT count(*) FROM datapoint", keep, &rows, nullptr);
  EXPECT_GE(rows, 0) << sqlite3_errmsg(opened);
  return rows;
}

/// A new client's good point is stored.
void serves_again(const running_goloca& service) {
  auto reply = raw_client{service.port()}.post("/add_datapoint", next_point());
  EXPECT_EQ(reply.status, 201U) << reply.body;
}

/// A client that has been let in; while others' ends are not yet noticed, the next attempt.
std::unique_ptr<raw_client> let_in(const running_goloca& service) {
  for (auto until = std::chrono::steady_clock::now() + usual_patience; std::chrono::steady_clock::now() < until;) {
    auto client = std::make_unique<raw_client>(service.port());
    if (client->get("/healthz").status == 200) return client;
  }
  throw std::runtime_error("nobody is let in");
}

void expect_failure(const raw_response& reply, unsigned status, const std::string& code) {
  ASSERT_EQ(reply.status, status) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "application/json");
  auto said = reply.json();
  EXPECT_EQ(said.at("status"), "failed");
  EXPECT_EQ(said.at("code"), code) << reply.body;
  EXPECT_TRUE(said.at("error").is_string() && !said.at("error").empty()) << reply.body;
  EXPECT_TRUE(said.contains("id")) << reply.body;
  auto may_resend = code == "timeout" || code == "overloaded" || code == "unavailable";
  EXPECT_EQ(said.contains("retry_after_ms"), may_resend) << reply.body;
  EXPECT_EQ(reply.headers.contains("retry-after"), status == 503);
}

void expect_failure_and_close(raw_client& client, unsigned status, const std::string& code) {
  auto reply = client.read_response();
  expect_failure(reply, status, code);
  EXPECT_FALSE(reply.keeps_alive);
  EXPECT_EQ(client.read_to_end(), "");
}

/// A request with these header lines, each ended as it says.
std::string posted(const std::string& lines, const std::string& body, const std::string& target = "/add_datapoint") {
  return "POST " + target + " HTTP/1.1\r\n" + lines + "\r\n" + body;
}

std::string with_length(const std::string& body) {
  return posted("Host: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string chunked(const std::string& chunks) {
  return posted("Host: a\r\nTransfer-Encoding: chunked\r\n", chunks);
}

std::string as_chunk(const std::string& data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

class http_wire : public testing::Test {
protected:
  static void SetUpTestSuite() {
    service_ = std::make_unique<running_goloca>(
        GOLOCA_BINARY, environment{{"MAX_BODY_SIZE", std::to_string(body_limit)}, {"MAX_HEADER_SIZE", "4KiB"}});
  }
  static void TearDownTestSuite() { service_.reset(); }

  void SetUp() override { rows_ = rows_in(*service_); }
  void TearDown() override { serves_again(*service_); }

  static std::uint16_t port() { return service_->port(); }
  [[nodiscard]] int stored_since() const { return rows_in(*service_) - rows_; }

  /// Framing that is in doubt: refused, closed, nothing stored.
  void expect_refused(const std::string& bytes, unsigned status = 400, const std::string& code = "invalid") const {
    auto before = stored_since();
    SCOPED_TRACE(json(bytes.substr(0, 200)).dump(-1, ' ', true, json::error_handler_t::replace));
    raw_client client{port()};
    client.write(bytes);
    expect_failure_and_close(client, status, code);
    EXPECT_EQ(stored_since(), before);
  }

private:
  static inline std::unique_ptr<running_goloca> service_;
  int rows_ = 0;
};

// -- points ------------------------------------------------------------------------------------------

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

// -- methods, paths, types ------------------------------------------------------------------------------

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

// -- bulk ------------------------------------------------------------------------------------------------

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

// -- framing ---------------------------------------------------------------------------------------------

TEST_F(http_wire, a_header_in_doubt_is_refused_and_the_connection_closed) {
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size());
  for (const auto& lines : std::vector<std::string>{"Host: a\r\n" + length + "\r\nTransfer-Encoding: chunked\r\n",
                                                    "Host: a\r\nTransfer-Encoding: chunked\r\n" + length + "\r\n",
                                                    "Host: a\r\n" + length + "\r\nContent-Length: 5\r\n",
                                                    "Host: a\r\nContent-Length: +5\r\n",
                                                    "Host: a\r\nContent-Length: -5\r\n",
                                                    "Host: a\r\nContent-Length: 5, 5\r\n",
                                                    "Host: a\r\nContent-Length: 0x5\r\n",
                                                    "Host: a\r\nContent-Length:\r\n",
                                                    "Host: a\r\nContent-Length: 99999999999999999999999\r\n",
                                                    length + "\r\n",
                                                    "Host: a\r\nHost: a\r\n" + length + "\r\n",
                                                    "Host: a b\r\n" + length + "\r\n",
                                                    "Host: a/b\r\n" + length + "\r\n",
                                                    "Host: a\r\nX-Long: one\r\n two\r\n" + length + "\r\n",
                                                    "Host: a\r\n\tX: folded\r\n" + length + "\r\n",
                                                    "Host: a\n" + length + "\r\n",
                                                    "Host: a\r\n" + length + "\n",
                                                    "Host: a\r\nX: one\rtwo\r\n" + length + "\r\n",
                                                    "Host: a\r\nContent-Length : 5\r\n",
                                                    "Host : a\r\n" + length + "\r\n",
                                                    "Host: a\r\nno colon\r\n" + length + "\r\n",
                                                    "Host: a\r\n: nameless\r\n" + length + "\r\n",
                                                    std::string{"Host: a\r\nX: nul\0!\r\n", 20} + length + "\r\n",
                                                    "Host: a\r\nTransfer-Encoding: chunked, chunked\r\n",
                                                    "Host: a\r\nTransfer-Encoding:\r\n"}) {
    expect_refused(posted(lines, body));
  }
}

TEST_F(http_wire, a_request_line_in_doubt_is_refused_and_the_connection_closed) {
  for (const auto* bytes :
       {"GET\r\n\r\n", "GET /healthz\r\nHost: a\r\n\r\n", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health z HTTP/1.1\r\nHost: a\r\n\r\n", "GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n",
        "G@T /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\nHost: a\n\n", "\x16\x03\x01\x02 not for us", " GET /healthz HTTP/1.1\r\n\r\n"}) {
    expect_refused(bytes);
  }
}

TEST_F(http_wire, an_unknown_transfer_coding_is_501) {
  for (const auto* coding : {"gzip", "identity", "gzip, chunked", "chunked, gzip"}) {
    expect_refused(
        posted("Host: a\r\nTransfer-Encoding: " + std::string{coding} + "\r\n", as_chunk(next_point()) + "0\r\n\r\n"),
        501, "not_implemented");
  }
}

TEST_F(http_wire, a_chunked_body_is_read_and_a_bad_chunk_line_refused) {
  raw_client client{port()};
  auto body = next_point();
  client.write(chunked(as_chunk(body.substr(0, 10)) + "1;name=\"value\"\r\n" + body[10] + "\r\n" +
                       as_chunk(body.substr(11)) + "0\r\nX-Trailer: one\r\n\r\n"));
  auto reply = client.read_response();
  EXPECT_EQ(reply.status, 201U) << reply.body;
  ASSERT_TRUE(reply.keeps_alive);
  EXPECT_EQ(client.get("/healthz").status, 200U); // the end of the body was found
  EXPECT_EQ(stored_since(), 1);
  auto chunk = as_chunk(next_point());
  for (const auto& bad : std::vector<std::string>{
           "zz\r\n" + chunk, "\r\n" + chunk, "0x5\r\nhello\r\n", "-1\r\n", "+5\r\nhello\r\n", "5\nhello\r\n0\r\n\r\n",
           "5\rhello\r\n", "5\r\nhelloworld\r\n", "5\r\nhello\n0\r\n\r\n", "ffffffffffffffffff\r\n", " 5\r\nhello\r\n",
           "5;" + std::string(20'000, 'x') + "\r\nhello\r\n", chunk + "0\r\nbad trailer\r\n\r\n", chunk + "0\n\n"}) {
    expect_refused(chunked(bad));
  }
}

TEST_F(http_wire, a_body_over_the_limit_is_413_from_its_header_alone) {
  for (const auto* target : {"/add_datapoint", "/datapoints"}) {
    expect_refused(posted("Host: a\r\nContent-Length: " + std::to_string(body_limit + 1) + "\r\n", "", target), 413,
                   "too_large");
  }
  expect_refused(posted("Host: a\r\nExpect: 100-continue\r\nContent-Length: 999999999999\r\n", ""), 413, "too_large");
}

TEST_F(http_wire, a_chunked_body_over_the_limit_is_413_once_it_is_over) {
  std::string chunks;
  while (chunks.size() <= body_limit) chunks += as_chunk(std::string(8'000, ' '));
  expect_refused(chunked(chunks), 413, "too_large");
  expect_refused(chunked("fffffff\r\n"), 413, "too_large"); // announced is enough
}

TEST_F(http_wire, a_header_over_the_limit_is_431) {
  expect_refused(posted("Host: a\r\nX: " + std::string(5'000, 'x') + "\r\n", ""), 431, "too_large");
  expect_refused("GET /" + std::string(5'000, 'x'), 431, "too_large"); // without an end, too
}

TEST_F(http_wire, a_client_that_expects_100_continue_gets_it_before_it_sends_the_body) {
  raw_client client{port()};
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  client.write(posted("Host: a\r\nExpect: 100-continue\r\n" + length, ""));
  std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(client.read(go_on.size()), go_on);
  client.write(body);
  EXPECT_EQ(client.read_response().status, 201U);
  client.write(posted("Host: a\r\nExpect: 100-continue\r\n" + length, "", "/nothing"));
  expect_failure(client.read_response(), 404, "not_found"); // at once: it need not send it
}

// -- connections -------------------------------------------------------------------------------------------

TEST_F(http_wire, pipelined_requests_are_answered_in_order_around_an_invalid_one) {
  raw_client client{port()};
  std::string many;
  for (std::int64_t id = 3000; id < 3200; ++id) many += with_length(id % 3 == 0 ? "{broken" : point(id).dump());
  client.write(many + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + with_length(point(3200).dump()));
  for (std::int64_t id = 3000; id < 3200; ++id) {
    auto reply = client.read_response();
    ASSERT_EQ(reply.status, id % 3 == 0 ? 400U : 201U) << id << reply.body;
    ASSERT_EQ(reply.json().at("id"), id % 3 == 0 ? json{} : json(std::to_string(id)));
  }
  EXPECT_EQ(client.read_response().json().at("status"), "ok");
  EXPECT_EQ(client.read_response().json().at("id"), "3200");
}

TEST_F(http_wire, what_is_pipelined_before_broken_framing_is_answered_and_what_follows_is_not_taken) {
  raw_client client{port()};
  client.write(with_length(point(3301).dump()) + with_length(point(3302).dump()) +
               posted("Host: a\r\nContent-Length: x\r\n", "") + with_length(point(3303).dump()));
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_response().status, 201U);
  expect_failure_and_close(client, 400, "invalid");
  EXPECT_EQ(stored_since(), 2);
  EXPECT_EQ(raw_client{port()}.get("/datapoints/3303").status, 404U);
}

TEST_F(http_wire, a_client_that_half_closes_after_its_requests_is_answered) {
  raw_client client{port()};
  client.write(with_length(point(3401).dump()) + with_length(point(3402).dump()));
  client.half_close();
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(http_wire, a_client_that_leaves_in_the_middle_of_a_body_leaves_nothing_behind) {
  for (auto half : {false, true}) {
    raw_client client{port()};
    client.write(with_length(next_point()).substr(0, 100));
    if (half) {
      client.half_close();
      EXPECT_TRUE(client.closed_within(5s));
    } else {
      client.reset();
    }
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, connections_are_kept_as_the_version_and_the_client_want) {
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  raw_client old{port()};
  for (int i = 0; i < 2; ++i) {
    old.write("POST /add_datapoint HTTP/1.0\r\nConnection: keep-alive\r\n" + length + "\r\n" + body);
    auto reply = old.read_response();
    EXPECT_EQ(reply.status, i == 0 ? 201U : 200U) << reply.body;
    EXPECT_TRUE(reply.keeps_alive);
  }
  old.write("POST /add_datapoint HTTP/1.0\r\n" + length + "\r\n" + body);
  EXPECT_FALSE(old.read_response().keeps_alive);
  EXPECT_EQ(old.read_to_end(), "");
  raw_client modern{port()};
  auto last = modern.request("POST", "/add_datapoint", body, {{"Connection", "close"}});
  EXPECT_EQ(last.status, 200U);
  EXPECT_FALSE(last.keeps_alive);
  EXPECT_EQ(modern.read_to_end(), "");
}

// -- slow clients and full houses ------------------------------------------------------------------------

TEST(http_wire_patience, a_slow_header_or_body_is_408_and_closed_and_an_idle_connection_just_closed) {
  running_goloca service{GOLOCA_BINARY,
                         {{"HEADER_TIMEOUT", "300ms"}, {"BODY_TIMEOUT", "300ms"}, {"IDLE_TIMEOUT", "500ms"}}};
  raw_client header{service.port()}, body{service.port()}, chunk{service.port()}, idle{service.port()};
  header.write("POST /add_datapoint HTTP/1.1\r\nHost: a\r\n");
  body.write(posted("Host: a\r\nContent-Length: 1000\r\n", R"({"user_id":"1")"));
  chunk.write(chunked("5\r\n{    "));
  expect_failure_and_close(header, 408, "timeout");
  expect_failure_and_close(body, 408, "timeout");
  expect_failure_and_close(chunk, 408, "timeout");
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(rows_in(service), 0);
  serves_again(service);
}

TEST(http_wire_patience, a_byte_now_and_then_does_not_win_more_time) {
  running_goloca service{GOLOCA_BINARY, {{"HEADER_TIMEOUT", "300ms"}, {"BODY_TIMEOUT", "300ms"}}};
  for (const auto& start :
       {std::string{"GET /healthz HTTP/1.1\r\nX: "}, posted("Host: a\r\nContent-Length: 1000\r\n", "")}) {
    raw_client client{service.port(), 50ms}; // which is the pause between two bytes
    client.write(start);
    raw_response reply;
    for (int i = 0; i < 200 && reply.status == 0; ++i) {
      client.write("x");
      try {
        reply = client.read_response();
      } catch (const std::runtime_error&) { // not yet
      }
    }
    expect_failure(reply, 408, "timeout");
    EXPECT_TRUE(client.closed_within(5s));
  }
  serves_again(service);
}

TEST(http_wire_patience, a_client_that_never_reads_its_replies_is_stopped_and_stops_nobody_else) {
  running_goloca service{GOLOCA_BINARY, {{"WRITE_TIMEOUT", "1s"}}};
  std::string asked;
  for (int i = 0; i < 200; ++i) asked += "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
  raw_client deaf{service.port()};
  EXPECT_LT(deaf.write_until_stuck(asked, 300ms), std::size_t{64} << 20); // at some time it is not read from any more
  serves_again(service);
  try {
    deaf.write(std::string(std::size_t{64} << 20, 'x'));
    ADD_FAILURE() << "it is still read from";
  } catch (const std::runtime_error& ended) {
    EXPECT_EQ(std::string{ended.what()}.find("timed out"), std::string::npos) << ended.what();
  }
  serves_again(service);
}

TEST(http_wire_patience, at_the_limit_of_connections_a_further_one_gets_503) {
  running_goloca service{GOLOCA_BINARY, {{"MAX_CONNECTIONS", "2"}}};
  auto first = let_in(service);
  auto second = let_in(service);
  raw_client third{service.port()};
  third.write(with_length(next_point()));
  auto reply = third.read_response();
  expect_failure(reply, 503, "overloaded");
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_EQ(rows_in(service), 0);
  EXPECT_EQ(first->post("/add_datapoint", next_point()).status, 201U); // those inside notice nothing
  second.reset();
  EXPECT_EQ(let_in(service)->post("/add_datapoint", next_point()).status, 201U);
}

} // namespace
