// Laws of the rules that decide on waits and batches, over any sequence of events.

#include "actors/gather_rule.hpp"
#include "actors/restart_rule.hpp"
#include "actors/writer_pool_state.hpp"
#include "store/row_wire.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace std::chrono_literals;

RC_GTEST_PROP(restart_rule_laws, a_wait_is_within_its_bounds_and_crashes_within_their_count, ()) {
  restart_rule rule;
  rule.least = std::chrono::milliseconds{*rc::gen::inRange(1, 200)};
  rule.most = rule.least * *rc::gen::inRange(1, 100);
  rule.intensity = *rc::gen::inRange<std::size_t>(0, 5);
  rule.window = std::chrono::milliseconds{*rc::gen::inRange(1, 1'000)};
  auto now = restart_rule::time_point{} + 1h;
  std::deque<restart_rule::time_point> crashes;
  unsigned failures = 0; // since the last success
  for (auto steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
    now += std::chrono::milliseconds{*rc::gen::inRange(0, 300)};
    auto jitter = *rc::gen::inRange(0, 1'001) / 1'000.0;
    auto bound = std::min<double>(static_cast<double>(rule.most.count()),
                                  static_cast<double>(rule.least.count()) * std::pow(2.0, failures));
    switch (*rc::gen::inRange(0, 3)) {
    case 0: {
      auto wait = rule.after_unavailable(jitter);
      RC_ASSERT(wait >= 0ns && static_cast<double>(wait.count()) <= bound);
      ++failures;
      break;
    }
    case 1: {
      auto wait = rule.after_crash(now, jitter);
      crashes.push_back(now);
      std::erase_if(crashes, [&](auto when) { return when + rule.window <= now; });
      RC_ASSERT(wait.has_value() == (crashes.size() <= rule.intensity));
      if (!wait) break;
      RC_ASSERT(*wait >= 0ns && static_cast<double>(wait->count()) <= bound);
      ++failures;
      break;
    }
    default:
      rule.succeeded();
      failures = 0;
    }
  }
}

RC_GTEST_PROP(gather_rule_laws, waits_two_commits_and_5_ms_at_most_and_never_for_nobody, ()) {
  constexpr std::size_t enough = 256;
  gather_rule rule;
  time_point now = time_point{} + 1h;
  for (auto rounds = *rc::gen::inRange(1, 80); rounds > 0; --rounds) {
    auto points = *rc::gen::inRange<std::size_t>(1, 300);
    auto queued = *rc::gen::inRange<std::size_t>(0, 300);
    auto took = std::chrono::microseconds{*rc::gen::inRange(0, 100'000)};
    rule.finished(points, took, queued, enough, now);
    if (rule.until() != time_point::min()) {
      RC_ASSERT(rule.until() >= now && rule.until() <= now + std::min<time_point::duration>(took, 5ms));
      RC_ASSERT(points + queued >= 2 && queued < enough);
    }
    RC_ASSERT(!rule.waits(enough, now));
    rule.finished(points, took, queued, enough, now);
    auto end = rule.until();
    if (end != time_point::min()) {
      auto there = queued + *rc::gen::inRange<std::size_t>(0, points);
      if (rule.waits(there, end)) RC_ASSERT(rule.until() <= now + std::min<time_point::duration>(2 * took, 5ms));
      RC_ASSERT(!rule.waits(there, std::max(end, rule.until())));
    }
    RC_ASSERT(rule.until() == time_point::min());
    now += std::chrono::microseconds{*rc::gen::inRange(0, 10'000)};
  }
}

/// The fixture gives handles; nothing in it runs.
class pool_laws : public test::virtual_time {
protected:
  static db_writer::behavior_type idle_writer(db_writer::pointer, caf::unit_t) {
    return {[](insert_batch&) -> caf::result<batch_result> { return batch_result{}; },
            [](const find_request&) -> caf::result<find_result> { return find_result{}; }, [](const connect_store&) {},
            [](const probe_store&) {}};
  }
  static reply_receiver::behavior_type deaf_client(reply_receiver::pointer, caf::unit_t) {
    return {[](const insert_reply&) {}};
  }

  db_writer new_writer() {
    auto made = spawn(idle_writer, caf::unit);
    return made;
  }
};

/// Some points end whatever writer has them. They alone are refused; each of the others is stored, and each point is
/// answered once.
TEST_F(pool_laws, a_batch_that_comes_apart_covers_each_point_once) {
  auto writer = new_writer();
  auto client = caf::actor_cast<caf::strong_actor_ptr>(spawn(deaf_client, caf::unit));
  auto unknown = caf::make_error(failure::store_unknown, std::string{"what is this?"});
  auto law = [&] {
    writer_pool_state pool;
    pool.settings = {.max_queued = 5'000, .max_batch = *rc::gen::inRange<std::size_t>(1, 300), .parallel_from = 1};
    pool.add_writer({writer, {true, "memory"}});
    std::map<std::uint64_t, std::vector<verdict>> answers; // by number, which is the id less 1
    auto note = [&](const insert_reply& reply) {
      for (const auto& run : reply.runs)
        for (std::uint32_t i = 0; i < run.count; ++i) answers[run.first + i].push_back(run.what);
    };
    std::uint32_t sent = 0;
    for (auto bursts = *rc::gen::inRange(1, 6); bursts > 0; --bursts) {
      auto count = *rc::gen::inRange<std::uint32_t>(1, 120);
      note(pool.admit(client, {{{sent, test::ride_range(1 + sent, count)}}, time_point::max()}));
      sent += count;
    }
    auto poison = *rc::gen::container<std::set<std::int64_t>>(*rc::gen::inRange<std::size_t>(0, 4),
                                                              rc::gen::inRange<std::int64_t>(1, 100'000));
    std::set<std::int64_t> bad;
    for (auto each : poison) bad.insert(1 + each % sent);
    for (int rounds = 0; auto next = pool.next_batch(time_point{}); ++rounds) {
      RC_ASSERT(rounds < 2'000);
      std::vector<std::int64_t> ids;
      for (const auto& range : next->second.rows)
        for (auto id : test::ids_of(range)) ids.push_back(id);
      RC_ASSERT(!ids.empty() && ids.size() <= pool.settings.max_batch);
      bool fatal = std::ranges::any_of(ids, [&](auto id) { return bad.contains(id); });
      if (fatal) {
        for (const auto& [to, reply] : pool.lose_writer(writer.address(), unknown)) note(reply);
        pool.add_writer({writer, {true, "memory"}});
      } else {
        std::vector<store::outcome> stored(ids.size(), store::outcome::stored);
        for (const auto& [to, reply] : pool.finish({next->second.id, {stored, {}}}, time_point{})) note(reply);
      }
    }
    RC_ASSERT(pool.queue.empty() && pool.queued_points == 0 && pool.in_flight.empty());
    RC_ASSERT(answers.size() == sent);
    for (const auto& [number, said] : answers) {
      auto expected = bad.contains(static_cast<std::int64_t>(number) + 1) ? verdict::unavailable : verdict::stored;
      RC_ASSERT(said == std::vector{expected});
    }
  };
  EXPECT_TRUE(rc::check(law));
}

/// Links come, leave, are cut and answer in whatever order: each point is answered once, no link has more than its
/// credit, no batch is larger than its link allows, and what a link had goes to others.
TEST_F(pool_laws, links_that_come_and_go_cover_each_point_once) {
  std::vector<db_writer> handles;
  for (auto i = 0; i < 4; ++i) handles.push_back(new_writer());
  auto client = caf::actor_cast<caf::strong_actor_ptr>(spawn(deaf_client, caf::unit));
  auto cut = caf::make_error(failure::store_unavailable, std::string{"cut"});
  auto row_size = store::wire_size(test::ride_range({1})[0]); // of each
  struct end {
    std::size_t credit = 0; // 0: there is no link
    std::size_t points = 0;
    bool leaving = false;
    std::map<std::uint64_t, std::pair<insert_batch, std::size_t>> batches{};
  };
  auto law = [&] {
    writer_pool_state pool;
    pool.settings = {.max_queued = 5'000, .max_batch = 30, .parallel_from = 1};
    std::vector<end> ends(handles.size());
    std::map<std::uint64_t, int> answers; // by number
    std::uint64_t sent = 0;
    auto now = time_point{} + 1h;
    auto note = [&](const client_replies& replies) {
      for (const auto& [to, reply] : replies)
        for (const auto& run : reply.runs)
          for (std::uint32_t i = 0; i < run.count; ++i) ++answers[run.first + i];
    };
    auto come = [&](std::size_t which, std::size_t credit, std::size_t points) {
      if (ends[which].credit != 0) return;
      ends[which] = {credit, points};
      pool.add_writer({handles[which], {}, {credit, 1'000, points * row_size}});
    };
    auto lose = [&](std::size_t which) {
      if (std::exchange(ends[which], {}).credit != 0) note(pool.lose_writer(handles[which].address(), cut));
    };
    auto dispatch = [&] {
      while (auto next = pool.next_batch(now)) {
        auto& to = ends.at(static_cast<std::size_t>(std::ranges::find(handles, next->first) - handles.begin()));
        std::size_t points = 0;
        for (const auto& range : next->second.rows) points += range.count;
        to.batches.emplace(next->second.id.sequence, std::pair{next->second, points});
        RC_ASSERT(to.credit > 0 && !to.leaving && to.batches.size() <= to.credit);
        RC_ASSERT(points > 0 && points <= pool.settings.max_batch && points <= to.points);
      }
    };
    auto finish_one = [&](end& of) {
      auto done = of.batches.extract(of.batches.begin()).mapped();
      note(pool.finish({done.first.id, {std::vector(done.second, store::outcome::stored), {}}}, now));
    };
    for (auto steps = *rc::gen::inRange(1, 120); steps > 0; --steps) {
      auto which = *rc::gen::inRange<std::size_t>(0, ends.size());
      switch (*rc::gen::inRange(0, 7)) {
      case 0:
      case 1: {
        auto count = *rc::gen::inRange<std::uint32_t>(1, 40);
        auto rows = test::ride_range(static_cast<std::int64_t>(sent) + 1, count);
        RC_ASSERT(pool.admit(client, {{{sent, rows}}, time_point::max()}).runs.empty());
        sent += count;
        break;
      }
      case 2:
        come(which, *rc::gen::inRange<std::size_t>(1, 5), *rc::gen::inRange<std::size_t>(1, 40));
        break;
      case 3:
        lose(which);
        break;
      case 4:
        pool.retire_writer(handles[which]);
        ends[which].leaving = true;
        break;
      default:
        if (!ends[which].batches.empty()) finish_one(ends[which]);
      }
      now += std::chrono::milliseconds{*rc::gen::inRange(0, 50)};
      dispatch();
    }
    for (std::size_t i = 0; i < ends.size(); ++i) lose(i);
    come(0, 2, 1'000);
    for (dispatch(); !ends[0].batches.empty(); dispatch()) finish_one(ends[0]);
    RC_ASSERT(pool.queue.empty() && pool.queued_points == 0 && pool.in_flight.empty());
    RC_ASSERT(answers.size() == sent);
    for (const auto& [number, times] : answers) RC_ASSERT(times == 1);
  };
  EXPECT_TRUE(rc::check(law));
}

} // namespace
