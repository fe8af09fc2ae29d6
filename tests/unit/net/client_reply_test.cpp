#include "net/client/reply.hpp"

#include <gtest/gtest.h>

namespace {

using namespace goloca::net::client;
using kind = reply::kind;
using verdict = point_reply::verdict;
using std::chrono::milliseconds;
using ids = std::vector<std::string_view>;

TEST(client_reply, gives_each_point_of_a_mixed_bulk_its_own) {
  auto got = read_http_reply(207, "", R"({"stored":1,"duplicates":1,"failed":3,"results":[
      {"status":"success","error":null,"id":"1"},
      {"status":"success","error":null,"id":"2","duplicate":true},
      {"status":"failed","error":"from_lat: too much","id":"3","code":"invalid","member":"from_lat"},
      {"status":"failed","error":"there is another","id":"4","code":"conflict"},
      {"status":"failed","error":"the queue is full","id":"5","code":"overloaded","retry_after_ms":250}]})",
                             ids{"1", "2", "3", "4", "5"});
  ASSERT_EQ(got.what, kind::points);
  EXPECT_EQ(got.points[0].what, verdict::stored);
  EXPECT_EQ(got.points[1].what, verdict::duplicate);
  EXPECT_EQ(got.points[2].what, verdict::refused);
  EXPECT_EQ(got.points[2].error, "from_lat: too much");
  EXPECT_EQ(got.points[3].code, "conflict");
  EXPECT_EQ(got.points[4].what, verdict::again);
  EXPECT_EQ(got.points[4].retry_after, milliseconds{250});
}

TEST(client_reply, never_calls_final_what_it_does_not_know) {
  auto got = read_websocket_reply(R"([{"status":"failed","error":"?","id":"1","code":"new_word"}])", ids{"1"});
  ASSERT_EQ(got.what, kind::points);
  EXPECT_EQ(got.points[0].what, verdict::again);
}

TEST(client_reply, believes_no_results_that_do_not_fit_the_points) {
  const auto* one = R"({"status":"success","error":null,"id":"1"})";
  auto bulk = [&](const std::string& results) { return R"({"results":)" + results + "}"; };
  EXPECT_EQ(read_http_reply(200, "", bulk("[" + std::string{one} + "]"), ids{"1", "2"}).what, kind::nonsense)
      << "too few";
  EXPECT_EQ(read_http_reply(200, "", bulk("[" + std::string{one} + "]"), ids{"2"}).what, kind::nonsense)
      << "another id";
  EXPECT_EQ(read_http_reply(200, "", bulk("{}"), ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_http_reply(200, "", bulk("[7]"), ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_http_reply(200, "", bulk(R"([{"status":"maybe","id":"1"}])"), ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_http_reply(200, "", "<html>", ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_websocket_reply("[]", ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_websocket_reply("hello", ids{"1"}).what, kind::nonsense);
  EXPECT_EQ(read_websocket_reply(one, ids{"1"}).what, kind::nonsense) << "an array was sent";
}

TEST(client_reply, takes_an_id_that_is_not_canonical_back_in_any_form) {
  EXPECT_EQ(read_websocket_reply(R"([{"status":"success","error":null,"id":"1"}])", ids{"1.0"}).what, kind::points);
  EXPECT_EQ(read_websocket_reply(R"([{"status":"failed","error":"","id":null,"code":"invalid"}])", ids{"x"}).what,
            kind::points);
}

TEST(client_reply, without_results_goes_by_the_status) {
  EXPECT_EQ(read_http_reply(413, "", R"({"status":"failed","code":"too_large","error":"e","id":null})", ids{"1"}).what,
            kind::too_large);
  EXPECT_EQ(read_http_reply(400, "", R"({"status":"failed","code":"invalid","error":"e","id":null})", ids{"1"}).what,
            kind::unreadable);
  EXPECT_EQ(read_http_reply(404, "", "not here", ids{"1"}).what, kind::stranger);
  EXPECT_EQ(read_http_reply(301, "", "", ids{"1"}).what, kind::stranger);
  for (unsigned status : {408, 429, 500, 502, 503, 504}) {
    EXPECT_EQ(read_http_reply(status, "", "", ids{"1"}).what, kind::again) << status;
  }
}

TEST(client_reply, waits_as_long_as_it_is_told_by_body_or_header_but_not_for_ever) {
  EXPECT_EQ(read_http_reply(503, "2", "", ids{"1"}).whole.retry_after, milliseconds{2000});
  EXPECT_EQ(read_http_reply(503, "1", R"({"status":"failed","retry_after_ms":1500})", ids{"1"}).whole.retry_after,
            milliseconds{1500});
  EXPECT_EQ(read_http_reply(503, "99999999", "", ids{"1"}).whole.retry_after, milliseconds{60'000});
  EXPECT_EQ(read_http_reply(503, "99999999999999999999", "", ids{"1"}).whole.retry_after, milliseconds{60'000});
  EXPECT_EQ(read_http_reply(503, "-1", R"({"retry_after_ms":-1})", ids{"1"}).whole.retry_after, milliseconds{0});
  EXPECT_EQ(read_http_reply(503, "", R"({"retry_after_ms":18446744073709551615})", ids{"1"}).whole.retry_after,
            milliseconds{60'000});
  EXPECT_EQ(read_http_reply(503, "Wed, 21 Oct 2015 07:28:00 GMT", "", ids{"1"}).whole.retry_after, milliseconds{0});
}

TEST(client_reply, of_one_object_to_a_websocket_array_is_for_all_of_it) {
  EXPECT_EQ(read_websocket_reply(R"({"status":"failed","error":"e","id":null,"code":"invalid"})", ids{"1"}).what,
            kind::unreadable);
  EXPECT_EQ(read_websocket_reply(R"({"status":"failed","error":"e","id":null,"code":"unavailable"})", ids{"1"}).what,
            kind::again);
  EXPECT_EQ(read_websocket_reply(R"({"status":"failed","error":"e","id":null,"code":"too_large"})", ids{"1"}).what,
            kind::too_large);
}

} // namespace
