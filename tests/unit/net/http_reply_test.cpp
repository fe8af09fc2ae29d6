// From a request that was read to the bytes of its reply, without a socket.

#include "net/http_reply.hpp"

#include "tests/support/reply_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca;
using actors::verdict;
using net::ending;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* ride = R"({"id":"5","user_id":"1","vehicle_model_id":"2"})";

struct an_http_reply : testing::Test {
  net::asio::io_context context{1};
  net::burst_round round{context.get_executor()};
  net::service service{store::rides_schema(), net::net_settings{}, 1 << 20, 1};
  net::decoder decoder{service.schema, false, service.ids};
  std::shared_ptr<net::exchange> points = std::make_shared<net::exchange>(
      decoder, service.schema, service.settings, std::make_shared<net::actor_link>(context.get_executor()), round);
  net::reply_scratch scratch;

  static net::http_request request(const std::string& first_line, const std::string& fields = "") {
    auto head = net::read_head((text_ = first_line + "\r\nHost: h\r\n" + fields + "\r\n"));
    return net::understand(std::get<net::request_head>(head), actors::entrance::clients, {});
  }
  void owe(const net::http_request& for_this, const std::string& body = "") {
    net::owe_reply(for_this, body, service, *points);
  }
  void answer(std::vector<actors::verdict_run> runs) { points->apply(actors::insert_reply{std::move(runs)}); }

  /// The bytes of the oldest reply, which must be due, read back.
  test::seen_response response(bool keep_alive = true) {
    EXPECT_TRUE(points->front_done());
    std::string bytes;
    net::append_response(points->pop_front(), service, keep_alive, scratch, bytes);
    auto seen = test::read_responses(bytes);
    EXPECT_EQ(seen.fault, "");
    EXPECT_EQ(seen.all.size(), 1U);
    return seen.all.at(0);
  }

private:
  static inline std::string text_; // views into it are kept by nobody
};

TEST_F(an_http_reply, to_a_point_waits_for_its_verdict) {
  owe(request("POST /add_datapoint HTTP/1.1"), ride);
  EXPECT_FALSE(points->front_done());
  points->flush();
  answer({{0, 1, verdict::stored, {}}});
  auto seen = response();
  EXPECT_EQ(seen.code, 201U);
  EXPECT_EQ(seen.body, R"({"status":"success","error":null,"id":"5"})");
  EXPECT_EQ(seen.field("connection"), "");
}

TEST_F(an_http_reply, to_a_bulk_is_its_sums_and_one_result_a_point) {
  owe(request("POST /datapoints HTTP/1.1"), std::string{"["} + ride + "," + ride + ",7]");
  points->flush();
  answer({{0, 1, verdict::stored, {}}, {1, 1, verdict::duplicate, {}}, {2, 1, verdict::invalid, {}}});
  auto seen = response();
  EXPECT_EQ(seen.code, 207U);
  auto body = json::parse(seen.body);
  EXPECT_EQ(body["stored"], 1);
  EXPECT_EQ(body["duplicates"], 1);
  EXPECT_EQ(body["failed"], 1);
  EXPECT_EQ(body["results"][2]["error"], "a number is not an object");
}

TEST_F(an_http_reply, to_an_empty_bulk_is_due_at_once) {
  owe(request("POST /datapoints HTTP/1.1"), "[]");
  EXPECT_EQ(response().code, 200U);
}

TEST_F(an_http_reply, tells_the_new_id_of_a_point_that_was_sent_again_under_it) {
  owe(request("POST /add_datapoint HTTP/1.1"), R"({"user_id":"1","vehicle_model_id":"2"})");
  points->flush();
  answer({{0, 1, verdict::stored, {}, 77}});
  EXPECT_THAT(response().body, HasSubstr(R"("id":"77")"));
}

TEST_F(an_http_reply, says_when_to_come_again_with_every_503) {
  for (std::uint64_t number = 0; auto what : {verdict::overloaded, verdict::unavailable}) {
    owe(request("POST /add_datapoint HTTP/1.1"), ride);
    points->flush();
    answer({{number++, 1, what, "because"}});
    auto seen = response();
    EXPECT_EQ(seen.code, 503U);
    EXPECT_EQ(seen.field("retry-after"), "1");
    EXPECT_EQ(json::parse(seen.body)["error"], "because");
  }
}

TEST_F(an_http_reply, closes_when_the_session_does) {
  owe(request("POST /datapoints HTTP/1.1"), "[]");
  EXPECT_EQ(response(false).field("connection"), "close");
}

TEST_F(an_http_reply, says_keep_alive_to_an_old_client) {
  owe(request("GET /healthz HTTP/1.0", "Connection: keep-alive\r\n"));
  EXPECT_EQ(response().field("connection"), "keep-alive");
  owe(request("GET /healthz HTTP/1.0"));
  EXPECT_EQ(response().field("connection"), "close");
}

TEST_F(an_http_reply, to_head_has_the_length_and_no_body) {
  owe(request("GET /healthz HTTP/1.1"));
  auto whole = response();
  owe(request("HEAD /healthz HTTP/1.1"));
  auto head = response();
  EXPECT_EQ(head.field("content-length"), whole.field("content-length"));
  EXPECT_EQ(head.body, "");
  EXPECT_FALSE(whole.body.empty());
}

TEST_F(an_http_reply, to_a_question_waits_for_the_store) {
  owe(request("GET /datapoints/5 HTTP/1.1"));
  owe(request("GET /readyz HTTP/1.1"));
  EXPECT_FALSE(points->front_done());
  points->apply(actors::readiness{2, 1, 0, 10, true, "full", {}});
  EXPECT_FALSE(points->front_done()) << "in the order of the requests";
  points->apply(actors::find_result{1, actors::find_result::state::missing, nullptr, {}});
  EXPECT_EQ(response().code, 404U);
  EXPECT_EQ(response().code, 200U);
}

TEST_F(an_http_reply, to_an_id_that_is_none_is_a_refusal) {
  for (const auto* id : {"0", "01", "x", "-1", "9223372036854775808", "5/"}) {
    owe(request(std::string{"GET /datapoints/"} + id + " HTTP/1.1"));
    EXPECT_EQ(response().code, 400U) << id;
  }
}

TEST_F(an_http_reply, of_a_node_that_drains_refuses_upgrades_and_says_so_at_readyz) {
  service.draining = true;
  owe(request("GET /readyz HTTP/1.1"));
  auto ready = response();
  EXPECT_EQ(ready.code, 503U);
  EXPECT_EQ(ready.field("retry-after"), "1");
  owe(request("GET /ws HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  auto upgrade = response();
  EXPECT_EQ(upgrade.code, 503U);
  EXPECT_EQ(upgrade.field("connection"), "close");
}

TEST_F(an_http_reply, refuses_with_the_fields_that_belong_to_it) {
  auto refused = [&](const std::string& line, const std::string& fields = "") {
    owe(request(line, fields));
    return response();
  };
  EXPECT_EQ(refused("PUT /add_datapoint HTTP/1.1").field("allow"), "POST");
  EXPECT_EQ(refused("POST /healthz HTTP/1.1").field("allow"), "GET, HEAD");
  auto upgrade = refused("GET /ws HTTP/1.1");
  EXPECT_EQ(upgrade.code, 426U);
  EXPECT_EQ(upgrade.field("sec-websocket-version"), "13");
  EXPECT_EQ(refused("GET /nothing HTTP/1.1").code, 404U);
  EXPECT_EQ(refused("POST /add_datapoint HTTP/1.1", "Content-Type: image/png\r\n").code, 415U);
}

TEST_F(an_http_reply, closes_after_a_refusal_only_when_told_to) {
  auto one = request("GET /nothing HTTP/1.1");
  EXPECT_THAT(net::refusal(one, false).text, Not(HasSubstr("Connection: close")));
  EXPECT_THAT(net::refusal(one, true).text, HasSubstr("Connection: close"));
  EXPECT_FALSE(net::refusal(one, true).keep_alive);
}

TEST_F(an_http_reply, comes_in_the_format_that_the_client_reads) {
  owe(request("POST /add_datapoint HTTP/1.1", "Content-Type: application/cbor\r\n"), "\xa0");
  points->flush();
  answer({{0, 1, verdict::invalid, {}}});
  auto seen = response();
  EXPECT_EQ(seen.field("content-type"), "application/cbor");
  EXPECT_EQ(seen.document().value()["code"], "invalid");
  owe(request("GET /nothing HTTP/1.1", "Accept: application/msgpack\r\n"));
  auto refused = response();
  EXPECT_EQ(refused.field("content-type"), "application/msgpack");
  EXPECT_EQ(refused.document().value()["code"], "not_found");
}

} // namespace
