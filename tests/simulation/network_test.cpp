// The model of the network: it guarantees what net/link does, takes what a script has it take, and sees who breaks the
// rules of a link.
#include "tests/simulation/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace goloca::simulation {
namespace {

using namespace std::chrono_literals;
using namespace actors;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr std::size_t edge = 0;
constexpr std::size_t writer = 1; // as a node

/// What the writer's end saw, and its way back.
struct writer_log {
  std::vector<std::uint64_t> batches{}; // sequences
  std::size_t gone = 0;
  std::vector<host_port> ports{};
  std::vector<link_host> hosts{};
};

link_host::behavior_type run_host(link_host::pointer /*self*/, std::shared_ptr<writer_log> log) {
  return {
      [log](const link_batch& batch) { log->batches.push_back(batch.sequence); },
      [](const link_find&) {},
      [log](const link_gone&) { ++log->gone; },
      [](const insert_reply&) {},
      [](const pool_changed&) {},
      [](const drain&) {},
      [](const dispatch_queued&) {},
      [](const tick&) {},
  };
}

link_hosts::behavior_type run_hosts(link_hosts::pointer self, std::shared_ptr<writer_log> log) {
  return {
      [](const host_report&) {},
      [self, log](const open_link& asked) {
        auto host = log->hosts.emplace_back(self->spawn(run_host, log));
        log->ports.push_back(asked.out);
        link_welcome welcome;
        welcome.credit = 2;
        asked.out(link_admitted{host, welcome});
      },
      [](const pool_changed&) {},
      [](const drain&) { return all_left{}; },
      [](const hosts_query&) { return hosts_status{}; },
      [](const tick&) {},
  };
}

class network_test : public testing::TestWithParam<std::uint64_t> {
protected:
  stage on{GetParam(), nullptr};
  promises model;
  network lines{on, model, {.delay = 3ms, .silence = 300ms}};
  std::shared_ptr<writer_log> log = std::make_shared<writer_log>();
  link_hosts door = on.system.spawn(run_hosts, log);
  std::vector<link_event> heard{};
  link_port port = dial();

  link_port dial() {
    lines.serve(writer, door);
    return dial_only();
  }
  link_port dial_only() {
    return lines.dialer_of(edge, {})("writer 0", [this](link_event what) { heard.push_back(std::move(what)); });
  }
  void TearDown() override {
    port(link_close{});
    for (const auto& each : log->hosts) caf::anon_send_exit(each, caf::exit_reason::kill);
    caf::anon_send_exit(door, caf::exit_reason::kill);
    pass(10s);
  }

  void pass(nanoseconds time) {
    auto over = std::make_shared<bool>(false);
    on.after(time, "", [over] { *over = true; });
    while (!*over) on.step();
  }
  void send(std::uint64_t sequence) { port(link_batch{sequence, 0, 1s, {}}); }
  void answer(std::uint64_t sequence) { log->ports.back()(link_result{sequence, 0, {}}); }
  std::vector<std::uint64_t> results() const {
    std::vector<std::uint64_t> all;
    for (const auto& each : heard) {
      if (const auto* result = std::get_if<link_result>(&each)) all.push_back(result->sequence);
    }
    return all;
  }
  std::vector<std::string> ends() const {
    std::vector<std::string> all;
    for (const auto& each : heard) {
      if (const auto* closed = std::get_if<link_closed>(&each)) all.push_back(closed->reason);
    }
    return all;
  }
  static trouble stalled(nanoseconds lasts, bool deaf) {
    return {.what = trouble::kind::stall, .deaf = deaf, .lasts = lasts};
  }
  void expect_broken(const std::string& how) { EXPECT_THAT(model.broken(), Optional(HasSubstr(how))); }
};

// Chance decides on delays and losses: what holds, holds for each.
INSTANTIATE_TEST_SUITE_P(seeds, network_test, testing::Range<std::uint64_t>(1, 6));

TEST_P(network_test, carries_what_is_sent_in_order_and_once) {
  pass(100ms);
  ASSERT_THAT(heard, SizeIs(2)); // a welcome, a round trip
  EXPECT_TRUE(std::holds_alternative<link_welcome>(heard[0]));
  send(1), send(2);
  pass(100ms);
  EXPECT_THAT(log->batches, ElementsAre(1, 2));
  answer(2), answer(1);
  pass(100ms);
  EXPECT_THAT(results(), ElementsAre(2, 1));
  EXPECT_FALSE(model.broken());
  EXPECT_TRUE(lines.at_rest());
}

TEST_P(network_test, tells_both_ends_of_a_loss_and_nothing_after_it) {
  pass(100ms);
  send(1), send(2);
  lines.befall({.what = trouble::kind::lost});
  EXPECT_FALSE(lines.at_rest());
  answer(1); // it does not know yet, or it has the batch
  pass(1s);
  EXPECT_THAT(ends(), SizeIs(1));
  EXPECT_EQ(log->gone, 1U);
  EXPECT_THAT(results(), IsEmpty());
  EXPECT_LE(log->batches.size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(log->batches));
  EXPECT_TRUE(lines.at_rest());
}

TEST_P(network_test, holds_up_what_is_on_its_way_and_then_lets_it_pass_in_order) {
  pass(100ms);
  lines.befall(stalled(200ms, true));
  send(1), send(2);
  pass(199ms);
  EXPECT_THAT(log->batches, IsEmpty());
  pass(100ms);
  EXPECT_THAT(log->batches, ElementsAre(1, 2));
  EXPECT_THAT(ends(), IsEmpty());
}

TEST_P(network_test, ends_a_line_of_which_nothing_is_heard) {
  pass(100ms);
  lines.befall(stalled(1s, true));
  pass(299ms);
  EXPECT_THAT(ends(), IsEmpty());
  pass(2s);
  EXPECT_THAT(ends(), SizeIs(1));
  EXPECT_EQ(log->gone, 1U);
}

TEST_P(network_test, keeps_a_line_whose_pings_pass) {
  pass(100ms);
  lines.befall(stalled(1s, false));
  send(1);
  pass(999ms);
  EXPECT_THAT(log->batches, IsEmpty());
  pass(100ms);
  EXPECT_THAT(log->batches, ElementsAre(1));
  EXPECT_THAT(ends(), IsEmpty());
}

TEST_P(network_test, refuses_a_dial_where_nobody_listens) {
  pass(100ms);
  lines.end_process(writer);
  pass(1s);
  port = dial_only();
  pass(100ms);
  EXPECT_THAT(ends(), ElementsAre(HasSubstr("lost"), HasSubstr("refused")));
  port = dial();
  pass(100ms);
  EXPECT_THAT(log->hosts, SizeIs(2)); // and it serves again
}

TEST_P(network_test, tells_the_writer_of_an_edge_that_closes_and_the_edge_of_a_host_that_ends) {
  pass(100ms);
  port(link_close{});
  pass(100ms);
  EXPECT_EQ(log->gone, 1U);
  EXPECT_THAT(ends(), IsEmpty()); // who closes hears nothing more
  port = dial();
  pass(100ms);
  caf::anon_send_exit(log->hosts.back(), caf::exit_reason::kill);
  pass(100ms);
  EXPECT_THAT(ends(), ElementsAre(HasSubstr("the writer's end of the link has ended")));
}

TEST_P(network_test, repeats_a_frame_on_demand) {
  pass(100ms);
  lines.befall({.what = trouble::kind::batch_again});
  lines.befall({.what = trouble::kind::result_again});
  send(1);
  pass(100ms);
  EXPECT_THAT(log->batches, ElementsAre(1, 1));
  answer(1);
  pass(100ms);
  EXPECT_THAT(results(), ElementsAre(1, 1));
  EXPECT_FALSE(model.broken());
}

TEST_P(network_test, sees_more_than_the_credit) {
  pass(100ms);
  send(1), send(2);
  EXPECT_FALSE(model.broken());
  send(3);
  expect_broken("more than the credit of 2");
}

TEST_P(network_test, sees_a_sequence_out_of_turn) {
  pass(100ms);
  send(2);
  expect_broken("out of turn");
}

TEST_P(network_test, sees_a_batch_that_is_answered_twice) {
  pass(100ms);
  send(1);
  pass(100ms);
  answer(1);
  EXPECT_FALSE(model.broken());
  answer(1);
  expect_broken("answered twice");
}

} // namespace
} // namespace goloca::simulation
