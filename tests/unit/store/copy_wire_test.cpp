#include "store/copy_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using goloca::store::copy_reply;
using goloca::store::copy_request;

std::string message(char type, std::string_view body) {
  auto length = body.size() + 4;
  std::string made{type};
  for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>(length >> shift & 0xff);
  return made.append(body);
}

const auto bound = message('2', "");
const auto wanted = message('G', "\1\0\1\0\1"sv);
const auto copied = message('C', "COPY 3\0"sv);
const auto idle = message('Z', "I");
const auto refused = message('E', "SERROR\0VERROR\0C23505\0Mduplicate key\0DKey (id)=(1)\0\0"sv);

copy_reply after(std::string_view bytes) {
  copy_reply reply{1};
  EXPECT_TRUE(reply.take(bytes));
  return reply;
}

const auto asks = "B\0\0\0\x10\0name\0\0\0\0\0\0\0E\0\0\0\x09\0\0\0\0\0"s;
const auto copy_done = "c\0\0\0\x04"s;
const auto sync = "S\0\0\0\x04"s;

TEST(copy_wire, binds_executes_and_sends_each_file_in_one_message) {
  copy_request request{"name"};
  request.add("bytes");
  EXPECT_EQ(request.whole(), asks + message('d', "bytes") + copy_done + sync);
  EXPECT_EQ(request.whole(), asks + message('d', "bytes") + copy_done + sync) << "asked twice";
  EXPECT_EQ(request.copies(), 1U);
}

TEST(copy_wire, asks_for_several_in_one_transaction) {
  copy_request request{"name"};
  request.add("of another batch");
  EXPECT_FALSE(request.whole().empty());
  request.clear();
  request.add("1");
  request.add("22");
  EXPECT_EQ(request.whole(), asks + message('d', "1") + copy_done + asks + message('d', "22") + copy_done + sync);
  EXPECT_EQ(request.copies(), 2U);
}

TEST(copy_wire, believes_several_only_when_all_were_done) {
  auto each = bound + wanted + copied;
  copy_reply whole{2};
  EXPECT_TRUE(whole.take(each + each + idle));
  EXPECT_TRUE(whole.copied());
  copy_reply half{2};
  EXPECT_TRUE(half.take(each + idle));
  EXPECT_FALSE(half.copied());
  copy_reply refused_later{2};
  EXPECT_TRUE(refused_later.take(each + bound + wanted + refused + idle));
  EXPECT_FALSE(refused_later.copied());
  EXPECT_EQ(refused_later.sqlstate(), "23505");
}

TEST(copy_wire, is_done_once_the_server_is_ready_again) {
  auto reply = after(bound + wanted + copied);
  EXPECT_FALSE(reply.complete());
  EXPECT_FALSE(reply.copied());
  EXPECT_TRUE(reply.take(idle));
  EXPECT_TRUE(reply.complete());
  EXPECT_TRUE(reply.copied());
  EXPECT_FALSE(reply.torn());
}

TEST(copy_wire, understands_an_answer_in_any_pieces) {
  auto whole =
      bound + wanted + message('S', "name\0value\0"sv) + message('N', "VWARNING\0Mbeware\0\0"sv) + copied + idle;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    copy_reply reply{1};
    EXPECT_TRUE(reply.take(std::string_view{whole}.substr(0, cut)));
    EXPECT_TRUE(reply.take(std::string_view{whole}.substr(cut))) << cut;
    EXPECT_TRUE(reply.copied()) << cut;
    EXPECT_EQ(reply.warning(), "beware") << cut;
  }
  copy_reply bytewise{1};
  for (auto byte : whole) EXPECT_TRUE(bytewise.take({&byte, 1}));
  EXPECT_TRUE(bytewise.copied());
}

TEST(copy_wire, says_which_error_came_first) {
  auto reply = after(bound + wanted + refused + message('E', "C57014\0Mlater\0\0"sv) + idle);
  EXPECT_TRUE(reply.complete());
  EXPECT_FALSE(reply.copied());
  EXPECT_EQ(reply.sqlstate(), "23505");
  EXPECT_EQ(reply.message(), "duplicate key");
}

TEST(copy_wire, takes_an_error_without_a_code_for_one) {
  auto reply = after(message('E', "Mwords\0\0"sv) + idle);
  EXPECT_FALSE(reply.copied());
  EXPECT_EQ(reply.sqlstate(), "XX000");
}

TEST(copy_wire, believes_no_copy_whose_transaction_is_open_or_that_was_no_copy) {
  EXPECT_FALSE(after(bound + wanted + copied + message('Z', "T")).copied());
  EXPECT_FALSE(after(bound + wanted + idle).copied());
  EXPECT_FALSE(copy_reply{1}.take(bound + message('C', "INSERT 0 3\0"sv)));
}

TEST(copy_wire, minds_warnings_and_no_other_notices) {
  EXPECT_EQ(after(message('N', "VNOTICE\0Mnothing\0\0"sv) + copied + idle).warning(), "");
  EXPECT_EQ(after(message('N', "SWARNUNG\0VWARNING\0Mfirst\0\0"sv) + message('N', "VWARNING\0Msecond\0\0"sv)).warning(),
            "first");
}

TEST(copy_wire, refuses_what_no_server_says_to_a_copy) {
  for (auto wrong :
       {"\0\0\0\0\4"sv, "T\0\0\0\4"sv, "G\0\0\0\3"sv, "G\xff\xff\xff\xff"sv, "G\0\x20\0\0"sv, "HTTP/1.1 400"sv})
    EXPECT_FALSE(copy_reply{1}.take(wrong)) << wrong;
}

TEST(copy_wire, passes_over_what_comes_unasked_behind_the_answer) {
  auto reply = after(copied + idle + message('S', "name\0value\0"sv) + message('E', "VFATAL\0C57P01\0Mgoodbye\0\0"sv));
  EXPECT_TRUE(reply.copied());
  EXPECT_FALSE(reply.torn());
  EXPECT_FALSE(copy_reply{1}.take(copied + idle + idle));
}

TEST(copy_wire, notes_when_something_behind_the_answer_is_torn) {
  auto reply = after(copied + idle + message('S', "name\0value\0"sv).substr(0, 7));
  EXPECT_TRUE(reply.copied());
  EXPECT_TRUE(reply.torn());
}

} // namespace
