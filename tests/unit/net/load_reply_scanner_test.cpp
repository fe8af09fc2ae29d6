#include "net/client/load/reply_scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using goloca::net::load::point_verdict;
using goloca::net::load::reply_scanner;
using kind = point_verdict::kind;
using shape = reply_scanner::shape;

struct reply_scanning : ::testing::Test {
  reply_scanner scanner;

  point_verdict only(const std::string& text) {
    text_ = text; // the verdict points into it
    EXPECT_EQ(scanner.scan(text_), shape::one) << text;
    return scanner.verdicts().size() == 1 ? scanner.verdicts().front() : point_verdict{};
  }
  void expect(const std::string& text, kind what, std::uint64_t id, std::string_view code = "") {
    auto got = only(text);
    EXPECT_EQ(got.what, what) << text;
    EXPECT_EQ(got.id, id) << text;
    EXPECT_EQ(got.code, code) << text;
  }

private:
  std::string text_;
};

TEST_F(reply_scanning, knows_the_three_verdicts_as_goloca_writes_them) {
  expect(R"({"status":"success","error":null,"id":"9223372036854775807"})", kind::stored, 9'223'372'036'854'775'807);
  expect(R"({"status":"success","error":null,"id":"7","duplicate":true})", kind::duplicate, 7);
  expect(R"({"status":"failed","error":"the queue is full","id":"8","code":"overloaded","retry_after_ms":250})",
         kind::failed, 8, "overloaded");
  expect(R"({"status":"failed","error":"not JSON","id":null,"code":"invalid"})", kind::failed, 0, "invalid");
}

TEST_F(reply_scanning, does_not_mind_order_blanks_or_unknown_members) {
  expect(R"({"duplicate":true,"id":"7","error":null,"status":"success"})", kind::duplicate, 7);
  expect("\n{ \"id\" : 7 ,\t\"status\" : \"success\" , \"took_ms\" : -1.5e+3, \"x\":false }\r\n", kind::stored, 7);
  expect(R"({"status":"success","id":"7","duplicate":false})", kind::stored, 7);
  expect(R"({"code":"conflict","status":"failed","id":"7","duplicate":true})", kind::failed, 7, "conflict");
}

TEST_F(reply_scanning, reads_escapes_and_nested_members_as_well) {
  expect(R"({"status":"failed","error":"\"id\":\"9\"","id":"7","code":"invalid"})", kind::failed, 7, "invalid");
  expect(R"({"status":"success","id":"7","more":{"status":"failed","list":[1,2]}})", kind::stored, 7);
  expect(R"({"sta\u0074us":"success","id":"\u0037"})", kind::stored, 7);
  expect(R"({"more":[],"id":7,"status":"success","duplicate":true})", kind::duplicate, 7);
}

TEST_F(reply_scanning, has_one_answer_whether_a_member_sends_it_to_the_parser_or_not) {
  for (const std::string rest : {"}", R"(,"x":[]})"}) {
    expect(R"({"status":"failed","id":"7","code":null)" + rest, kind::failed, 7, "");
    expect(R"({"status":"failed","id":"7","code":5)" + rest, kind::failed, 7, "");
    expect(R"({"status":"success","id":1.5)" + rest, kind::stored, 0);
    expect(R"({"status":"success","id":7e2)" + rest, kind::stored, 0);
    expect(R"({"status":"success","id":"7x")" + rest, kind::stored, 0);
    expect(R"({"status":"success","id":"7","duplicate":"true")" + rest, kind::stored, 7);
    expect(R"({"status":"failed","id":"8","id":"7","status":"success")" + rest, kind::stored, 7);
    EXPECT_EQ(scanner.scan(R"({"status":true,"duplicate":true,"id":"7")" + rest), shape::unreadable) << rest;
    EXPECT_EQ(scanner.scan(R"({"duplicate":true,"id":"7")" + rest), shape::unreadable) << rest;
  }
}

TEST_F(reply_scanning, reads_arrays_and_bulk_in_their_order) {
  const std::string list = R"([{"status":"success","error":null,"id":"1"},)"
                           R"({"status":"failed","error":"e","id":"2","code":"invalid"},)"
                           R"({"status":"success","error":null,"id":"3","duplicate":true}])";
  for (const auto& text : {list, R"({"stored":1,"duplicates":1,"failed":1,"results":)" + list + "}",
                           R"({"results":)" + list + R"(,"stored":1})", R"({"x":{},"results":)" + list + "}"}) {
    ASSERT_EQ(scanner.scan(text), shape::many) << text;
    ASSERT_EQ(scanner.verdicts().size(), 3U) << text;
    EXPECT_EQ(scanner.verdicts()[0].what, kind::stored);
    EXPECT_EQ(scanner.verdicts()[1].what, kind::failed);
    EXPECT_EQ(scanner.verdicts()[1].code, "invalid");
    EXPECT_EQ(scanner.verdicts()[2].what, kind::duplicate);
    EXPECT_EQ(scanner.verdicts()[2].id, 3U);
  }
  EXPECT_EQ(scanner.scan("[]"), shape::many);
  EXPECT_TRUE(scanner.verdicts().empty());
}

TEST_F(reply_scanning, takes_nothing_else_for_a_reply) {
  for (const std::string text :
       {"", "success", "7", "null", "{", "{}", R"({"id":"7"})", R"({"status":"maybe","id":"7"})",
        R"({"status":"success","id":"7")", R"({"status":"success","id":"7"} x)", R"({"status":"success" "id":"7"})",
        R"({"status":"success","id":"7",})", R"([{"status":"success","id":"7"})", R"([7])", R"({"results":{}})",
        R"({"results":[7]})", R"([[{"status":"success","id":"7"}]])", R"({"status":"succ)", R"({"status":"a\)"}) {
    EXPECT_EQ(scanner.scan(text), shape::unreadable) << text;
  }
}

TEST_F(reply_scanning, of_every_beginning_of_a_reply_is_unreadable) {
  const std::string whole = R"([{"status":"success","error":null,"id":"1","duplicate":true}])";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(scanner.scan(whole.substr(0, size)), shape::unreadable) << size;
}

} // namespace
