#include "actors/id_digest.hpp"
#include "actors/node_link.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::result_for;
using test::ride_range;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr time_point start = time_point{} + 1h;

class node_link_state_test : public testing::Test {
protected:
  node_link_state link;

  node_link_state_test() {
    link.address = "10.0.0.2:7420";
    link.patience = 4s;
    EXPECT_FALSE(link.accept(welcome(2)));
  }

  static link_welcome welcome(std::uint32_t credit) { return {1, "w2", 77, credit, 500, 4u << 20, {true, "memory"}}; }

  /// The pool sends a batch. \return what goes over the link.
  std::vector<link_batch> take(std::uint64_t sequence, store::row_range rows, time_point now = start) {
    link.take({{7, sequence}, {std::move(rows)}}, {});
    return link.take_sendable(now);
  }

  std::string wrong(link_result result) {
    auto settled = link.settle(std::move(result), start);
    auto* said = std::get_if<std::string>(&settled);
    return said ? *said : "";
  }
  std::string wrong(link_found found) {
    auto settled = link.settle(std::move(found));
    auto* said = std::get_if<std::string>(&settled);
    return said ? *said : "";
  }
};

// -- batches --------------------------------------------------------------------------------------

TEST_F(node_link_state_test, sends_no_more_than_its_credit_and_the_rest_in_order_as_results_come) {
  auto first = take(1, ride_range({1}));
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_THAT(take(2, ride_range({2})), SizeIs(1));
  EXPECT_THAT(take(3, ride_range({3})), IsEmpty());
  EXPECT_THAT(take(4, ride_range({4})), IsEmpty());
  EXPECT_EQ(link.in_flight.size(), 2U);
  ASSERT_EQ(link.settle(result_for(first[0]), start).index(), 0U);
  auto third = link.take_sendable(start);
  ASSERT_THAT(third, SizeIs(1));
  EXPECT_EQ(third[0].rows[0][0].id(), 3);
  EXPECT_THAT(link.take_sendable(start), IsEmpty());
}

TEST_F(node_link_state_test, sends_nothing_before_the_welcome) {
  node_link_state fresh;
  fresh.take({{7, 1}, {ride_range({1})}}, {});
  EXPECT_THAT(fresh.take_sendable(start), IsEmpty());
  EXPECT_FALSE(fresh.idle());
}

TEST_F(node_link_state_test, names_each_batch_once_with_the_digest_of_its_ids_and_its_patience) {
  auto first = take(100, ride_range({1, 2}));
  auto second = take(100, ride_range({2, 1}));
  EXPECT_EQ(first[0].sequence, 1U);
  EXPECT_EQ(second[0].sequence, 2U);
  EXPECT_EQ(first[0].digest, digest_of_ids({ride_range({1, 2})}));
  EXPECT_NE(first[0].digest, second[0].digest) << "in order";
  EXPECT_EQ(first[0].patience, 4s);
}

TEST(id_digest, is_of_the_ids_however_they_are_cut_and_never_changes) {
  EXPECT_EQ(digest_of_ids({ride_range({1, 2}), ride_range({3})}), digest_of_ids({ride_range({1}), ride_range({2, 3})}));
  EXPECT_NE(digest_of_ids({ride_range({1})}), digest_of_ids({ride_range({1, 1})}));
  EXPECT_NE(digest_of_ids({}), digest_of_ids({ride_range({1})}));
  EXPECT_EQ(digest_of_ids({ride_range({1, 2, 3})}), 15205877802699428709U) << "wire version 1";
}

TEST_F(node_link_state_test, a_result_answers_the_pool_s_batch) {
  auto sent = take(42, ride_range({1, 2}));
  auto result = result_for(sent[0]);
  result.result.outcomes[1] = store::outcome::conflict;
  result.given_up = {{0, "it crashed"}};
  auto settled = link.settle(result, start);
  ASSERT_EQ(settled.index(), 0U);
  auto& done = std::get<0>(settled).result;
  EXPECT_EQ(done.id, (batch_id{7, 42}));
  EXPECT_EQ(done.result.outcomes[1], store::outcome::conflict);
  EXPECT_THAT(done.given_up, testing::ElementsAre(given_up_point{0, "it crashed"}));
  EXPECT_TRUE(link.idle());
}

TEST_F(node_link_state_test, a_result_of_no_batch_of_the_link_is_wrong) {
  auto sent = take(1, ride_range({1}));
  auto foreign = result_for(sent[0]);
  foreign.sequence = 9;
  EXPECT_THAT(wrong(foreign), HasSubstr("does not have"));
  EXPECT_EQ(wrong(result_for(sent[0])), "");
  EXPECT_THAT(wrong(result_for(sent[0])), HasSubstr("does not have")) << "it came twice";
}

TEST_F(node_link_state_test, a_result_for_other_points_is_wrong_and_the_batch_stays) {
  auto sent = take(1, ride_range({1}));
  auto other = result_for(sent[0]);
  other.digest ^= 1;
  EXPECT_THAT(wrong(other), HasSubstr("for other points"));
  EXPECT_EQ(link.in_flight.size(), 1U);
}

TEST_F(node_link_state_test, a_result_with_another_number_of_outcomes_is_wrong_and_the_batch_stays) {
  auto sent = take(1, ride_range({1, 2}));
  auto less = result_for(sent[0]), more = less;
  less.result.outcomes.pop_back();
  more.result.outcomes.push_back(store::outcome::stored);
  EXPECT_THAT(wrong(less), HasSubstr("1 points of a batch of 2"));
  EXPECT_THAT(wrong(more), HasSubstr("3 points of a batch of 2"));
  EXPECT_EQ(link.in_flight.size(), 1U);
}

TEST_F(node_link_state_test, the_oldest_batch_has_a_deadline) {
  EXPECT_FALSE(link.overdue(start + 1h));
  auto first = take(1, ride_range({1}));
  (void)take(2, ride_range({2}), start + 1s);
  EXPECT_FALSE(link.overdue(start + 4s - 1ns));
  EXPECT_THAT(link.overdue(start + 4s), Optional(HasSubstr("no answer to a batch for 4000 ms")));
  ASSERT_EQ(wrong(result_for(first[0])), "");
  EXPECT_FALSE(link.overdue(start + 4s));
  EXPECT_TRUE(link.overdue(start + 5s));
}

TEST_F(node_link_state_test, tells_how_it_is) {
  auto sent = take(1, ride_range({1}));
  (void)take(2, ride_range({2}));
  ASSERT_EQ(link.settle(result_for(sent[0]), start + 8ms).index(), 0U);
  auto report = link.report(2ms);
  EXPECT_EQ(report.round_trip, 2ms);
  EXPECT_EQ(report.batch_time, 8ms);
  EXPECT_EQ(report.in_flight, 1U);
  EXPECT_EQ(report.credit, 2U);
  EXPECT_EQ(link.title(), "link to 10.0.0.2:7420 (w2)");
}

// -- questions ------------------------------------------------------------------------------------

TEST_F(node_link_state_test, an_answer_is_that_of_its_question_by_number_and_id) {
  auto first = link.ask(5, {}, start), second = link.ask(6, {}, start);
  EXPECT_NE(first.number, second.number);
  EXPECT_EQ(second.id, 6);
  auto row = ride_range({6}).block;
  EXPECT_THAT(wrong(link_found{first.number, link_found::state::found, row, {}}), HasSubstr("another point"));
  EXPECT_THAT(wrong(link_found{first.number, link_found::state::found, nullptr, {}}), HasSubstr("another point"));
  auto settled = link.settle({second.number, link_found::state::found, row, {}});
  ASSERT_EQ(settled.index(), 0U);
  ASSERT_TRUE(std::get<0>(settled));
  EXPECT_EQ(std::get<0>(settled)->result.row, row);
}

TEST_F(node_link_state_test, an_answer_that_comes_late_is_dropped_and_one_to_no_question_is_wrong) {
  auto asked = link.ask(5, {}, start);
  EXPECT_THAT(link.take_overdue_finds(start + 4s - 1ns), IsEmpty());
  auto late = link.take_overdue_finds(start + 4s);
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late[0].result.what, find_result::state::timeout);
  auto settled = link.settle({asked.number, link_found::state::missing, nullptr, {}});
  ASSERT_EQ(settled.index(), 0U);
  EXPECT_FALSE(std::get<0>(settled));
  EXPECT_THAT(wrong(link_found{99, link_found::state::missing, nullptr, {}}), HasSubstr("nobody asked"));
}

// -- the link itself ------------------------------------------------------------------------------

TEST_F(node_link_state_test, a_second_welcome_is_wrong_and_so_is_one_that_takes_no_batches) {
  EXPECT_THAT(link.accept(welcome(2)), Optional(HasSubstr("twice")));
  node_link_state fresh;
  EXPECT_THAT(fresh.accept(welcome(0)), Optional(HasSubstr("no batches")));
  auto no_points = welcome(2);
  no_points.most_points = 0;
  EXPECT_THAT(fresh.accept(no_points), Optional(HasSubstr("no batches")));
}

} // namespace
} // namespace goloca::actors
