// Replies and stored points as bytes.

#include "net/codec.hpp"

#include "tests/support/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using namespace goloca;
using net::answer;
using net::ending;
using net::format;
using nlohmann::ordered_json;

std::string encoded(const answer& one, format as = format::json) {
  std::string out;
  net::encode(as, one, out);
  return out;
}

TEST(encode, says_stored_in_the_seeds_words) {
  EXPECT_EQ(encoded({ending::stored, "132516"}), R"({"status":"success","error":null,"id":"132516"})");
}

TEST(encode, marks_a_duplicate) {
  EXPECT_EQ(encoded({ending::duplicate, "5"}), R"({"status":"success","error":null,"id":"5","duplicate":true})");
}

TEST(encode, names_the_member_at_fault) {
  EXPECT_EQ(
      encoded({ending::invalid, "5", "from_lat: 91 is not between -90 and 90", "from_lat"}),
      R"({"status":"failed","error":"from_lat: 91 is not between -90 and 90","id":"5","code":"invalid","member":"from_lat"})");
}

TEST(encode, has_null_for_an_id_that_is_not_known_and_a_sentence_of_its_own) {
  EXPECT_EQ(encoded({ending::not_found}),
            R"({"status":"failed","error":"there is nothing here","id":null,"code":"not_found"})");
}

TEST(encode, tells_when_to_send_again_what_may_be_sent_again) {
  for (auto what = 0; what <= static_cast<int>(ending::not_implemented); ++what) {
    auto reply = ordered_json::parse(encoded({static_cast<ending>(what), "1"}));
    EXPECT_EQ(reply.contains("retry_after_ms"), net::status_of(static_cast<ending>(what)).resend) << reply;
  }
  EXPECT_EQ(encoded({ending::timeout, "1", "no answer"}),
            R"({"status":"failed","error":"no answer","id":"1","code":"timeout","retry_after_ms":1000})");
}

TEST(encode, escapes_what_came_from_outside) {
  auto reply = encoded({ending::invalid, "", "a\"b\\c\nd\x01\x7f\t\r\b", "é\xff\xed\xa0\x80"});
  auto parsed = ordered_json::parse(reply);
  EXPECT_EQ(parsed["error"], "a\"b\\c\nd\x01\x7f\t\r\b");
  EXPECT_EQ(parsed["member"], "é\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(encode, says_the_same_in_cbor_and_msgpack) {
  for (const auto& one : std::vector<answer>{{ending::stored, "132516"},
                                             {ending::duplicate, "5"},
                                             {ending::invalid, "5", "bad\xff", "from_lat"},
                                             {ending::overloaded}}) {
    auto as_json = encoded(one);
    EXPECT_EQ(ordered_json::from_cbor(encoded(one, format::cbor)).dump(), as_json);
    EXPECT_EQ(ordered_json::from_msgpack(encoded(one, format::msgpack)).dump(), as_json);
    EXPECT_EQ(encoded(one, format::ndjson), as_json);
  }
}

TEST(encode, appends) {
  for (auto as : {format::json, format::cbor, format::msgpack}) {
    std::string out = "before";
    net::encode(as, {ending::stored, "1"}, out);
    EXPECT_EQ(out, "before" + encoded({ending::stored, "1"}, as));
  }
}

TEST(encode, gives_an_array_an_array) {
  std::string out;
  net::encode_array(format::json, {}, out);
  EXPECT_EQ(out, "[]");
  out.clear();
  net::encode_array(format::json, {{ending::stored, "1"}, {ending::invalid, "2", "no"}}, out);
  EXPECT_EQ(out, "[" + encoded({ending::stored, "1"}) + "," + encoded({ending::invalid, "2", "no"}) + "]");
  std::string cbor;
  net::encode_array(format::cbor, {{ending::stored, "1"}, {ending::invalid, "2", "no"}}, cbor);
  EXPECT_EQ(ordered_json::from_cbor(cbor).dump(), out);
}

TEST(encode, counts_a_bulk) {
  std::vector<answer> all = {
      {ending::stored, "1"}, {ending::duplicate, "2"}, {ending::invalid, "3", "no"}, {ending::timeout, "4"}};
  std::string out;
  net::encode_bulk(format::json, all, out);
  auto parsed = ordered_json::parse(out);
  EXPECT_EQ(parsed["stored"], 1);
  EXPECT_EQ(parsed["duplicates"], 1);
  EXPECT_EQ(parsed["failed"], 2);
  EXPECT_EQ(parsed["results"].size(), 4U);
  for (auto as : {format::cbor, format::msgpack}) {
    std::string bytes;
    net::encode_bulk(as, all, bytes);
    EXPECT_EQ((as == format::cbor ? ordered_json::from_cbor(bytes) : ordered_json::from_msgpack(bytes)).dump(), out);
  }
  out.clear();
  net::encode_bulk(format::json, {}, out);
  EXPECT_EQ(out, R"({"stored":0,"duplicates":0,"failed":0,"results":[]})");
}

TEST(bulk_code, is_200_207_or_what_all_share) {
  answer stored{ending::stored}, duplicate{ending::duplicate}, invalid{ending::invalid}, overloaded{ending::overloaded},
      unavailable{ending::unavailable}, timeout{ending::timeout};
  EXPECT_EQ(net::bulk_code({}), 200U);
  EXPECT_EQ(net::bulk_code({stored, duplicate}), 200U);
  EXPECT_EQ(net::bulk_code({stored, invalid}), 207U);
  EXPECT_EQ(net::bulk_code({invalid, duplicate}), 207U);
  EXPECT_EQ(net::bulk_code({invalid, invalid}), 400U);
  EXPECT_EQ(net::bulk_code({overloaded, unavailable}), 503U);
  EXPECT_EQ(net::bulk_code({overloaded, timeout}), 207U);
}

TEST(encode_row, writes_what_can_be_sent_again) {
  auto text = R"({"id":"132516","user_id":"a\"é","vehicle_model_id":"12","package_id":7,"online_booking":true,)"
              R"("mobile_site_booking":false,"from_lat":12.96519,"from_long":-1e-7})";
  auto got = test::decode(text);
  ASSERT_TRUE(got.valid()) << got.fault().message;
  for (auto as : {format::json, format::cbor, format::msgpack}) {
    std::string out;
    net::encode_row(as, got.row(), out);
    auto again = test::decode(out, as);
    ASSERT_TRUE(again.valid()) << again.fault().message;
    EXPECT_TRUE(store::same_content(got.row(), again.row()));
  }
  std::string out;
  net::encode_row(format::json, got.row(), out);
  EXPECT_EQ(ordered_json::parse(out), ordered_json::parse(text));
  EXPECT_EQ(out.find(R"({"id":"132516","user_id":)"), 0U) << "in the schema's order";
}

TEST(encode_row, writes_an_integer_for_an_id_that_may_not_be_a_string) {
  auto read = store::read_schema(
      R"({"type":"object","x-table":"t","properties":{"id":{"type":"integer","x-sql-type":"BIGINT"}}})", "test.json");
  auto of = std::get<std::shared_ptr<const store::schema>>(read);
  auto got = test::decode(R"({"id":5})", format::json, net::shape::either, of);
  std::string out;
  net::encode_row(format::json, got.row(), out);
  EXPECT_EQ(out, R"({"id":5})");
  EXPECT_EQ(test::decode(R"({"id":"5"})", format::json, net::shape::either, of).fault().message,
            "id: \"5\" is not an integer");
}

TEST(content_type, picks_the_format_of_a_point) {
  for (const auto* as_json :
       {"", "application/json", "Application/JSON", "application/json; charset=utf-8", "text/plain;charset=UTF-8",
        "application/json ; charset=\"utf-8\"", "application/x-www-form-urlencoded", "text/plain; a=b"})
    EXPECT_EQ(net::format_of_point(as_json), format::json) << as_json;
  EXPECT_EQ(net::format_of_point("application/cbor"), format::cbor);
  for (const auto* packed : {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack"})
    EXPECT_EQ(net::format_of_point(packed), format::msgpack) << packed;
  for (const auto* other :
       {"application/xml", "application/json; charset=latin1", "text/html", "json", "application/jsonx", "application",
        "application/json, text/plain", "application/x-ndjson", "multipart/form-data; boundary=x"})
    EXPECT_EQ(net::format_of_point(other), std::nullopt) << other;
}

TEST(content_type, picks_the_format_of_points) {
  for (const auto* lines : {"application/x-ndjson", "application/ndjson; charset=utf-8", "application/jsonl"})
    EXPECT_EQ(net::format_of_points(lines), format::ndjson) << lines;
  EXPECT_EQ(net::format_of_points(""), format::json);
  EXPECT_EQ(net::format_of_points("application/json"), format::json);
  EXPECT_EQ(net::format_of_points("application/cbor"), format::cbor);
  EXPECT_EQ(net::format_of_points("application/x-ndjson; charset=utf-16"), std::nullopt);
  EXPECT_EQ(net::format_of_points("image/png"), std::nullopt);
}

TEST(content_type, names_the_format_of_a_reply) {
  EXPECT_EQ(net::content_type_of(format::json), "application/json");
  EXPECT_EQ(net::content_type_of(format::ndjson), "application/json");
  EXPECT_EQ(net::content_type_of(format::cbor), "application/cbor");
  EXPECT_EQ(net::content_type_of(format::msgpack), "application/msgpack");
}

} // namespace
