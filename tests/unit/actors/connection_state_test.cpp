#include "actors/connection_state.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::ids_of;
using test::ride_range;
using test::rows_of;
using testing::ElementsAre;
using testing::IsEmpty;

std::int64_t no_id() {
  throw std::logic_error{"no new id was wanted"};
}

/// (first, count, verdict) of a reply's runs, in short.
struct said {
  std::uint64_t first;
  std::uint32_t count;
  verdict what;
  friend bool operator==(const said&, const said&) = default;
  friend std::ostream& operator<<(std::ostream& out, const said& x) {
    return out << x.first << "+" << x.count << " " << to_string(x.what);
  }
};

std::vector<said> in_short(const insert_reply& reply) {
  std::vector<said> all;
  for (const auto& run : reply.runs) all.push_back({run.first, run.count, run.what});
  return all;
}

class connection_state_test : public testing::Test {
protected:
  static constexpr time_point start{};
  connection_state state;
  account total;

  /// The account so far, as the reports have it.
  const account& count() { return total += state.take_report().change.points; }

  insert_reply release(time_point now = start) { return state.release(now); }

  std::optional<insert_request> burst_of(const store::row_range& rows, time_point deadline = start + 10s) {
    return state.take({state.next, rows, deadline});
  }

  std::optional<insert_request> reply(std::vector<verdict_run> runs) {
    return state.apply({std::move(runs), {}}, no_id);
  }
};

TEST_F(connection_state_test, sends_a_burst_on_as_it_came) {
  auto request = burst_of(ride_range({1, 2, 3}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->deadline, start + 10s);
  ASSERT_EQ(request->runs.size(), 1U);
  EXPECT_EQ(request->runs[0].first, 0U);
  EXPECT_THAT(ids_of(request->runs[0].rows), ElementsAre(1, 2, 3));
  EXPECT_THAT(in_short(release()), IsEmpty());
  EXPECT_EQ(count().in_flight, 3U);
}

TEST_F(connection_state_test, answers_invalid_rows_in_their_turn) {
  auto request = burst_of(rows_of{}.invalid().point(1).invalid().invalid().point(2));
  ASSERT_TRUE(request);
  ASSERT_EQ(request->runs.size(), 2U);
  EXPECT_EQ(request->runs[0].first, 1U);
  EXPECT_EQ(request->runs[1].first, 4U);
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::invalid}));
  EXPECT_FALSE(reply({{4, 1, verdict::stored, {}}}));
  EXPECT_THAT(in_short(release()), IsEmpty()) << "point 1 still waits";
  EXPECT_FALSE(reply({{1, 1, verdict::stored, {}}}));
  EXPECT_THAT(in_short(release()),
              ElementsAre(said{1, 1, verdict::stored}, said{2, 2, verdict::invalid}, said{4, 1, verdict::stored}));
  EXPECT_TRUE(state.idle());
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, asks_nothing_of_the_pool_when_all_rows_are_invalid) {
  EXPECT_FALSE(burst_of(rows_of{}.invalid().invalid()));
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 2, verdict::invalid}));
  EXPECT_EQ(count().invalid, 2U);
}

TEST_F(connection_state_test, takes_a_part_of_a_block) {
  auto rows = ride_range(1, 10);
  rows.first = 4;
  rows.count = 3;
  auto request = burst_of(rows);
  ASSERT_TRUE(request);
  EXPECT_THAT(ids_of(request->runs.at(0).rows), ElementsAre(5, 6, 7));
  EXPECT_EQ(state.next, 3U);
}

TEST_F(connection_state_test, an_empty_burst_changes_nothing) {
  EXPECT_FALSE(burst_of(store::row_range{ride_range({1}).block, 0, 0}));
  EXPECT_TRUE(state.idle());
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, releases_in_the_order_of_the_points_whatever_the_order_of_the_replies) {
  (void)burst_of(ride_range({1, 2}));
  (void)burst_of(ride_range({3, 4}));
  (void)reply({{2, 2, verdict::duplicate, {}}});
  EXPECT_THAT(in_short(release()), IsEmpty());
  (void)reply({{1, 1, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), IsEmpty());
  (void)reply({{0, 1, verdict::conflict, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::conflict}, said{1, 1, verdict::stored},
                                               said{2, 1, verdict::duplicate}, said{3, 1, verdict::duplicate}));
}

TEST_F(connection_state_test, releases_what_a_partial_reply_answers) {
  (void)burst_of(ride_range(1, 10));
  (void)reply({{0, 4, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 4, verdict::stored}));
  (void)reply({{7, 3, verdict::overloaded, {}}});
  EXPECT_THAT(in_short(release()), IsEmpty());
  (void)reply({{4, 3, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{4, 3, verdict::stored}, said{7, 3, verdict::overloaded}));
  EXPECT_TRUE(state.idle());
}

TEST_F(connection_state_test, one_verdict_may_cover_several_bursts) {
  (void)burst_of(ride_range({1, 2}));
  (void)burst_of(ride_range({3}));
  (void)burst_of(ride_range({4, 5}));
  (void)reply({{1, 3, verdict::stored, {}}, {0, 1, verdict::stored, {}}, {4, 1, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()),
              ElementsAre(said{0, 1, verdict::stored}, said{1, 1, verdict::stored}, said{2, 1, verdict::stored},
                          said{3, 1, verdict::stored}, said{4, 1, verdict::stored}));
  EXPECT_EQ(count().stored, 5U);
}

TEST_F(connection_state_test, carries_the_detail_of_a_verdict_on_its_points_alone) {
  (void)burst_of(ride_range(1, 3));
  (void)reply({{0, 1, verdict::stored, {}}, {1, 1, verdict::invalid, "too long"}, {2, 1, verdict::stored, {}}});
  auto ready = release();
  ASSERT_EQ(ready.runs.size(), 3U);
  EXPECT_EQ(ready.runs[0].detail, "");
  EXPECT_EQ(ready.runs[1].detail, "too long");
  EXPECT_EQ(ready.runs[2].detail, "");
}

TEST_F(connection_state_test, counts_a_result_after_the_answer_as_late) {
  (void)burst_of(ride_range(1, 2));
  (void)reply({{0, 2, verdict::stored, {}}});
  (void)reply({{0, 2, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 2, verdict::stored})) << "answered, not yet released";
  (void)reply({{0, 2, verdict::duplicate, {}}});
  EXPECT_THAT(in_short(release()), IsEmpty());
  EXPECT_EQ(count().late, 4U);
  EXPECT_EQ(count().stored, 2U);
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, a_result_after_the_answer_does_not_hide_one_that_is_in_time) {
  (void)burst_of(ride_range(1, 3), start + 1s);
  (void)burst_of(ride_range(4, 2), start + 2s);
  state.expire(start + 1s);
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 3, verdict::timeout}));
  (void)reply({{0, 5, verdict::stored, {}}}); // the pool joins neighbours that share a verdict
  EXPECT_THAT(in_short(release()), ElementsAre(said{3, 2, verdict::stored}));
  EXPECT_EQ(count().late, 3U);
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, a_verdict_on_points_that_never_came_changes_nothing) {
  (void)burst_of(ride_range(1, 1));
  (void)reply({{0, 5, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::stored}));
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, answers_timeout_at_the_deadline_and_not_before) {
  (void)burst_of(ride_range(1, 2), start + 1s);
  (void)burst_of(ride_range(3, 1), start + 2s);
  state.expire(start + 999ms);
  EXPECT_THAT(in_short(release()), IsEmpty());
  state.expire(start + 1s);
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 2, verdict::timeout}));
  EXPECT_EQ(state.next_deadline(), start + 2s);
  state.expire(start + 2s);
  EXPECT_THAT(in_short(release()), ElementsAre(said{2, 1, verdict::timeout}));
  EXPECT_EQ(state.next_deadline(), time_point::max());
}

TEST_F(connection_state_test, an_expiry_keeps_the_answers_that_are_there) {
  (void)burst_of(ride_range(1, 3), start + 1s);
  (void)reply({{1, 1, verdict::stored, {}}});
  state.expire(start + 1s);
  EXPECT_THAT(in_short(release()),
              ElementsAre(said{0, 1, verdict::timeout}, said{1, 1, verdict::stored}, said{2, 1, verdict::timeout}));
  EXPECT_EQ(count().late, 0U);
}

TEST_F(connection_state_test, measures_how_long_each_point_took_from_its_reading_to_its_release) {
  state.request_timeout = 2s;
  (void)burst_of(ride_range(1, 3), start + 2s);
  (void)burst_of(rows_of{}.invalid(), start + 3s); // read a second later
  (void)reply({{0, 3, verdict::stored, {}}});
  (void)release(start + 1'500ms);
  auto seen = state.take_report().change.request_seconds;
  EXPECT_EQ(seen.count(), 4U);
  EXPECT_DOUBLE_EQ(seen.sum, 3 * 1.5 + 0.5);
  EXPECT_EQ(state.take_report().change.request_seconds.count(), 0U);
}

TEST_F(connection_state_test, what_is_in_flight_is_counted_and_not_reckoned) {
  (void)burst_of(ride_range(1, 3));
  EXPECT_EQ(count(), (account{.received = 3, .in_flight = 3}));
  state.window.clear(); // a bug
  EXPECT_TRUE(state.has_news());
  EXPECT_EQ(count().unaccounted(), 3);
}

TEST_F(connection_state_test, what_a_dead_pool_held_is_answered_timeout) {
  (void)burst_of(ride_range(1, 3));
  (void)reply({{0, 1, verdict::stored, {}}});
  state.lose_pool();
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::stored}, said{1, 2, verdict::timeout}));
  EXPECT_TRUE(burst_of(ride_range({9}))) << "and it serves again";
  (void)reply({{3, 1, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{3, 1, verdict::stored}));
}

TEST_F(connection_state_test, answers_unavailable_while_draining_but_still_says_what_is_invalid) {
  (void)burst_of(ride_range({1}));
  state.draining = true;
  EXPECT_FALSE(burst_of(rows_of{}.point(2).invalid().point(3)));
  (void)reply({{0, 1, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::stored}, said{1, 1, verdict::unavailable},
                                               said{2, 1, verdict::invalid}, said{3, 1, verdict::unavailable}));
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, sends_a_point_again_under_a_new_id_when_the_one_it_was_assigned_is_taken) {
  for (auto taken : {verdict::conflict, verdict::duplicate}) {
    state = {};
    (void)burst_of(rows_of{}.point(1).assigned(2).point(3));
    auto again = state.apply({{{0, 1, verdict::stored, {}}, {1, 1, taken, {}}, {2, 1, verdict::stored, {}}}},
                             [] { return std::int64_t{77}; });
    ASSERT_TRUE(again);
    EXPECT_EQ(again->deadline, start + 10s);
    ASSERT_EQ(again->runs.size(), 1U);
    EXPECT_EQ(again->runs[0].first, 1U);
    EXPECT_THAT(ids_of(again->runs[0].rows), ElementsAre(77));
    EXPECT_TRUE(again->runs[0].rows[0].id_assigned());
    EXPECT_EQ(again->runs[0].rows[0].text(store::rides_schema()->find("user_id")), "user");
    EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::stored}));
    (void)reply({{1, 1, verdict::stored, {}}});
    auto ready = release();
    EXPECT_THAT(in_short(ready), ElementsAre(said{1, 1, verdict::stored}, said{2, 1, verdict::stored}));
    EXPECT_EQ(ready.runs[0].new_id, 77);
    EXPECT_EQ(ready.runs[1].new_id, 0);
  }
}

TEST_F(connection_state_test, an_assigned_id_may_be_taken_twice) {
  (void)burst_of(rows_of{}.assigned(2));
  ASSERT_TRUE(state.apply({{{0, 1, verdict::conflict, {}}}}, [] { return std::int64_t{77}; }));
  auto again = state.apply({{{0, 1, verdict::conflict, {}}}}, [] { return std::int64_t{78}; });
  ASSERT_TRUE(again);
  EXPECT_THAT(ids_of(again->runs.at(0).rows), ElementsAre(78));
  (void)reply({{0, 1, verdict::stored, {}}});
  EXPECT_EQ(release().runs.at(0).new_id, 78);
  EXPECT_TRUE(count().conserved());
}

TEST_F(connection_state_test, renames_only_the_assigned_ones_of_a_run_of_conflicts) {
  (void)burst_of(rows_of{}.point(1).assigned(2).assigned(3).point(4));
  std::int64_t next_id = 100;
  auto again = state.apply({{{0, 4, verdict::conflict, {}}}}, [&] { return next_id++; });
  ASSERT_TRUE(again);
  ASSERT_EQ(again->runs.size(), 2U);
  EXPECT_EQ(again->runs[0].first, 1U);
  EXPECT_EQ(again->runs[1].first, 2U);
  (void)reply({{1, 2, verdict::stored, {}}});
  EXPECT_THAT(in_short(release()), ElementsAre(said{0, 1, verdict::conflict}, said{1, 1, verdict::stored},
                                               said{2, 1, verdict::stored}, said{3, 1, verdict::conflict}));
}

TEST_F(connection_state_test, does_not_send_again_what_was_answered_at_its_deadline) {
  (void)burst_of(rows_of{}.assigned(2), start + 1s);
  (void)burst_of(rows_of{}.assigned(3), start + 2s);
  state.expire(start + 1s);
  (void)release();
  auto again = state.apply({{{0, 2, verdict::conflict, {}}}}, [] { return std::int64_t{77}; });
  ASSERT_TRUE(again);
  ASSERT_EQ(again->runs.size(), 1U);
  EXPECT_EQ(again->runs[0].first, 1U);
  EXPECT_EQ(count().late, 1U);
}

} // namespace
} // namespace goloca::actors
