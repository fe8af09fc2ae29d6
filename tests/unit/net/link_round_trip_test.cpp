// Two real ends of a link: what the one says, the other hears.

#include "tests/support/choked_line.hpp"
#include "tests/support/link_ends.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct a_link : testing::Test {
  test::link_ends ends;
  test::host_log& hosts = ends.hosts();

  a_link() { ends.listen(); }
  bool eventually_gone(std::size_t many) {
    return test::eventually([&] { return hosts.look([](const auto& at) { return at.gone; }) >= many; });
  }
};

TEST_F(a_link, begins_with_a_hello_and_a_welcome) {
  auto edge = ends.dial();
  ASSERT_TRUE(edge.ear->heard<link_welcome>()) << edge.ear->end();
  auto welcome = edge.ear->all<link_welcome>().front();
  EXPECT_EQ(welcome.node, "fake writer");
  EXPECT_EQ(welcome.boot, 77U);
  EXPECT_EQ(welcome.promise.statement, "fake");
  hosts.look([&](const auto& at) {
    ASSERT_THAT(at.asked, SizeIs(1));
    EXPECT_EQ(at.asked[0].hello.node, "the edge");
    EXPECT_EQ(at.asked[0].hello.boot, 42U);
    EXPECT_EQ(at.asked[0].hello.schema, ends.hello().schema);
    EXPECT_THAT(at.asked[0].from, testing::StartsWith("127.0.0.1:"));
  });
}

TEST_F(a_link, carries_batches_and_their_results_in_order) {
  auto edge = ends.linked();
  constexpr std::uint64_t many = 200;
  for (std::uint64_t i = 1; i <= many; ++i) edge.send(test::batch_of(i, static_cast<std::int64_t>(i) * 100, 50));
  ASSERT_TRUE(edge.ear->heard<link_result>(many)) << edge.ear->end();
  auto results = edge.ear->all<link_result>();
  for (std::uint64_t i = 1; i <= many; ++i) {
    EXPECT_EQ(results[i - 1].sequence, i);
    EXPECT_EQ(results[i - 1].digest, i * 31);
    EXPECT_EQ(results[i - 1].result.outcomes, std::vector(50, store::outcome::stored));
  }
  hosts.look([&](const auto& at) {
    ASSERT_THAT(at.batches, SizeIs(many));
    EXPECT_EQ(at.batches[1].patience, 4'000ms);
    EXPECT_EQ(test::ids_of(at.batches[1].rows.at(0)), test::ids_of(test::ride_range(200, 50)));
  });
}

TEST_F(a_link, finds_a_point) {
  auto edge = ends.linked();
  edge.send(link_find{3, 4711, 1s});
  ASSERT_TRUE(edge.ear->heard<link_found>());
  auto found = edge.ear->all<link_found>().front();
  EXPECT_EQ(found.number, 3U);
  EXPECT_EQ(found.what, link_found::state::found);
  EXPECT_EQ((*found.row)[0].id(), 4711);
}

TEST_F(a_link, tells_that_the_writer_drains) {
  auto edge = ends.linked();
  caf::anon_send(hosts.look([](const auto& at) { return at.hosts.at(0); }), drain{});
  EXPECT_TRUE(edge.ear->heard<link_draining>());
}

TEST_F(a_link, measures_its_round_trip) {
  auto edge = ends.linked();
  ASSERT_TRUE(edge.ear->heard<link_measured>(2));
  auto round_trip = edge.ear->all<link_measured>()[1].round_trip;
  EXPECT_GT(round_trip, 0ns);
  EXPECT_LT(round_trip, 5s);
}

TEST_F(a_link, ends_at_a_close_without_a_further_word) {
  hosts.answers_batches = false;
  auto edge = ends.linked();
  edge.send(test::batch_of(1, 1, 10));
  edge.send(link_close{});
  edge.send(test::batch_of(2, 1, 10));
  EXPECT_TRUE(eventually_gone(1));
  EXPECT_THAT(edge.ear->all<link_closed>(), IsEmpty());
  EXPECT_THAT(ends.warnings(), IsEmpty()); // who hangs up is no news
}

TEST_F(a_link, may_be_closed_before_it_is_there) {
  auto edge = ends.dial();
  edge.send(link_close{});
  auto other = ends.linked();
  other.send(test::batch_of(1, 1, 1));
  EXPECT_TRUE(other.ear->heard<link_result>());
  EXPECT_THAT(edge.ear->all<link_closed>(), IsEmpty());
}

TEST_F(a_link, that_is_refused_says_why) {
  hosts.refuse = [](const link_hello& hello) { return "no room for " + hello.node; };
  auto edge = ends.dial();
  EXPECT_EQ(edge.ear->end(), "it refuses the link: no room for the edge");
  EXPECT_THAT(edge.ear->all<link_closed>(), SizeIs(1));
  EXPECT_TRUE(test::eventually([&] { return ends.listener().strangers() == 0; }));
}

TEST_F(a_link, that_is_refused_later_says_why_though_batches_are_on_their_way) {
  hosts.answers_batches = false;
  auto edge = ends.linked();
  for (std::uint64_t i = 1; i <= 50; ++i) edge.send(test::batch_of(i, 1, 20, 10'000));
  hosts.look([](const auto& at) { return at.asked.at(0).out; })(link_refusal{"the store is gone"});
  for (std::uint64_t i = 51; i <= 100; ++i) edge.send(test::batch_of(i, 1, 20, 10'000));
  EXPECT_EQ(edge.ear->end(), "it refuses the link: the store is gone");
}

TEST_F(a_link, ends_with_its_host) {
  auto edge = ends.linked();
  caf::anon_send_exit(hosts.look([](const auto& at) { return at.hosts.at(0); }), caf::exit_reason::user_shutdown);
  EXPECT_THAT(edge.ear->end(), HasSubstr("the writer's end of the link has ended"));
  auto next = ends.linked();
  next.send(test::batch_of(1, 1, 1));
  EXPECT_TRUE(next.ear->heard<link_result>());
}

TEST_F(a_link, serves_many_edges_at_once) {
  std::vector<test::edge_end> edges;
  for (int i = 0; i < 60; ++i) edges.push_back(ends.dial());
  for (auto& each : edges) ASSERT_TRUE(each.ear->heard<link_welcome>()) << each.ear->end();
  EXPECT_EQ(ends.listener().strangers(), 0U);
  for (auto& each : edges) each.send(test::batch_of(1, 1, 10));
  for (auto& each : edges) EXPECT_TRUE(each.ear->heard<link_result>());
}

TEST_F(a_link, goes_by_ipv6_too) {
  ends.listen("::1");
  auto edge = ends.dial("[::1]:" + std::to_string(ends.port()));
  ASSERT_TRUE(edge.ear->heard<link_welcome>()) << edge.ear->end();
  EXPECT_THAT(hosts.look([](const auto& at) { return at.asked.at(0).from; }), testing::StartsWith("[::1]:"));
}

TEST_F(a_link, stays_when_the_port_is_closed) {
  auto edge = ends.linked();
  ends.listener().close();
  EXPECT_TRUE(test::eventually([&] { return ends.dial().ear->end().find("cannot connect") == 0; }));
  edge.send(test::batch_of(1, 1, 1));
  EXPECT_TRUE(edge.ear->heard<link_result>());
}

TEST_F(a_link, may_be_there_when_the_threads_stop) {
  hosts.answers_batches = false;
  auto edge = ends.linked();
  auto dialling = ends.dial();
  for (std::uint64_t i = 1; i <= 20; ++i) edge.send(test::batch_of(i, 1, 20, 10'000));
  ends.stop();
  edge.send(link_close{}); // and a word after it
  EXPECT_THAT(edge.ear->all<link_closed>(), IsEmpty());
}

struct a_link_in_a_hurry : testing::Test {
  test::link_ends ends{test::short_times()};
  test::host_log& hosts = ends.hosts();

  a_link_in_a_hurry() { ends.listen(); }
  test::edge_end linked_by(const test::choked_line& line) {
    auto edge = ends.dial("127.0.0.1:" + std::to_string(line.port()));
    EXPECT_TRUE(edge.ear->heard<link_welcome>()) << edge.ear->end();
    return edge;
  }
};

TEST_F(a_link_in_a_hurry, ends_at_both_sides_when_the_line_is_silent) {
  test::choked_line line{ends.port()};
  auto edge = linked_by(line);
  line.set_rate(0);
  auto stopped = std::chrono::steady_clock::now();
  EXPECT_EQ(edge.ear->end(), "it has been silent for 1000 ms");
  EXPECT_TRUE(test::eventually([&] { return hosts.look([](const auto& at) { return at.gone; }) == 1; }));
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 10s);
  EXPECT_TRUE(ends.warned("the link from the edge ("));
  EXPECT_TRUE(ends.linked().ear->heard<link_measured>());
}

TEST_F(a_link_in_a_hurry, ends_when_the_line_is_silent_though_much_waits_to_be_sent) {
  test::choked_line line{ends.port()};
  auto edge = linked_by(line);
  line.set_rate(0);
  edge.send(test::batch_of(1, 1, 2'000, 10'000)); // our own progress is no life
  EXPECT_EQ(edge.ear->end(), "it has been silent for 1000 ms");
}

/// A TLS record takes longer than the silence that is allowed: its parts are life.
TEST_F(a_link_in_a_hurry, lives_on_a_line_so_thin_that_a_frame_takes_long) {
  test::choked_line line{ends.port()};
  auto edge = linked_by(line);
  line.set_rate(100); // 10 kB a second
  edge.send(test::batch_of(1, 1, 500, 40));
  ASSERT_TRUE(edge.ear->heard<link_result>()) << edge.ear->end();
  EXPECT_THAT(edge.ear->all<link_closed>(), IsEmpty());
}

/// 20 MB on a line of some MB a second: pings go the other way meanwhile, and each side hears the other.
TEST_F(a_link_in_a_hurry, carries_a_large_batch_while_pings_go_on) {
  test::choked_line line{ends.port()};
  auto edge = linked_by(line);
  line.set_rate(200'000);
  auto measured = edge.ear->all<link_measured>().size();
  edge.send(test::batch_of(1, 1, 2'000, 10'000));
  ASSERT_TRUE(edge.ear->heard<link_result>()) << edge.ear->end();
  EXPECT_EQ(edge.ear->all<link_result>().front().result.outcomes.size(), 2'000U);
  EXPECT_TRUE(edge.ear->heard<link_measured>(measured + 2));
}

} // namespace
