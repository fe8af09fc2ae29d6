#include "actors/link_host.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::outcome;
using test::batch_of;
using test::ride_range;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr time_point start = time_point{} + 1h;

class link_host_state_test : public testing::Test {
protected:
  link_host_state host;

  link_host_state_test() { host.settings = {.credit = 2, .most_points = 3}; }

  insert_request take(link_batch batch) {
    auto taken = host.take(std::move(batch), start);
    if (auto* request = std::get_if<insert_request>(&taken)) return *request;
    ADD_FAILURE() << std::get<std::string>(taken);
    return {};
  }

  std::string fault(link_batch batch) {
    auto taken = host.take(std::move(batch), start);
    auto* said = std::get_if<std::string>(&taken);
    return said ? *said : "";
  }
};

// -- what an edge may send ------------------------------------------------------------------------

TEST_F(link_host_state_test, a_batch_is_a_request_whose_points_are_numbered_through) {
  auto first = take(batch_of(1, ride_range({5, 6})));
  ASSERT_THAT(first.runs, SizeIs(1));
  EXPECT_EQ(first.runs[0].first, 0U);
  EXPECT_EQ(first.deadline, start + 4s);
  auto second = take(batch_of(2, ride_range({7})));
  EXPECT_EQ(second.runs[0].first, 2U);
}

TEST_F(link_host_state_test, more_than_the_credit_is_against_the_rules_until_a_result_frees_it) {
  (void)take(batch_of(1, ride_range({1})));
  (void)take(batch_of(2, ride_range({2})));
  EXPECT_THAT(fault(batch_of(3, ride_range({3}))), HasSubstr("more than the credit of 2"));
  (void)host.apply({{{0, 1, verdict::stored, {}}}});
  EXPECT_EQ(fault(batch_of(3, ride_range({3}))), "");
}

TEST_F(link_host_state_test, a_sequence_comes_once) {
  (void)take(batch_of(2, ride_range({1})));
  EXPECT_THAT(fault(batch_of(2, ride_range({1}))), HasSubstr("came twice"));
  EXPECT_THAT(fault(batch_of(1, ride_range({1}))), HasSubstr("came twice"));
}

TEST_F(link_host_state_test, a_batch_has_points_but_not_too_many_and_those_of_its_digest) {
  EXPECT_THAT(fault(batch_of(1, ride_range({}))), HasSubstr("has 0 points"));
  EXPECT_THAT(fault(batch_of(1, ride_range(1, 4))), HasSubstr("has 4 points"));
  auto other = batch_of(1, ride_range({1}));
  other.digest ^= 1;
  EXPECT_THAT(fault(other), HasSubstr("other points"));
  EXPECT_EQ(fault(batch_of(1, ride_range(1, 3))), "");
}

// -- what the pool answers ------------------------------------------------------------------------

TEST_F(link_host_state_test, answers_a_batch_when_each_of_its_points_is_settled) {
  auto batch = batch_of(1, ride_range({1, 2, 3}));
  (void)take(batch);
  auto some = host.apply({{{2, 1, verdict::conflict, {}}, {0, 1, verdict::stored, {}}}});
  EXPECT_THAT(some.results, IsEmpty());
  EXPECT_FALSE(some.fault);
  EXPECT_EQ(host.report().in_flight, 1U);
  auto all = host.apply({{{1, 1, verdict::duplicate, {}}}});
  ASSERT_THAT(all.results, SizeIs(1));
  EXPECT_EQ(all.results[0].sequence, 1U);
  EXPECT_EQ(all.results[0].digest, batch.digest);
  EXPECT_THAT(all.results[0].result.outcomes, ElementsAre(outcome::stored, outcome::duplicate, outcome::conflict));
  EXPECT_EQ(host.report().in_flight, 0U);
  EXPECT_EQ(host.report().batches, 1U);
  EXPECT_EQ(host.report().points, 3U);
}

TEST_F(link_host_state_test, a_run_of_verdicts_may_go_over_the_border_of_two_batches) {
  (void)take(batch_of(1, ride_range({1, 2})));
  (void)take(batch_of(2, ride_range({3, 4, 5})));
  auto made = host.apply({{{1, 3, verdict::stored, {}}}});
  EXPECT_THAT(made.results, IsEmpty());
  made = host.apply({{{0, 1, verdict::stored, {}}}});
  ASSERT_THAT(made.results, SizeIs(1));
  EXPECT_EQ(made.results[0].sequence, 1U);
  made = host.apply({{{4, 1, verdict::conflict, {}}}});
  ASSERT_THAT(made.results, SizeIs(1));
  EXPECT_THAT(made.results[0].result.outcomes, ElementsAre(outcome::stored, outcome::stored, outcome::conflict));
}

TEST_F(link_host_state_test, two_batches_may_be_answered_by_one_run) {
  (void)take(batch_of(1, ride_range({1, 2})));
  (void)take(batch_of(2, ride_range({3})));
  auto made = host.apply({{{0, 3, verdict::stored, {}}}});
  ASSERT_THAT(made.results, SizeIs(2));
  EXPECT_EQ(made.results[1].sequence, 2U);
}

TEST_F(link_host_state_test, what_was_refused_is_told_with_the_sentence_and_by_index) {
  (void)take(batch_of(1, ride_range({1, 2, 3})));
  auto made = host.apply(
      {{{2, 1, verdict::invalid, "too large"}, {0, 1, verdict::invalid, "too small"}, {1, 1, verdict::stored, {}}}});
  ASSERT_THAT(made.results, SizeIs(1));
  const auto& result = made.results[0].result;
  EXPECT_THAT(result.outcomes, ElementsAre(outcome::invalid, outcome::stored, outcome::invalid));
  ASSERT_THAT(result.refusals, SizeIs(2));
  EXPECT_EQ(result.refusals[0].index, 0U);
  EXPECT_EQ(result.refusals[0].message, "too small");
  EXPECT_EQ(result.refusals[0].sqlstate, "");
  EXPECT_EQ(result.refusals[1].index, 2U);
}

TEST_F(link_host_state_test, what_the_pool_has_no_room_for_is_asked_for_again) {
  (void)take(batch_of(1, ride_range({1})));
  (void)take(batch_of(2, ride_range({2, 3, 4})));
  auto made = host.apply({{{0, 2, verdict::stored, {}}, {2, 2, verdict::overloaded, {}}}});
  EXPECT_THAT(made.results, SizeIs(1)) << "of the first batch";
  EXPECT_FALSE(made.fault);
  auto again = host.take_crowded();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].deadline, start + 4s) << "as before";
  ASSERT_THAT(again[0].runs, SizeIs(1));
  EXPECT_EQ(again[0].runs[0].first, 2U);
  EXPECT_THAT(test::ids_of(again[0].runs[0].rows), ElementsAre(3, 4));
  EXPECT_THAT(host.take_crowded(), IsEmpty());
  made = host.apply({{{2, 1, verdict::conflict, {}}, {3, 1, verdict::stored, {}}}});
  ASSERT_THAT(made.results, SizeIs(1));
  EXPECT_THAT(made.results[0].result.outcomes, ElementsAre(outcome::stored, outcome::conflict, outcome::stored));
}

TEST_F(link_host_state_test, a_point_that_is_given_up_is_told_among_the_settled_and_by_index) {
  (void)take(batch_of(1, ride_range({1, 2, 3})));
  auto made = host.apply({{{2, 1, verdict::unavailable, "it crashed", 0, true},
                           {0, 1, verdict::unavailable, "it did, too", 0, true},
                           {1, 1, verdict::stored, {}}}});
  EXPECT_FALSE(made.fault);
  ASSERT_THAT(made.results, SizeIs(1));
  EXPECT_THAT(made.results[0].given_up, ElementsAre(given_up_point{0, "it did, too"}, given_up_point{2, "it crashed"}));
  EXPECT_EQ(made.results[0].result.outcomes[1], outcome::stored);
}

TEST_F(link_host_state_test, to_an_edge_of_the_release_before_a_point_that_is_given_up_is_a_fault) {
  host.settings.version = 1;
  (void)take(batch_of(1, ride_range({1})));
  auto made = host.apply({{{0, 1, verdict::unavailable, "it crashed", 0, true}}});
  EXPECT_THAT(made.results, IsEmpty());
  EXPECT_THAT(made.fault, Optional(HasSubstr("it crashed")));
}

TEST_F(link_host_state_test, a_point_that_is_not_settled_is_a_fault_of_the_link) {
  for (auto what : {verdict::unavailable, verdict::timeout}) {
    link_host_state fresh;
    ASSERT_EQ(fresh.take(batch_of(1, ride_range({1, 2})), start).index(), 0U);
    auto made = fresh.apply({{{0, 1, verdict::stored, {}}, {1, 1, what, "because"}}});
    EXPECT_THAT(made.results, IsEmpty());
    EXPECT_THAT(made.fault, Optional(HasSubstr(to_string(what) + ", because")));
  }
}

TEST_F(link_host_state_test, the_results_before_a_fault_are_told) {
  (void)take(batch_of(1, ride_range({1})));
  (void)take(batch_of(2, ride_range({2})));
  auto made = host.apply({{{0, 1, verdict::stored, {}}, {1, 1, verdict::timeout, {}}}});
  EXPECT_THAT(made.results, SizeIs(1));
  EXPECT_TRUE(made.fault);
}

} // namespace
} // namespace goloca::actors
