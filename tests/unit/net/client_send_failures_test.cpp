#include "client_send_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <set>
#include <sstream>
#include <streambuf>

namespace {

using namespace goloca::net;
using namespace goloca::net::client;
using namespace std::chrono_literals;

struct client_send_failures : sending_both_ways {};
INSTANTIATE_TEST_SUITE_P(over, client_send_failures, testing::Bool(), way_name);

TEST_P(client_send_failures, sends_again_what_was_in_flight_when_the_connection_was_dropped) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    if (nth % 3 == 1) return {nth % 2 == 0 ? act::drop : act::half, 200, s.answer(s.keep_all(points)).body, 0};
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(200));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("200 sent: ")) << done.out;
  EXPECT_NE(done.out.find(" 0 refused in "), std::string::npos) << done.out;
  EXPECT_EQ(service.kept().size(), 200u);
}

TEST_P(client_send_failures, reconnects_when_a_reply_makes_no_sense) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    auto results = s.keep_all(points);
    if (nth == 1) results.erase(results.begin()); // fewer than were announced
    if (nth == 3) results[0]["id"] = "4711";
    if (nth == 5) return {act::answer, 200, "<html>what?</html>", 0};
    return s.answer(results);
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(service.kept().size(), 100u);
  EXPECT_TRUE(done.out.starts_with("100 sent: ")) << done.out;
}

TEST_P(client_send_failures, does_not_wait_for_a_service_that_went_silent) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    if (nth == 1) return {act::silence, 200, "", 0};
    return s.answer(s.keep_all(points));
  }};
  auto with = options(service);
  with.reply_timeout = 300ms;
  auto done = run(with, rides(50));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("50 sent: 50 stored")) << done.out;
}

TEST_P(client_send_failures, gives_up_with_69_when_no_answer_comes_at_all) {
  fake_service service{[](auto&, auto, const json&) -> fake_service::action { return {act::silence, 200, "", 0}; }};
  auto with = options(service);
  with.reply_timeout = 100ms;
  with.give_up_after = 700ms;
  auto done = run(with, rides(50));
  EXPECT_EQ(done.code, 69);
  EXPECT_NE(done.out.find("40 without an answer"), std::string::npos) << done.out;
  EXPECT_NE(done.err.find("does not answer in time"), std::string::npos) << done.err;
}

TEST_P(client_send_failures, gives_up_with_69_where_nothing_listens) {
  send_options with;
  with.websocket = GetParam();
  {
    fake_service gone{[](auto&, auto, const json&) { return fake_service::action{}; }};
    with.url = gone.url();
  }
  with.give_up_after = 300ms;
  auto done = run(with, rides(3));
  EXPECT_EQ(done.code, 69);
  EXPECT_NE(done.err.find("nothing listens at 127.0.0.1:"), std::string::npos) << done.err;
  EXPECT_TRUE(done.out.starts_with("3 sent: 0 stored, 0 duplicates, 0 refused, 3 without an answer")) << done.out;
}

TEST_P(client_send_failures, outlives_a_restart_of_the_service) {
  std::promise<void> answered;
  auto script = [&, first = true](auto& s, auto, const json& points) mutable {
    if (std::exchange(first, false)) answered.set_value();
    return s.answer(s.keep_all(points));
  };
  std::promise<void> more;
  /// The second half of the input comes only once the first service is gone.
  struct two_parts : std::streambuf {
    std::string first;
    std::string second;
    std::future<void> gate;
    int part = 0;
    int_type underflow() override {
      if (part == 2) return traits_type::eof();
      if (part == 1) gate.wait();
      auto& now = part++ == 0 ? first : second;
      setg(now.data(), now.data(), now.data() + now.size());
      return traits_type::to_int_type(now[0]);
    }
  } input;
  auto all = rides(60);
  auto half = all.find("\n30,") + 1;
  input.first = all.substr(0, half);
  input.second = all.substr(half);
  input.gate = more.get_future();
  auto first = std::make_unique<fake_service>(script);
  auto port = first->port();
  auto with = options(*first);
  with.file = "-";
  std::istream in{&input};
  std::ostringstream out;
  std::ostringstream err;
  auto sending = std::async(std::launch::async, [&] { return run_send(with, in, out, err); });
  answered.get_future().wait();
  auto kept = first->kept();
  first.reset();
  more.set_value();
  fake_service second{[&](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }, port};
  EXPECT_EQ(sending.get(), 0) << err.str();
  std::set<std::string> stored;
  for (const auto& [id, point] : kept) stored.insert(id);
  for (const auto& [id, point] : second.kept()) stored.insert(id);
  EXPECT_GE(second.kept().size(), 31u);
  EXPECT_TRUE(out.str().starts_with("60 sent: ")) << out.str();
}

TEST_P(client_send_failures, sends_the_same_id_again_for_a_point_that_came_without) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    auto results = s.keep_all(points);
    if (nth == 0) return {act::drop, 200, "", 0}; // stored, but the answer is lost
    return s.answer(results);
  }};
  auto done = run(options(service), "{\"user_id\":\"u\",\"vehicle_model_id\":\"v\"}\n");
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(done.out.starts_with("1 sent: 0 stored, 1 duplicates")) << done.out;
  EXPECT_EQ(service.kept().size(), 1u);
}

TEST_P(client_send_failures, finds_the_one_point_that_spoils_its_message) {
  fake_service service{[](auto& s, auto, const json& points) {
    for (const auto& point : points) {
      if (point["id"] == "17") return s.answer_whole(400, "invalid", "too deep");
    }
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(done.out.starts_with("100 sent: 99 stored, 0 duplicates, 1 refused")) << done.out;
  EXPECT_NE(done.err.find("line 18: invalid: too deep"), std::string::npos) << done.err;
}

TEST_P(client_send_failures, makes_messages_smaller_that_are_too_large) {
  fake_service service{[](auto& s, auto, const json& points) -> fake_service::action {
    auto large = std::ranges::any_of(points, [](const json& one) { return one["id"] == "55"; });
    if (points.size() > 4 || large) {
      if (GetParam()) return {act::close, 0, "", 1009};
      return s.answer_whole(413, "too_large", "over the limit");
    }
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 1) << done.err;
  EXPECT_TRUE(done.out.starts_with("100 sent: 99 stored, 0 duplicates, 1 refused")) << done.out;
  EXPECT_NE(done.err.find("line 56: too_large"), std::string::npos) << done.err;
}

TEST_P(client_send_failures, waits_out_a_service_that_is_unavailable_as_a_whole) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) {
    return nth < 6 ? s.answer_whole(503, "unavailable", "no database") : s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(30));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("30 sent: 30 stored")) << done.out;
}

} // namespace
