// What `goloca verify` says, as a function of the ledger and the rows alone.

#include "net/client/verify/verdict.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace goloca::net::client;
using what = point_reply::verdict;

constexpr content_digest a{1, 1};
constexpr content_digest b{2, 2};
constexpr content_digest c{3, 3};

struct the_verdict : testing::Test {
  ledger_book book;
  found_rows found;

  void sent(std::int64_t id, content_digest content) { book.add({ledger_record::kind::sent, {id, content}, false}); }
  void answered(std::int64_t id, content_digest content, what how) {
    book.add({ledger_record::kind::answer, {id, content}, false, how, "code"});
  }
  void sent_and(what how, std::int64_t id, content_digest content) {
    sent(id, content);
    answered(id, content, how);
  }
  /// "kept 1 lost 2": the classes that are not empty.
  [[nodiscard]] std::string counts(bool whole = false) const {
    std::string text;
    auto json = nlohmann::ordered_json::parse(to_json(judge(book, found, whole)));
    for (const auto& [name, one] : json.items()) {
      if (one.is_object() && one["count"] != 0) text += (text.empty() ? "" : " ") + name + ' ' + one["count"].dump();
    }
    return text;
  }
};

TEST_F(the_verdict, is_kept_for_what_was_acked_and_is_there_unaltered) {
  sent_and(what::stored, 1, a);
  sent_and(what::duplicate, 2, b);
  found = {{1, a}, {2, b}};
  EXPECT_EQ(counts(), "kept 2");
  EXPECT_TRUE(judge(book, found, false).kept_promise());
}

TEST_F(the_verdict, is_lost_for_what_was_acked_and_is_not_there) {
  sent_and(what::stored, 1, a);
  EXPECT_EQ(counts(), "lost 1");
  EXPECT_FALSE(judge(book, found, false).kept_promise());
  EXPECT_EQ(judge(book, found, false).lost.ids, std::vector<std::int64_t>{1});
}

TEST_F(the_verdict, is_altered_for_what_was_acked_and_says_something_else) {
  sent_and(what::stored, 1, a);
  sent_and(what::stored, 2, a);
  found = {{1, b}, {2, std::nullopt}};
  EXPECT_EQ(counts(), "altered 2");
  EXPECT_FALSE(judge(book, found, false).kept_promise());
}

TEST_F(the_verdict, is_altered_for_the_only_one_sent_that_nobody_acked) {
  sent(1, a);
  found = {{1, b}};
  EXPECT_EQ(counts(), "altered 1");
  sent(1, c);
  EXPECT_EQ(counts(), "unknown_absent 2") << "of two, nobody knows which was first, nor who else was";
}

TEST_F(the_verdict, is_unknown_without_a_final_answer) {
  sent_and(what::again, 1, a);
  sent(2, a);
  found = {{1, a}};
  EXPECT_EQ(counts(), "unknown_present 1 unknown_absent 1");
  EXPECT_TRUE(judge(book, found, false).kept_promise());
}

TEST_F(the_verdict, names_what_was_refused_and_is_there_all_the_same) {
  sent_and(what::refused, 1, a);
  sent_and(what::refused, 2, a);
  sent_and(what::refused, 3, a);
  found = {{1, a}, {3, b}};
  EXPECT_EQ(counts(), "refused_present 1 refused_absent 2");
  EXPECT_TRUE(judge(book, found, false).kept_promise());
}

TEST_F(the_verdict, tells_two_contents_of_one_id_apart) {
  sent_and(what::stored, 1, a);
  sent_and(what::refused, 1, b);
  found = {{1, a}};
  EXPECT_EQ(counts(), "kept 1 refused_absent 1");
  found = {{1, b}};
  EXPECT_EQ(counts(), "altered 1 refused_present 1");
}

TEST_F(the_verdict, holds_the_service_to_an_ack_whatever_it_says_later) {
  sent_and(what::stored, 1, a);
  answered(1, a, what::again);
  answered(1, a, what::refused);
  sent(1, a);
  EXPECT_EQ(counts(), "lost 1");
}

TEST_F(the_verdict, is_unknown_when_what_was_refused_was_sent_once_more) {
  sent_and(what::refused, 1, a);
  sent(1, a);
  EXPECT_EQ(counts(), "unknown_absent 1");
}

TEST_F(the_verdict, finds_rows_that_were_never_sent_only_when_all_were_looked_at) {
  sent_and(what::stored, 2, a);
  found = {{1, a}, {2, a}, {3, std::nullopt}};
  EXPECT_EQ(counts(false), "kept 1");
  EXPECT_EQ(counts(true), "kept 1 never_sent 2");
  EXPECT_TRUE(judge(book, found, true).kept_promise());
  EXPECT_EQ(to_text(judge(book, found, false)).find("never"), std::string::npos);
  EXPECT_NE(to_text(judge(book, found, true)).find("2  never sent, yet present: 1, 3\n"), std::string::npos);
}

TEST_F(the_verdict, names_twenty_and_counts_all) {
  for (std::int64_t id = 1; id <= 30; ++id) sent_and(what::stored, id, a);
  auto made = judge(book, found, false);
  EXPECT_EQ(made.lost.count, 30u);
  EXPECT_EQ(made.lost.ids.size(), 20u);
  EXPECT_NE(to_text(made).find("30  lost: acked, but not there: 1, 2, "), std::string::npos) << to_text(made);
  EXPECT_NE(to_text(made).find(", 20, …\n"), std::string::npos) << to_text(made);
}

TEST_F(the_verdict, counts_each_point_of_the_ledger_once) {
  sent_and(what::stored, 1, a);
  sent_and(what::stored, 2, a);
  sent_and(what::refused, 3, a);
  sent_and(what::refused, 0, c);
  sent(4, a);
  found = {{1, a}, {2, b}};
  EXPECT_EQ(counts(), "kept 1 altered 1 refused_absent 2 unknown_absent 1");
}

} // namespace
