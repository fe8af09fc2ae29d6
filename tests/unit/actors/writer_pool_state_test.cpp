#include "actors/writer_pool_state.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::outcome;
using test::ride_range;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

db_writer::behavior_type idle_writer(db_writer::pointer, caf::unit_t) {
  return {[](insert_batch&) -> caf::result<batch_result> { return batch_result{}; },
          [](const find_request&) -> caf::result<find_result> { return find_result{}; }, [](const connect_store&) {},
          [](const probe_store&) {}};
}

reply_receiver::behavior_type deaf_client(reply_receiver::pointer, caf::unit_t) {
  return {[](const insert_reply&) {}};
}

const caf::error unavailable = caf::make_error(failure::store_unavailable, std::string{"no connection"});
const caf::error unknown = caf::make_error(failure::store_unknown, std::string{"what is this?"});

/// The fixture gives handles; nothing in it runs.
class writer_pool_state_test : public test::virtual_time {
protected:
  static constexpr time_point start{};
  writer_pool_state pool = [] {
    writer_pool_state made;
    made.settings = {.max_queued = 5'000, .max_batch = 1'000, .parallel_from = 256};
    made.incarnation = 7;
    return made;
  }();
  caf::strong_actor_ptr anna = client();
  caf::strong_actor_ptr bert = client();

  caf::strong_actor_ptr client() { return caf::actor_cast<caf::strong_actor_ptr>(spawn(deaf_client, caf::unit)); }

  db_writer add_writer() {
    auto writer = spawn(idle_writer, caf::unit);
    pool.add_writer({writer, {true, "memory"}});
    return writer;
  }

  insert_reply admit(const caf::strong_actor_ptr& from, std::uint64_t first, store::row_range rows,
                     time_point deadline = start + 10s) {
    return pool.admit(from, {{{first, std::move(rows)}}, deadline});
  }

  /// The next batch's ids; empty when there is none. Kept in `last`.
  std::vector<std::int64_t> next(time_point now = start) {
    auto made = pool.next_batch(now);
    if (!made) return {};
    last = std::move(made);
    std::vector<std::int64_t> ids;
    for (const auto& range : last->second.rows) {
      auto more = test::ids_of(range);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    return ids;
  }

  client_replies finish(const insert_batch& batch, std::vector<outcome> outcomes) {
    return pool.finish({batch.id, {std::move(outcomes), {}}}, start);
  }

  client_replies finish_all(outcome what = outcome::stored) {
    std::size_t points = 0;
    for (const auto& range : last->second.rows) points += range.count;
    return finish(last->second, std::vector<outcome>(points, what));
  }

  /// A batch of 300 that begins then.
  void commit_300(time_point from, std::chrono::nanoseconds took) {
    (void)admit(anna, 0, ride_range(1, 300));
    ASSERT_THAT(next(from), SizeIs(300));
    (void)pool.finish({last->second.id, {std::vector<outcome>(300, outcome::stored), {}}}, from + took);
  }

  /// The writer of the last batch ends, and another comes.
  client_replies lose(const caf::error& why) {
    auto replies = pool.lose_writer(last->first.address(), why);
    add_writer();
    return replies;
  }

  std::optional<std::pair<db_writer, insert_batch>> last{};
};

std::vector<std::int64_t> counting(std::int64_t from, std::size_t count) {
  std::vector<std::int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), from);
  return ids;
}

TEST_F(writer_pool_state_test, gives_nothing_without_a_writer_or_without_points) {
  EXPECT_FALSE(admit(anna, 0, ride_range({1})).runs.size());
  EXPECT_THAT(next(), IsEmpty());
  add_writer();
  EXPECT_THAT(next(), ElementsAre(1));
  EXPECT_THAT(next(), IsEmpty());
}

TEST_F(writer_pool_state_test, takes_what_there_is_room_for_and_refuses_the_rest_as_overloaded) {
  pool.settings.max_queued = 5;
  EXPECT_THAT(admit(anna, 0, ride_range(1, 3)).runs, IsEmpty());
  auto refused = admit(bert, 10, ride_range(11, 4));
  ASSERT_EQ(refused.runs.size(), 1U);
  EXPECT_EQ(refused.runs[0].first, 12U);
  EXPECT_EQ(refused.runs[0].count, 2U);
  EXPECT_EQ(refused.runs[0].what, verdict::overloaded);
  EXPECT_EQ(pool.queued_points, 5U);
  auto full = admit(anna, 3, ride_range(4, 2));
  ASSERT_EQ(full.runs.size(), 1U);
  EXPECT_EQ(full.runs[0].count, 2U);
  add_writer();
  EXPECT_THAT(next(), ElementsAre(1, 2, 3, 11, 12));
  EXPECT_THAT(admit(anna, 5, ride_range(6, 5)).runs, IsEmpty()) << "what is being written does not wait";
}

TEST_F(writer_pool_state_test, a_full_pool_refuses_every_run_of_a_request) {
  pool.settings.max_queued = 2;
  auto refused = pool.admit(anna, {{{0, ride_range({1, 2, 3})}, {5, ride_range({6, 7})}}, start + 10s});
  ASSERT_EQ(refused.runs.size(), 2U);
  EXPECT_EQ(refused.runs[0].first, 2U);
  EXPECT_EQ(refused.runs[1].first, 5U);
  EXPECT_EQ(refused.runs[1].count, 2U);
}

TEST_F(writer_pool_state_test, makes_batches_up_to_the_most_in_the_order_of_arrival) {
  pool.settings.max_batch = 4;
  pool.settings.parallel_from = 0;
  for (auto i = 0; i < 3; ++i) add_writer();
  (void)admit(anna, 0, ride_range(1, 3));
  (void)admit(bert, 0, ride_range(4, 6));
  EXPECT_THAT(next(), ElementsAre(1, 2, 3, 4)) << "a run is split where the batch is full";
  EXPECT_THAT(next(), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(next(), ElementsAre(9));
  EXPECT_EQ(pool.queued_points, 0U);
}

TEST_F(writer_pool_state_test, gives_a_further_writer_work_when_enough_waits_or_the_first_may_hang) {
  add_writer(), add_writer();
  (void)admit(anna, 0, ride_range({1}));
  (void)next();
  (void)admit(anna, 1, ride_range(2, 255));
  EXPECT_THAT(next(), IsEmpty());
  EXPECT_THAT(next(start + 19ms), IsEmpty());
  EXPECT_THAT(next(start + 20ms), SizeIs(255));
}

TEST_F(writer_pool_state_test, gives_a_further_writer_a_whole_batch_where_commits_are_work_rather_than_waiting) {
  add_writer(), add_writer();
  commit_300(start, 4ms); // 13 us a point
  auto later = start + 1s;
  (void)admit(bert, 0, ride_range(10'001, 1));
  ASSERT_THAT(next(later), SizeIs(1));
  (void)admit(bert, 1, ride_range(10'002, 999));
  EXPECT_THAT(next(later), IsEmpty());
  (void)admit(bert, 1'000, ride_range(11'001, 1));
  EXPECT_THAT(next(later), SizeIs(1'000));
}

TEST_F(writer_pool_state_test, gives_a_further_writer_part_of_a_batch_again_once_commits_wait) {
  add_writer(), add_writer();
  commit_300(start, 1ms);
  commit_300(start + 1s, 6ms); // 20 us a point
  auto later = start + 2s;
  (void)admit(bert, 0, ride_range(10'001, 1));
  ASSERT_THAT(next(later), SizeIs(1));
  (void)admit(bert, 1, ride_range(10'002, 256));
  EXPECT_THAT(next(later), SizeIs(256));
}

TEST_F(writer_pool_state_test, names_each_batch_by_incarnation_and_a_sequence_of_its_own) {
  pool.settings.parallel_from = 0;
  add_writer(), add_writer();
  (void)admit(anna, 0, ride_range({1}));
  (void)next();
  auto first = last->second.id;
  (void)admit(anna, 1, ride_range({2}));
  (void)next();
  EXPECT_EQ(first.incarnation, 7U);
  EXPECT_EQ(last->second.id.incarnation, 7U);
  EXPECT_LT(first.sequence, last->second.id.sequence);
}

TEST_F(writer_pool_state_test, groups_the_replies_to_one_a_client) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 2));
  (void)admit(bert, 5, ride_range(11, 2));
  (void)admit(anna, 2, ride_range(3, 2));
  (void)next();
  auto replies = finish(last->second, {outcome::stored, outcome::stored, outcome::duplicate, outcome::conflict,
                                       outcome::stored, outcome::stored});
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].first, anna);
  ASSERT_EQ(replies[0].second.runs.size(), 1U) << "neighbours with the same verdict are one run";
  EXPECT_EQ(replies[0].second.runs[0].count, 4U);
  EXPECT_EQ(replies[1].first, bert);
  ASSERT_EQ(replies[1].second.runs.size(), 2U);
  EXPECT_EQ(replies[1].second.runs[0].first, 5U);
  EXPECT_EQ(replies[1].second.runs[0].what, verdict::duplicate);
  EXPECT_EQ(replies[1].second.runs[1].what, verdict::conflict);
  EXPECT_THAT(pool.in_flight, IsEmpty());
}

TEST_F(writer_pool_state_test, a_refusal_s_words_land_on_its_point) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 3));
  (void)admit(bert, 0, ride_range(4, 2));
  (void)next();
  auto replies = pool.finish({last->second.id,
                              {{outcome::stored, outcome::invalid, outcome::invalid, outcome::stored, outcome::invalid},
                               {{1, "22001", "too long"}, {2, "23514", "check"}, {4, "22003", "out of range"}}}},
                             start);
  ASSERT_EQ(replies.size(), 2U);
  const auto& to_anna = replies[0].second.runs;
  ASSERT_EQ(to_anna.size(), 3U);
  EXPECT_EQ(to_anna[0].detail, "");
  EXPECT_THAT(to_anna[1].detail, HasSubstr("too long"));
  EXPECT_THAT(to_anna[1].detail, HasSubstr("22001"));
  EXPECT_THAT(to_anna[2].detail, HasSubstr("check"));
  const auto& to_bert = replies[1].second.runs;
  ASSERT_EQ(to_bert.size(), 2U);
  EXPECT_EQ(to_bert[0].detail, "");
  EXPECT_EQ(to_bert[1].first, 1U);
  EXPECT_THAT(to_bert[1].detail, HasSubstr("out of range"));
}

TEST_F(writer_pool_state_test, drops_a_result_of_another_incarnation_or_of_a_batch_taken_back) {
  add_writer();
  (void)admit(anna, 0, ride_range({1}));
  (void)next();
  auto foreign = last->second;
  foreign.id.incarnation = 6;
  EXPECT_THAT(finish(foreign, {outcome::stored}), IsEmpty());
  EXPECT_EQ(pool.in_flight.size(), 1U);
  auto taken_back = last->second;
  (void)lose(unavailable);
  EXPECT_THAT(finish(taken_back, {outcome::stored}), IsEmpty());
  EXPECT_THAT(next(), ElementsAre(1)) << "and it serves again";
  EXPECT_EQ(finish_all().size(), 1U);
  EXPECT_THAT(finish(last->second, {outcome::stored}), IsEmpty()) << "a result that comes twice";
}

TEST_F(writer_pool_state_test, gives_a_dead_writer_s_batch_back_to_the_front_in_its_order) {
  pool.settings.max_batch = 4;
  add_writer();
  (void)admit(anna, 0, ride_range(1, 3));
  (void)admit(bert, 0, ride_range(4, 3));
  EXPECT_THAT(next(), ElementsAre(1, 2, 3, 4));
  (void)admit(anna, 3, ride_range(7, 1));
  EXPECT_THAT(lose(unavailable), IsEmpty()) << "nobody is told: it is only later";
  EXPECT_EQ(pool.queued_points, 7U);
  EXPECT_THAT(next(), ElementsAre(1, 2, 3, 4));
  (void)finish_all();
  EXPECT_THAT(next(), ElementsAre(5, 6, 7));
}

TEST_F(writer_pool_state_test, a_point_that_we_dispatched_twice_and_find_stored_is_stored) {
  add_writer();
  (void)admit(anna, 0, ride_range({1}));
  (void)next();
  (void)lose(unavailable);
  (void)admit(bert, 0, ride_range({2}));
  EXPECT_THAT(next(), ElementsAre(1, 2));
  auto replies = finish_all(outcome::duplicate);
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].second.runs.at(0).what, verdict::stored);
  EXPECT_EQ(replies[1].second.runs.at(0).what, verdict::duplicate) << "that one was the client's repeat";
}

TEST_F(writer_pool_state_test, answers_what_waited_too_long_by_whether_it_was_ever_dispatched) {
  add_writer();
  (void)admit(anna, 0, ride_range({1}), start + 1s);
  (void)next();
  (void)pool.lose_writer(last->first.address(), unavailable);
  pool.missing_reason = "no connection to the database";
  (void)admit(bert, 0, ride_range(11, 2), start + 1s);
  (void)admit(bert, 2, ride_range(13, 2), start + 2s);
  EXPECT_THAT(pool.expire(start + 1s - pool.settings.expiry_margin - 1ms), IsEmpty());
  auto replies = pool.expire(start + 1s - pool.settings.expiry_margin);
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].second.runs.at(0).what, verdict::timeout);
  ASSERT_EQ(replies[1].second.runs.size(), 1U);
  EXPECT_EQ(replies[1].second.runs[0].what, verdict::unavailable);
  EXPECT_EQ(replies[1].second.runs[0].count, 2U);
  EXPECT_EQ(replies[1].second.runs[0].detail, "no connection to the database");
  EXPECT_EQ(pool.queued_points, 2U);
  EXPECT_TRUE(pool.needs_tick());
}

TEST_F(writer_pool_state_test, a_second_writer_gets_work_when_enough_is_waiting) {
  add_writer(), add_writer();
  (void)admit(anna, 0, ride_range({1}));
  EXPECT_THAT(next(), ElementsAre(1));
  (void)admit(anna, 1, ride_range(2, 255));
  EXPECT_THAT(next(), IsEmpty());
  (void)admit(anna, 256, ride_range({257}));
  EXPECT_EQ(next(), counting(2, 256));
}

TEST_F(writer_pool_state_test, a_second_writer_gets_work_when_the_first_takes_too_long) {
  add_writer(), add_writer();
  (void)admit(anna, 0, ride_range({1}));
  EXPECT_THAT(next(), ElementsAre(1));
  (void)admit(anna, 1, ride_range({2}));
  EXPECT_THAT(next(start + 19ms), IsEmpty());
  EXPECT_THAT(next(start + 20ms), ElementsAre(2));
}

TEST_F(writer_pool_state_test, a_dead_writer_gets_no_work_and_its_place_is_used_again) {
  auto dead = add_writer();
  EXPECT_THAT(pool.lose_writer(dead.address(), unavailable), IsEmpty());
  (void)admit(anna, 0, ride_range({1}));
  EXPECT_THAT(next(), IsEmpty());
  EXPECT_EQ(pool.ready_now(0).writers, 0U);
  auto fresh = add_writer();
  EXPECT_THAT(next(), ElementsAre(1));
  EXPECT_EQ(last->first, fresh);
  EXPECT_EQ(pool.writers.size(), 1U);
  EXPECT_THAT(pool.lose_writer(dead.address(), unavailable), IsEmpty()) << "a stranger by now";
  EXPECT_EQ(pool.in_flight.size(), 1U);
}

// -- suspected batches ------------------------------------------------------------------------------

TEST_F(writer_pool_state_test, what_a_link_gives_up_is_unavailable_and_the_rest_is_what_it_is) {
  admit(anna, 0, ride_range(1, 2));
  admit(bert, 5, ride_range(3, 2));
  add_writer();
  ASSERT_THAT(next(), ElementsAre(1, 2, 3, 4));
  auto stored = std::vector(4, outcome::stored);
  auto replies = pool.finish({last->second.id, {stored, {}}, {{1, "it crashed"}, {3, "it crashed"}}}, start);
  ASSERT_EQ(replies.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& runs = replies[i].second.runs;
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].what, verdict::stored);
    EXPECT_EQ(runs[1].what, verdict::unavailable);
    EXPECT_EQ(runs[1].first, i == 0 ? 1U : 6U);
    EXPECT_EQ(runs[1].detail, "it crashed");
    EXPECT_TRUE(runs[1].given_up) << "and whoever is behind it hears so";
  }
}

TEST_F(writer_pool_state_test, a_suspected_batch_comes_apart_until_the_point_stands_alone) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 1'000));
  constexpr std::int64_t poison = 437;
  std::vector<std::size_t> sizes;
  client_replies ended;
  std::size_t stored = 0;
  auto poison_is_in = [&](const std::vector<std::int64_t>& ids) { return std::ranges::count(ids, poison) > 0; };
  for (auto ids = next(); !ids.empty(); ids = next()) {
    if (!poison_is_in(ids)) {
      stored += ids.size();
      (void)finish_all();
      continue;
    }
    sizes.push_back(ids.size());
    auto replies = lose(unknown);
    if (!replies.empty()) ended = std::move(replies);
  }
  EXPECT_THAT(sizes, ElementsAre(1'000, 1'000, 100, 10, 1, 1));
  EXPECT_EQ(stored, 999U);
  ASSERT_EQ(ended.size(), 1U);
  ASSERT_EQ(ended[0].second.runs.size(), 1U);
  EXPECT_EQ(ended[0].second.runs[0].first, 436U);
  EXPECT_EQ(ended[0].second.runs[0].count, 1U);
  EXPECT_EQ(ended[0].second.runs[0].what, verdict::unavailable);
  EXPECT_THAT(ended[0].second.runs[0].detail, HasSubstr("what is this?"));
  EXPECT_EQ(pool.queued_points, 0U);
}

TEST_F(writer_pool_state_test, does_not_mix_the_innocent_with_the_suspected) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 20));
  (void)next(), (void)lose(unknown);
  (void)next(), (void)lose(unknown);
  (void)admit(bert, 0, ride_range(101, 50));
  std::vector<std::vector<std::int64_t>> batches;
  for (auto ids = next(); !ids.empty(); ids = next()) batches.push_back(ids), (void)finish_all();
  ASSERT_EQ(batches.size(), 11U);
  for (std::int64_t i = 0; i < 10; ++i) EXPECT_THAT(batches[i], ElementsAre(1 + 2 * i, 2 + 2 * i));
  EXPECT_EQ(batches[10], counting(101, 50));
}

TEST_F(writer_pool_state_test, a_point_that_alone_fails_twice_is_answered_and_the_others_are_stored) {
  pool.settings.max_batch = 1;
  add_writer();
  (void)admit(anna, 0, ride_range({1, 2}));
  EXPECT_THAT(next(), ElementsAre(1));
  EXPECT_THAT(lose(caf::exit_reason::kill), IsEmpty());
  EXPECT_THAT(next(), ElementsAre(1));
  auto replies = lose(caf::make_error(failure::crashed, std::string{"bug"}));
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].second.runs.at(0).what, verdict::unavailable);
  EXPECT_THAT(next(), ElementsAre(2));
  EXPECT_EQ(finish_all().size(), 1U);
}

TEST_F(writer_pool_state_test, two_bad_points_in_one_batch_are_both_found) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 100));
  std::vector<std::uint64_t> ended;
  std::size_t deaths = 0;
  for (auto ids = next(); !ids.empty() && deaths < 50; ids = next()) {
    if (std::ranges::count(ids, 3) + std::ranges::count(ids, 98) == 0) {
      (void)finish_all();
      continue;
    }
    ++deaths;
    for (const auto& [client, reply] : lose(unknown)) ended.push_back(reply.runs.at(0).first);
  }
  EXPECT_THAT(ended, ElementsAre(2, 97));
  EXPECT_EQ(deaths, 8U);
}

TEST_F(writer_pool_state_test, never_suspects_a_batch_when_the_store_was_merely_away) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 100));
  for (auto i = 0; i < 20; ++i) {
    ASSERT_EQ(next(), counting(1, 100));
    ASSERT_THAT(lose(unavailable), IsEmpty());
  }
}

TEST_F(writer_pool_state_test, never_suspects_a_batch_when_the_store_no_longer_fits) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 100));
  for (auto i = 0; i < 20; ++i) {
    ASSERT_EQ(next(), counting(1, 100)) << "after the first start it is as unavailable";
    ASSERT_THAT(lose(caf::make_error(failure::store_unfit, std::string{"table dropped"})), IsEmpty());
  }
}

TEST_F(writer_pool_state_test, never_suspects_a_batch_when_the_writer_ended_with_its_supervisor) {
  add_writer();
  (void)admit(anna, 0, ride_range(1, 100));
  for (const auto& why : {caf::make_error(failure::too_many_crashes, std::string{"11 crashes"}),
                          caf::make_error(caf::exit_reason::user_shutdown)}) {
    for (auto i = 0; i < 3; ++i) {
      ASSERT_EQ(next(), counting(1, 100));
      ASSERT_THAT(lose(why), IsEmpty());
    }
  }
}

// -- questions --------------------------------------------------------------------------------------

TEST_F(writer_pool_state_test, knows_what_is_in_flight_here) {
  add_writer();
  (void)admit(anna, 0, ride_range({1, 2}));
  EXPECT_TRUE(pool.in_flight_here(2)) << "waiting";
  (void)next();
  EXPECT_TRUE(pool.in_flight_here(2)) << "being written";
  EXPECT_FALSE(pool.in_flight_here(3));
  (void)finish_all();
  EXPECT_FALSE(pool.in_flight_here(2));
}

TEST_F(writer_pool_state_test, asks_an_idle_writer_before_a_busy_one) {
  EXPECT_FALSE(pool.writer_to_ask(start));
  auto busy = add_writer();
  (void)admit(anna, 0, ride_range({1}));
  (void)next();
  EXPECT_EQ(pool.writer_to_ask(start), busy);
  auto idle = add_writer();
  EXPECT_EQ(pool.writer_to_ask(start), idle);
}

TEST_F(writer_pool_state_test, says_how_ready_it_is) {
  EXPECT_FALSE(pool.ready_now(3).ready());
  EXPECT_FALSE(pool.ready_now(3).reason.empty());
  pool.add_writer({spawn(idle_writer, caf::unit), {false, "fsync=off"}});
  (void)admit(anna, 0, ride_range({1, 2}));
  auto now = pool.ready_now(3);
  EXPECT_TRUE(now.ready());
  EXPECT_EQ(now.number, 3U);
  EXPECT_EQ(now.writers, 1U);
  EXPECT_EQ(now.queued, 2U);
  EXPECT_EQ(now.capacity, 5'000U);
  EXPECT_FALSE(now.full_durability);
  EXPECT_EQ(now.durability, "fsync=off");
  EXPECT_EQ(now.reason, "");
}

} // namespace
} // namespace goloca::actors
