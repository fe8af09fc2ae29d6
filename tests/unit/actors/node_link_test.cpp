#include "actors/node_link.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::result_for;
using test::ride_range;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct watched {
  std::vector<writer_ready> ready{};
  std::vector<db_writer> leaving{};
  std::vector<link_named> named{};
  std::vector<link_report> reports{};
};

link_watcher::behavior_type run_watcher(link_watcher::pointer, std::shared_ptr<watched> log) {
  return {[=](writer_ready& ready) { log->ready.push_back(std::move(ready)); },
          [=](const writer_leaving& gone) { log->leaving.push_back(gone.writer); },
          [=](const link_named& named) { log->named.push_back(named); },
          [=](const link_report& report) { log->reports.push_back(report); }};
}

class node_link_test : public test::virtual_time {
protected:
  std::shared_ptr<watched> log = std::make_shared<watched>();
  link_watcher watcher = spawn(run_watcher, log);
  std::vector<std::shared_ptr<test::fake_line>> lines{};
  node_link link{};
  std::shared_ptr<std::optional<caf::error>> end{};

  void dial() {
    link = spawn(run_node_link, node_link_settings{"10.0.0.2:7420", test::fake_dialer(lines)}, watcher);
    end = watch(link);
  }

  /// A link that is up.
  void SetUp() override {
    dial();
    hear(link_welcome{1, "w2", 77, 2, 500, 1u << 20, {true, "memory"}});
  }

  void TearDown() override {
    for (auto& line : lines) line->hear = nullptr;
    log->ready.clear(), log->leaving.clear();
    virtual_time::TearDown();
  }

  void hear(link_event what) {
    lines.at(0)->hear(std::move(what));
    settle();
  }

  auto store(std::uint64_t sequence, store::row_range rows) {
    return ask<batch_result>(link, insert_batch{{7, sequence}, {std::move(rows)}});
  }

  auto& batches() { return lines.at(0)->batches; }

  void expect_end(const std::string& why, const std::shared_ptr<test::reply_slip<batch_result>>& held) {
    ASSERT_TRUE(*end);
    EXPECT_EQ(**end, caf::make_error(failure::store_unavailable));
    EXPECT_THAT(reason_of(**end), HasSubstr(why));
    EXPECT_THAT(reason_of(**end), HasSubstr("link to 10.0.0.2:7420 (w2): "));
    EXPECT_FALSE(held->answer) << "nothing is acknowledged";
    EXPECT_TRUE(held->error);
    EXPECT_EQ(lines.at(0)->closes, 1);
  }
};

TEST_F(node_link_test, is_a_writer_once_it_is_welcome) {
  lines.clear();
  log->ready.clear();
  dial();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]->address, "10.0.0.2:7420");
  EXPECT_THAT(log->ready, IsEmpty());
  hear(link_welcome{1, "w3", 78, 3, 400, 1'000, {false, "fsync=off"}});
  ASSERT_THAT(log->ready, SizeIs(1));
  EXPECT_EQ(log->ready[0].writer, link);
  EXPECT_FALSE(log->ready[0].promise.full);
  EXPECT_EQ(log->ready[0].capacity.batches, 3U);
  EXPECT_EQ(log->ready[0].capacity.points, 400U);
  EXPECT_EQ(log->ready[0].capacity.bytes, 1'000U);
  EXPECT_EQ(log->named.back().node, "w3");
  EXPECT_EQ(log->named.back().boot, 78U);
}

TEST_F(node_link_test, answers_a_batch_by_its_result) {
  auto stored = store(5, ride_range({1, 2}));
  ASSERT_THAT(batches(), SizeIs(1));
  EXPECT_FALSE(stored->answer);
  hear(result_for(batches()[0]));
  ASSERT_TRUE(stored->answer);
  EXPECT_EQ(stored->answer->id, (batch_id{7, 5}));
  EXPECT_THAT(stored->answer->result.outcomes, SizeIs(2));
  EXPECT_FALSE(*end);
}

// A pool that took the place of a dead one does not know that its batches are still under way.
TEST_F(node_link_test, keeps_to_its_credit_whatever_it_is_given) {
  std::vector<std::shared_ptr<test::reply_slip<batch_result>>> slips;
  for (std::uint64_t i = 1; i <= 5; ++i) slips.push_back(store(i, ride_range({static_cast<std::int64_t>(i)})));
  EXPECT_THAT(batches(), SizeIs(2));
  hear(result_for(batches()[1]));
  EXPECT_THAT(batches(), SizeIs(3));
  EXPECT_TRUE(slips[1]->answer);
  for (std::size_t i : {0U, 2U, 3U, 4U}) hear(result_for(batches().at(i)));
  for (const auto& each : slips) EXPECT_TRUE(each->answer);
}

TEST_F(node_link_test, looks_at_the_clock_only_while_it_waits) {
  pass(1s);
  EXPECT_FALSE(scheduler.has_pending_timeout());
  (void)store(1, ride_range({1}));
  EXPECT_TRUE(scheduler.has_pending_timeout());
  hear(result_for(batches()[0]));
  pass(1s);
  EXPECT_FALSE(scheduler.has_pending_timeout());
}

// -- the ends of a link -----------------------------------------------------------------------------

TEST_F(node_link_test, ends_when_its_transport_closed) {
  auto held = store(1, ride_range({1}));
  hear(link_closed{"nothing was heard for 3 s"});
  expect_end("nothing was heard for 3 s", held);
}

TEST_F(node_link_test, ends_when_a_batch_has_no_result_for_too_long) {
  auto held = store(1, ride_range({1}));
  pass(3'999ms);
  EXPECT_FALSE(*end);
  pass(101ms);
  expect_end("no answer to a batch for 4000 ms", held);
}

TEST_F(node_link_test, ends_by_a_result_for_other_points) {
  auto held = store(1, ride_range({1}));
  auto foreign = result_for(batches()[0]);
  foreign.digest += 1;
  hear(foreign);
  expect_end("for other points", held);
}

TEST_F(node_link_test, ends_by_a_result_for_a_batch_that_it_does_not_have) {
  auto held = store(1, ride_range({1}));
  auto foreign = result_for(batches()[0]);
  foreign.sequence = 2;
  hear(foreign);
  expect_end("does not have", held);
}

TEST_F(node_link_test, ends_by_a_result_with_too_few_outcomes) {
  auto held = store(1, ride_range({1, 2}));
  auto shortened = result_for(batches()[0]);
  shortened.result.outcomes.pop_back();
  hear(shortened);
  expect_end("1 points of a batch of 2", held);
}

TEST_F(node_link_test, a_result_after_the_end_acknowledges_nothing) {
  auto held = store(1, ride_range({1}));
  hear(link_closed{"cut"});
  hear(result_for(batches()[0]));
  expect_end("cut", held);
}

TEST_F(node_link_test, all_that_it_has_is_answered_at_its_end) {
  std::vector<std::shared_ptr<test::reply_slip<batch_result>>> slips;
  for (std::uint64_t i = 1; i <= 3; ++i) slips.push_back(store(i, ride_range({static_cast<std::int64_t>(i)})));
  auto found = ask<find_result>(link, find_request{9});
  hear(link_closed{"cut"});
  for (const auto& each : slips) EXPECT_TRUE(each->error);
  EXPECT_TRUE(found->error);
}

TEST_F(node_link_test, ends_with_its_watcher_and_closes_its_transport) {
  auto found = ask<find_result>(link, find_request{9});
  kill(watcher);
  EXPECT_TRUE(found->error);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::user_shutdown);
  EXPECT_EQ(lines.at(0)->closes, 1);
}

TEST_F(node_link_test, closes_its_transport_when_it_is_killed) {
  kill(link);
  EXPECT_EQ(lines.at(0)->closes, 1);
}

TEST_F(node_link_test, a_throw_is_a_crash_of_the_link_and_of_nothing_else) {
  link_dialer broken = [](const std::string&, link_ear) -> link_port { throw std::logic_error{"a bug"}; };
  auto crashed = watch(spawn(run_node_link, node_link_settings{"10.0.0.3:7420", broken}, watcher));
  ASSERT_TRUE(*crashed);
  EXPECT_EQ(**crashed, caf::make_error(failure::crashed));
}

// -- leaving --------------------------------------------------------------------------------------

TEST_F(node_link_test, a_writer_that_drains_gets_no_more_and_answers_what_it_has) {
  auto held = store(1, ride_range({1}));
  hear(link_draining{});
  ASSERT_THAT(log->leaving, SizeIs(1));
  EXPECT_EQ(log->leaving[0], link);
  pass(1s);
  EXPECT_FALSE(*end);
  hear(result_for(batches()[0]));
  EXPECT_TRUE(held->answer);
  pass(200ms);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::user_shutdown);
  EXPECT_EQ(lines.at(0)->closes, 1);
}

TEST_F(node_link_test, a_batch_that_was_on_its_way_to_a_link_that_leaves_is_still_served) {
  tell(link, drain{});
  EXPECT_THAT(log->leaving, SizeIs(1));
  auto held = store(1, ride_range({1}));
  ASSERT_THAT(batches(), SizeIs(1));
  pass(300ms);
  EXPECT_FALSE(*end);
  hear(result_for(batches()[0]));
  EXPECT_TRUE(held->answer);
  tell(link, drain{});
  hear(link_draining{});
  EXPECT_THAT(log->leaving, SizeIs(1)) << "once";
  pass(200ms);
  EXPECT_TRUE(*end);
}

TEST_F(node_link_test, a_drained_writer_that_closes_first_is_no_failure) {
  hear(link_draining{});
  hear(link_closed{"the peer closed"});
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::user_shutdown);
}

TEST_F(node_link_test, a_drained_writer_that_closes_with_a_batch_is_one) {
  auto held = store(1, ride_range({1}));
  hear(link_draining{});
  hear(link_closed{"the peer closed"});
  expect_end("the peer closed", held);
}

TEST_F(node_link_test, a_drain_while_it_dials_ends_it) {
  lines.clear();
  log->leaving.clear();
  dial();
  tell(link, drain{});
  pass(200ms);
  EXPECT_TRUE(*end);
  EXPECT_THAT(log->leaving, IsEmpty()) << "nobody knew of it";
}

// -- questions ------------------------------------------------------------------------------------

TEST_F(node_link_test, finds_by_asking_the_writer) {
  auto found = ask<find_result>(link, find_request{6});
  auto& asked = lines.at(0)->finds;
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].id, 6);
  auto row = ride_range({6}).block;
  hear(link_found{asked[0].number, link_found::state::found, row, {}});
  ASSERT_TRUE(found->answer);
  EXPECT_EQ(found->answer->what, find_result::state::found);
  EXPECT_EQ(found->answer->row, row);
}

TEST_F(node_link_test, tells_what_the_writer_says_of_a_point) {
  using said = link_found::state;
  using told = find_result::state;
  for (auto [what, expected] : {std::pair{said::missing, told::missing},
                                {said::in_flight, told::in_flight},
                                {said::unavailable, told::unavailable},
                                {said::timeout, told::timeout}}) {
    auto found = ask<find_result>(link, find_request{6});
    hear(link_found{lines.at(0)->finds.back().number, what, nullptr, "why"});
    ASSERT_TRUE(found->answer);
    EXPECT_EQ(found->answer->what, expected);
    EXPECT_EQ(found->answer->detail, "why");
  }
}

TEST_F(node_link_test, a_question_without_answer_times_out_and_the_link_stays) {
  auto found = ask<find_result>(link, find_request{6});
  pass(4'200ms);
  ASSERT_TRUE(found->answer);
  EXPECT_EQ(found->answer->what, find_result::state::timeout);
  EXPECT_FALSE(*end);
  hear(link_found{lines.at(0)->finds[0].number, link_found::state::missing, nullptr, {}});
  EXPECT_FALSE(*end);
}

TEST_F(node_link_test, ends_when_it_is_told_of_a_point_that_it_did_not_ask_for) {
  auto held = store(1, ride_range({1}));
  auto found = ask<find_result>(link, find_request{6});
  hear(link_found{lines.at(0)->finds[0].number, link_found::state::found, ride_range({7}).block, {}});
  EXPECT_FALSE(found->answer);
  expect_end("another point", held);
}

TEST_F(node_link_test, reports_each_round_trip) {
  (void)store(1, ride_range({1}));
  hear(link_measured{700us});
  ASSERT_THAT(log->reports, SizeIs(1));
  EXPECT_EQ(log->reports[0].round_trip, 700us);
  EXPECT_EQ(log->reports[0].in_flight, 1U);
  EXPECT_EQ(log->reports[0].credit, 2U);
}

} // namespace
} // namespace goloca::actors
