// What one connection of the bench says and counts, without a socket and in a time of the test's own.

#include "net/client/load/conversation.hpp"
#include "net/websocket_frame.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace goloca::net::load;
using namespace std::chrono_literals;
using goloca::net::bench_options;
using failures = std::map<std::string, std::uint64_t, std::less<>>;

const goloca::net::client::url here{"127.0.0.1", "8080", ""};
constexpr std::size_t plenty = std::size_t{1} << 20;
const time_point start{1'000s};

/// One conversation of a run with these options.
struct talk {
  explicit talk(const bench_options& with, std::size_t index = 0)
      : when{with, start}, warm_up{start}, counted{start + with.warmup}, speaks{speak_websocket(here, with.array > 1)},
        one{{*speaks, when, scanner, warm_up, counted},
            {index, with.connections, with.window, 1'000, 1'000'000, with.replays}} {}

  /// How many messages it says, by the number of bytes: ids of 4 digits.
  std::size_t speak(time_point now) {
    out.clear();
    auto before = one.in_flight();
    one.speak(now, out, plenty);
    return one.in_flight() - before;
  }
  std::string listen(std::string_view text, time_point now) {
    auto frame = goloca::net::frame_head(goloca::net::frame_kind::text, text.size()) + std::string{text};
    auto heard = one.listen(frame, now, out);
    EXPECT_TRUE(heard.used == frame.size() || !heard.broken.empty());
    return heard.broken;
  }
  std::string acked() const {
    std::ostringstream text;
    one.acked().write(text);
    return text.str();
  }

  pace when;
  reply_scanner scanner;
  tally warm_up, counted;
  std::unique_ptr<wire> speaks;
  conversation one;
  std::string out;
};

std::string success(std::uint64_t id, bool duplicate = false) {
  return R"({"status":"success","error":null,"id":")" + std::to_string(id) +
         (duplicate ? R"(","duplicate":true})" : R"("})");
}

bench_options options(std::size_t window, std::size_t array = 1) {
  return {.connections = 1, .window = window, .array = array, .duration = 10s};
}

TEST(conversation, fills_its_window_again_as_replies_come) {
  talk with{options(3)};
  EXPECT_EQ(with.speak(start), 3U);
  EXPECT_EQ(with.speak(start), 0U);
  EXPECT_EQ(with.listen(success(1'000), start + 2ms), "");
  EXPECT_EQ(with.listen(success(1'001, true), start + 4ms), "");
  EXPECT_EQ(with.speak(start + 4ms), 2U);
  EXPECT_EQ(with.counted.sent(), 5U);
  EXPECT_EQ(with.counted.stored(), 1U);
  EXPECT_EQ(with.counted.duplicates(), 1U);
  EXPECT_EQ(with.counted.latencies().max(), 4ms);
  EXPECT_EQ(with.acked(), "1000\n1001\n") << "a duplicate is stored as well";
}

TEST(conversation, takes_replies_that_are_cut_anywhere) {
  talk with{options(2)};
  with.speak(start);
  auto frame = [](const std::string& text) {
    return goloca::net::frame_head(goloca::net::frame_kind::text, text.size()) + text;
  };
  auto bytes = frame(success(1'000)) + frame(success(1'001));
  std::string rest;
  for (auto byte : bytes) {
    rest += byte;
    rest.erase(0, with.one.listen(rest, start, with.out).used);
  }
  EXPECT_EQ(rest, "");
  EXPECT_EQ(with.counted.stored(), 2U);
}

TEST(conversation, counts_a_reply_in_the_wrong_place_as_misordered) {
  talk with{options(2)};
  with.speak(start);
  with.listen(success(1'001), start);
  with.listen(success(1'000), start);
  EXPECT_EQ(with.counted.failed_by_code(), (failures{{"misordered", 2}}));
  EXPECT_EQ(with.counted.stored(), 0U);
  EXPECT_EQ(with.acked(), "");
}

TEST(conversation, counts_failures_by_their_code) {
  talk with{options(4)};
  with.speak(start);
  with.listen(R"({"status":"failed","error":"e","id":"1000","code":"overloaded"})", start);
  with.listen(R"({"status":"failed","error":"e","id":null,"code":"invalid"})", start);
  with.listen(R"({"status":"failed"})", start);
  with.listen("hello", start);
  EXPECT_EQ(with.counted.failed_by_code(),
            (failures{{"overloaded", 1}, {"invalid", 1}, {"no_code", 1}, {"unreadable", 1}}));
  EXPECT_EQ(with.counted.latencies().count(), 0U) << "only successes have a latency";
}

TEST(conversation, gives_each_point_of_an_array_its_verdict) {
  talk with{options(2, 3)};
  EXPECT_EQ(with.speak(start), 2U);
  with.listen('[' + success(1'000) + R"(,{"status":"failed","id":"1001","code":"conflict"},)" + success(1'002) + ']',
              start + 1ms);
  with.listen(R"({"status":"failed","error":"e","id":null,"code":"too_large"})", start + 1ms);
  EXPECT_EQ(with.counted.sent(), 6U);
  EXPECT_EQ(with.counted.stored(), 2U);
  EXPECT_EQ(with.counted.failed_by_code(), (failures{{"conflict", 1}, {"too_large", 3}}));
  EXPECT_EQ(with.counted.latencies().count(), 2U);
  EXPECT_EQ(with.acked(), "1000\n1002\n");
}

TEST(conversation, counts_an_array_with_a_verdict_too_few_as_unreadable) {
  talk with{options(1, 2)};
  with.speak(start);
  with.listen('[' + success(1'000) + ']', start);
  EXPECT_EQ(with.counted.failed_by_code(), (failures{{"unreadable", 2}}));
}

TEST(conversation, ends_at_a_reply_to_nothing) {
  talk with{options(1)};
  EXPECT_NE(with.listen(success(1'000), start), "");
}

TEST(conversation, stops_at_the_points_and_at_the_end) {
  auto few = options(10, 4);
  few.points = 6;
  talk with{few};
  EXPECT_EQ(with.speak(start), 2U);
  EXPECT_EQ(with.counted.sent(), 6U) << "the last array is shorter";
  talk late{options(10)};
  EXPECT_EQ(late.speak(start + 10s), 0U);
}

TEST(conversation, counts_the_warm_up_apart) {
  auto warm = options(1);
  warm.warmup = 1s;
  talk with{warm};
  with.speak(start + 999ms);
  with.listen(success(1'000), start + 1'500ms);
  with.speak(start + 1'500ms);
  with.listen(success(1'001), start + 1'502ms);
  EXPECT_EQ(with.warm_up.stored(), 1U);
  EXPECT_EQ(with.counted.stored(), 1U);
  EXPECT_EQ(with.counted.latencies().max(), 2ms);
  EXPECT_EQ(with.acked(), "1000\n1001\n");
}

TEST(conversation, gives_up_what_has_no_answer) {
  talk with{options(3)};
  with.speak(start);
  with.listen(success(1'000), start);
  with.one.give_up();
  EXPECT_EQ(with.counted.unanswered(), 2U);
  EXPECT_EQ(with.one.in_flight(), 0U);
}

// -- the open loop ------------------------------------------------------------------------------------

bench_options schedule(std::size_t window) {
  return {.connections = 2, .window = window, .rate = 1'000, .duration = 10s}; // each of two: every 2 ms
}

TEST(conversation, counts_a_latency_from_the_intended_time) {
  talk with{schedule(1), 1};
  EXPECT_EQ(with.speak(start), 0U) << "not yet due";
  for (int i = 0; i < 3; ++i) with.one.add_due(); // at 1, 3 and 5 ms
  EXPECT_EQ(with.speak(start + 5ms), 1U);
  EXPECT_EQ(with.one.behind(), 2U) << "the window is full";
  with.listen(success(1'000), start + 100ms); // a stall
  EXPECT_EQ(with.speak(start + 100ms), 1U);
  with.listen(success(1'001), start + 101ms);
  EXPECT_EQ(with.counted.latencies().max(), 99ms);
  EXPECT_GE(with.counted.latencies().quantile(0.5), 98ms) << "the second waited for the first";
}

TEST(pace, has_messages_due_in_equal_steps_up_to_the_end) {
  pace when{schedule(1), start};
  EXPECT_EQ(when.due_by(start - 1ms), 0U);
  EXPECT_EQ(when.due_by(start), 1U);
  EXPECT_EQ(when.due_by(start + 1'500us), 2U);
  EXPECT_EQ(when.due_by(start + 10s), 10'000U);
  EXPECT_EQ(when.due_by(start + 20s), 10'000U) << "none is due behind the end";
  EXPECT_EQ(when.intended(7), start + 7ms);
}

// -- replays ------------------------------------------------------------------------------------------

TEST(conversation, sends_its_share_of_acked_points_again) {
  auto again = options(1);
  again.replays = 0.25;
  talk with{again};
  std::set<std::string> seen;
  for (int i = 0; i < 400; ++i) {
    with.speak(start);
    auto at = with.out.find(R"("id":")") + 6;
    auto id = with.out.substr(at, with.out.find('"', at) - at);
    with.listen(success(std::stoull(id), !seen.insert(id).second), start);
  }
  EXPECT_EQ(with.counted.duplicates(), 100U);
  EXPECT_EQ(with.counted.stored(), 300U);
  EXPECT_EQ(with.counted.failed(), 0U);
}

TEST(conversation, replays_nothing_before_something_is_acked) {
  auto again = options(5);
  again.replays = 1;
  talk with{again};
  EXPECT_EQ(with.speak(start), 5U);
  for (std::uint64_t i = 0; i < 5; ++i) with.listen(success(1'000 + i), start);
  EXPECT_EQ(with.counted.stored(), 5U);
  EXPECT_EQ(with.counted.failed(), 0U);
}

TEST(acked_ids, finds_runs_of_acked_ids_only) {
  acked_ids all;
  std::minstd_rand chance;
  EXPECT_FALSE(all.pick(1, chance));
  for (std::uint64_t id : {10U, 11U, 12U, 20U, 30U, 31U}) all.add(id);
  for (int i = 0; i < 100; ++i) {
    auto found = all.pick(2, chance).value_or(10); // nothing, when its few tries all met the 20
    EXPECT_TRUE(found == 10 || found == 11 || found == 30) << found;
  }
  EXPECT_FALSE(all.pick(4, chance));
}

} // namespace
