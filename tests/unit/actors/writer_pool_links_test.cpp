// The pool's writers that take several batches at a time: links to other nodes.
#include "actors/writer_pool_state.hpp"
#include "store/row_wire.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

#include <map>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::outcome;
using test::ride_range;
using test::rows_of;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using ids = std::vector<std::int64_t>;

db_writer::behavior_type idle_writer(db_writer::pointer, caf::unit_t) {
  return {[](insert_batch&) -> caf::result<batch_result> { return batch_result{}; },
          [](const find_request&) -> caf::result<find_result> { return find_result{}; }, [](const connect_store&) {},
          [](const probe_store&) {}};
}

reply_receiver::behavior_type deaf_client(reply_receiver::pointer, caf::unit_t) {
  return {[](const insert_reply&) {}};
}

const caf::error lost = caf::make_error(failure::store_unavailable, std::string{"link to w2: closed"});
const caf::error bug = caf::make_error(failure::crashed, std::string{"a bug"});

/// The fixture gives handles; nothing in it runs.
class writer_pool_links_test : public test::virtual_time {
protected:
  struct given {
    db_writer to;
    insert_batch batch;
    ids points{};
  };

  writer_pool_state pool = [] {
    writer_pool_state made;
    made.settings = {.max_queued = 5'000, .max_batch = 4, .parallel_from = 1};
    made.incarnation = 7;
    return made;
  }();
  caf::strong_actor_ptr anna = caf::actor_cast<caf::strong_actor_ptr>(spawn(deaf_client, caf::unit));
  time_point now = time_point{} + 1h;
  std::uint64_t admitted = 0;

  db_writer add_link(std::size_t batches = 4, std::size_t points = 500, std::size_t bytes = 1u << 20) {
    auto link = spawn(idle_writer, caf::unit);
    pool.add_writer({link, {true, "memory"}, {batches, points, bytes}});
    return link;
  }

  db_writer add_writer() {
    auto writer = spawn(idle_writer, caf::unit);
    pool.add_writer({writer, {true, "memory"}});
    return writer;
  }

  void admit(store::row_range rows) {
    auto count = rows.count;
    ASSERT_THAT(pool.admit(anna, {{{admitted, std::move(rows)}}, now + 10s}).runs, IsEmpty());
    admitted += count;
  }

  std::optional<given> next() {
    auto made = pool.next_batch(now);
    if (!made) return std::nullopt;
    given taken{made->first, made->second};
    for (const auto& range : taken.batch.rows) {
      for (auto id : test::ids_of(range)) taken.points.push_back(id);
    }
    return taken;
  }

  client_replies finish(const given& of, outcome what = outcome::stored) {
    return pool.finish({of.batch.id, {std::vector(of.points.size(), what), {}}}, now);
  }

  /// Keeps the pool busy for some time, with links of which each answers a batch after its own time. \return how many
  /// batches each got.
  std::map<caf::actor_id, int> serve(std::map<caf::actor_id, std::chrono::milliseconds> times,
                                     std::chrono::milliseconds during) {
    std::map<caf::actor_id, int> got;
    std::vector<std::pair<time_point, given>> working;
    for (auto end = now + during; now < end; now += 1ms) {
      std::erase_if(working, [&](const auto& each) {
        if (each.first > now) return false;
        (void)finish(each.second);
        return true;
      });
      if (pool.queue.empty()) admit(ride_range(1, 4));
      if (working.size() > 1) continue; // there is choice
      if (auto made = next()) {
        ++got[made->to.id()];
        working.emplace_back(now + times.at(made->to.id()), *made);
      }
    }
    for (const auto& [then, last] : working) {
      now = std::max(now, then);
      (void)finish(last);
    }
    return got;
  }
};

// -- credit ---------------------------------------------------------------------------------------

TEST_F(writer_pool_links_test, gives_a_link_no_more_batches_than_its_credit) {
  auto link = add_link(2);
  admit(ride_range(1, 12));
  auto first = next(), second = next();
  ASSERT_TRUE(first && second);
  EXPECT_THAT(first->points, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(second->points, ElementsAre(5, 6, 7, 8));
  EXPECT_FALSE(pool.can_dispatch());
  EXPECT_FALSE(next());
  EXPECT_THAT(finish(*second), SizeIs(1)) << "in whatever order";
  EXPECT_TRUE(pool.can_dispatch());
  EXPECT_THAT(next()->points, ElementsAre(9, 10, 11, 12));
  EXPECT_FALSE(next());
  EXPECT_THAT(pool.status().batches, SizeIs(2));
}

TEST_F(writer_pool_links_test, a_writer_of_its_own_has_one_batch_at_a_time) {
  add_writer();
  admit(ride_range(1, 8));
  EXPECT_TRUE(next());
  EXPECT_FALSE(next());
}

TEST_F(writer_pool_links_test, opens_a_second_batch_only_when_it_is_worth_it) {
  pool.settings.parallel_from = 5;
  add_link();
  admit(ride_range(1, 6));
  EXPECT_TRUE(next());
  EXPECT_FALSE(next()) << "two wait, and they may be more soon";
  now += 20ms;
  EXPECT_TRUE(next()) << "the first may hang";
}

TEST_F(writer_pool_links_test, opens_a_second_batch_as_soon_after_a_quick_one) {
  add_link();
  admit(ride_range(1, 4));
  auto quick = next();
  ASSERT_TRUE(quick);
  (void)finish(*quick); // in no time: of a node's own writers it would be said that they are busy
  admit(ride_range(11, 1));
  ASSERT_TRUE(next());
  admit(ride_range(12, 1));
  EXPECT_TRUE(next());
}

TEST_F(writer_pool_links_test, bounds_a_batch_by_the_link_s_points) {
  add_link(4, 3);
  admit(ride_range(1, 4));
  EXPECT_THAT(next()->points, ElementsAre(1, 2, 3));
  EXPECT_THAT(next()->points, ElementsAre(4));
}

TEST_F(writer_pool_links_test, bounds_a_batch_by_its_bytes_over_the_wire) {
  auto rows = ride_range(1, 4);
  auto size = store::wire_size(rows[0]);
  add_link(4, 500, 2 * size);
  admit(rows);
  EXPECT_THAT(next()->points, ElementsAre(1, 2)) << "two fit to the byte";
  EXPECT_THAT(next()->points, ElementsAre(3, 4));
  pool.add_writer({spawn(idle_writer, caf::unit), {}, {1, 500, 2 * size - 1}});
  admit(ride_range(1, 2)), admit(ride_range(3, 2));
  pool.retire_writer(pool.writers[0].handle);
  EXPECT_THAT(next()->points, ElementsAre(1));
}

TEST_F(writer_pool_links_test, a_row_that_is_larger_than_a_batch_may_be_goes_alone) {
  auto large = std::string(1'000, 'x');
  auto size = store::wire_size(ride_range({1})[0]);
  add_link(9, 500, 3 * size);
  admit(rows_of{}.point(1).point(2, large).point(3).range());
  admit(rows_of{}.point(4, large).range());
  admit(rows_of{}.point(5).range());
  EXPECT_THAT(next()->points, ElementsAre(1));
  EXPECT_THAT(next()->points, ElementsAre(2));
  EXPECT_THAT(next()->points, ElementsAre(3));
  EXPECT_THAT(next()->points, ElementsAre(4)) << "at the end of its run, too";
  EXPECT_THAT(next()->points, ElementsAre(5));
  EXPECT_EQ(pool.queued_points, 0U);
}

// -- the end of a link ------------------------------------------------------------------------------

TEST_F(writer_pool_links_test, all_batches_of_a_lost_link_come_back_in_their_order) {
  auto link = add_link(3);
  admit(ride_range(1, 14));
  auto first = next(), second = next(), third = next();
  (void)finish(*second);
  EXPECT_THAT(pool.lose_writer(link.address(), lost), IsEmpty());
  EXPECT_EQ(pool.queued_points, 10U);
  EXPECT_THAT(pool.in_flight, IsEmpty());
  add_link();
  EXPECT_THAT(next()->points, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(next()->points, ElementsAre(9, 10, 11, 12));
  EXPECT_THAT(next()->points, ElementsAre(13, 14));
}

TEST_F(writer_pool_links_test, a_result_of_a_batch_that_was_taken_back_acknowledges_nothing) {
  auto link = add_link();
  admit(ride_range({1}));
  auto first = next();
  (void)pool.lose_writer(link.address(), lost);
  EXPECT_THAT(finish(*first), IsEmpty());
  EXPECT_EQ(pool.queued_points, 1U);
}

TEST_F(writer_pool_links_test, what_a_lost_link_may_have_stored_is_no_duplicate_of_the_client_s) {
  auto link = add_link();
  admit(ride_range({1}));
  (void)next();
  (void)pool.lose_writer(link.address(), lost);
  add_link();
  admit(ride_range({2}));
  auto again = next();
  auto replies = finish(*again, outcome::duplicate);
  ASSERT_THAT(replies, SizeIs(1));
  ASSERT_THAT(replies[0].second.runs, SizeIs(2));
  EXPECT_EQ(replies[0].second.runs[0].what, verdict::stored);
  EXPECT_EQ(replies[0].second.runs[1].what, verdict::duplicate);
}

TEST_F(writer_pool_links_test, each_batch_of_a_link_that_crashed_is_suspected_by_itself) {
  pool.settings.max_batch = 20;
  admit(ride_range(1, 40));
  for (auto crash = 0; crash < 2; ++crash) {
    auto link = add_link(2);
    ASSERT_THAT(next()->points, SizeIs(20));
    ASSERT_THAT(next()->points, SizeIs(20));
    EXPECT_THAT(pool.lose_writer(link.address(), bug), IsEmpty());
  }
  add_link(99);
  EXPECT_THAT(next()->points, ElementsAre(1, 2)) << "tenths, after the second time";
  for (auto i = 0; i < 19; ++i) EXPECT_THAT(next()->points, SizeIs(2));
  EXPECT_FALSE(next());
}

TEST_F(writer_pool_links_test, a_refusal_that_is_a_sentence_already_stays_as_it_is) {
  add_link();
  admit(ride_range({1, 2}));
  auto made = next();
  auto replies = pool.finish(
      {made->batch.id, {{outcome::invalid, outcome::invalid}, {{0, {}, "no such user"}, {1, "22003", "too large"}}}},
      now);
  ASSERT_THAT(replies[0].second.runs, SizeIs(2));
  EXPECT_EQ(replies[0].second.runs[0].detail, "no such user");
  EXPECT_EQ(replies[0].second.runs[1].detail, "the database refused it: too large (SQLSTATE 22003)");
}

// -- balance --------------------------------------------------------------------------------------

TEST_F(writer_pool_links_test, a_slow_link_gets_less) {
  auto quick = add_link(), slow = add_link();
  auto got = serve({{quick.id(), 5ms}, {slow.id(), 50ms}}, 2s);
  EXPECT_GT(got[quick.id()], 10 * got[slow.id()]);
  EXPECT_GT(got[slow.id()], 0);
}

TEST_F(writer_pool_links_test, links_that_are_as_quick_as_each_other_share) {
  auto one = add_link(), other = add_link();
  auto got = serve({{one.id(), 5ms}, {other.id(), 5ms}}, 2s);
  EXPECT_GT(3 * got[one.id()], got[other.id()]);
  EXPECT_GT(3 * got[other.id()], got[one.id()]);
}

TEST_F(writer_pool_links_test, a_link_that_is_cut_off_gets_no_more) {
  auto good = add_link(), cut = add_link();
  serve({{good.id(), 5ms}, {cut.id(), 5ms}}, 1s);
  auto got = serve({{good.id(), 5ms}, {cut.id(), 3s}}, 2s);
  EXPECT_LE(got[cut.id()], 1) << "the one that it is cut off with";
  EXPECT_GT(got[good.id()], 100);
}

TEST_F(writer_pool_links_test, a_new_link_is_tried_with_one_batch) {
  auto good = add_link();
  serve({{good.id(), 5ms}}, 100ms);
  auto fresh = add_link();
  auto got = serve({{good.id(), 5ms}, {fresh.id(), 3s}}, 1s);
  EXPECT_EQ(got[fresh.id()], 1);
}

TEST_F(writer_pool_links_test, a_slow_link_is_tried_again_after_a_while_with_one_batch_and_recovers) {
  auto quick = add_link(), slow = add_link();
  serve({{quick.id(), 5ms}, {slow.id(), 400ms}}, 1s);
  auto got = serve({{quick.id(), 5ms}, {slow.id(), 400ms}}, 5s);
  EXPECT_EQ(got[slow.id()], 0) << "no sooner than it is forgotten that it took 80 times as long";
  got = serve({{quick.id(), 5ms}, {slow.id(), 400ms}}, 5s);
  EXPECT_EQ(got[slow.id()], 1);
  got = serve({{quick.id(), 5ms}, {slow.id(), 2ms}}, 20s);
  EXPECT_GT(got[slow.id()], 100) << "it is quick now";
}

TEST_F(writer_pool_links_test, of_its_own_writers_the_first_that_is_free_gets_the_batch) {
  auto first = add_writer(), second = add_writer();
  for (auto round = 0; round < 5; ++round) {
    admit(ride_range(1, 8));
    auto one = next(), two = next();
    EXPECT_EQ(one->to, first);
    EXPECT_EQ(two->to, second);
    now += 1s;
    (void)finish(*one);
    now += round * 100ms;
    (void)finish(*two);
  }
}

// -- leaving --------------------------------------------------------------------------------------

TEST_F(writer_pool_links_test, a_link_that_leaves_gets_no_more_and_finishes_what_it_has) {
  auto link = add_link();
  admit(ride_range(1, 8));
  auto held = next();
  pool.retire_writer(link);
  EXPECT_FALSE(pool.can_dispatch());
  EXPECT_FALSE(next());
  EXPECT_EQ(pool.ready_now(1).writers, 0U);
  EXPECT_FALSE(pool.writer_to_ask(now));
  EXPECT_THAT(finish(*held), SizeIs(1));
  EXPECT_FALSE(next());
  EXPECT_THAT(pool.lose_writer(link.address(), {}), IsEmpty());
  auto other = add_link();
  EXPECT_EQ(pool.ready_now(1).writers, 1U);
  EXPECT_EQ(next()->to, other);
}

TEST_F(writer_pool_links_test, what_one_supervisor_misses_is_no_reason_while_another_s_writer_is_there) {
  auto writer = add_writer();
  pool.missing_reason = "link to w2: cut";
  EXPECT_EQ(pool.ready_now(1).reason, "");
  (void)pool.lose_writer(writer.address(), lost);
  EXPECT_EQ(pool.ready_now(1).reason, "link to w2: cut");
}

TEST_F(writer_pool_links_test, who_is_unknown_or_gone_may_leave_without_harm) {
  auto link = add_link();
  pool.retire_writer(spawn(idle_writer, caf::unit));
  EXPECT_EQ(pool.ready_now(1).writers, 1U);
  (void)pool.lose_writer(link.address(), lost);
  pool.retire_writer(link);
  auto other = add_link();
  EXPECT_EQ(pool.ready_now(1).writers, 1U);
  EXPECT_EQ(pool.writer_to_ask(now), other);
}

} // namespace
} // namespace goloca::actors
