#include "net/client/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace {

using namespace goloca::net::client;
using namespace std::chrono_literals;
using kind = reply::kind;
using verdict = point_reply::verdict;

struct client_outbox : testing::Test {
  std::deque<item> input;
  std::vector<std::string> refused; // "id code"
  time_point now = time_point{} + 1h;

  void points(int count, std::size_t padding = 0) {
    for (int i = 1; i <= count; ++i) {
      item one;
      one.id = std::to_string(i);
      one.text = "{\"id\":\"" + one.id + "\"}" + std::string(padding, ' ');
      input.push_back(one);
    }
  }
  outbox make(std::size_t window, std::size_t batch) {
    return {{window, batch, 1000},
            {[this]() -> std::optional<item> {
               if (input.empty()) return std::nullopt;
               auto first = input.front();
               input.pop_front();
               return first;
             },
             [this] { return input.empty(); },
             [this](const item& point, const point_reply& how) { refused.push_back(point.id + ' ' + how.code); },
             [] { return "777777"; }, [] { return 0.0; }}};
  }
  static std::string ids(const batch& of) {
    std::string all;
    for (const auto& one : of) all += (all.empty() ? "" : " ") + one.point.id;
    return all;
  }
  static reply all(const batch& of, verdict what, std::chrono::milliseconds wait = 0ms) {
    point_reply one{what, what == verdict::again ? "overloaded" : "", "", wait};
    return {kind::points, std::vector<point_reply>(of.size(), one), {}};
  }
};

TEST_F(client_outbox, keeps_no_more_than_the_window_unanswered) {
  points(10);
  auto box = make(5, 3);
  auto first = box.take(now, true);
  EXPECT_EQ(ids(first), "1 2 3");
  EXPECT_EQ(ids(box.take(now, true)), "4 5");
  EXPECT_EQ(ids(box.take(now, true)), "");
  auto got = all(first, verdict::stored);
  EXPECT_TRUE(box.settle(std::move(first), got, now));
  EXPECT_EQ(ids(box.take(now, true)), "6 7 8");
  EXPECT_EQ(box.counts().stored, 3u);
  EXPECT_EQ(box.unanswered(), 5u);
}

TEST_F(client_outbox, counts_points_that_wait_for_their_next_attempt_into_the_window) {
  points(10);
  auto box = make(4, 4);
  auto first = box.take(now, true);
  auto got = all(first, verdict::again, 1000ms);
  box.settle(std::move(first), got, now);
  EXPECT_EQ(ids(box.take(now, true)), "") << "an overloaded service is not sent more";
  EXPECT_EQ(box.due_after(now), now + 1000ms);
  EXPECT_EQ(ids(box.take(now + 999ms, true)), "");
  EXPECT_EQ(ids(box.take(now + 1000ms, true)), "1 2 3 4");
}

TEST_F(client_outbox, tells_when_to_take_again_from_when_was_taken_last) {
  points(2);
  auto box = make(2, 1);
  auto first = box.take(now, true);
  auto second = box.take(now, false);
  EXPECT_EQ(box.due_after(now), time_point::max()) << "only a reply changes that";
  auto got = all(first, verdict::again, 1000ms);
  box.settle(std::move(first), got, now);
  // However late it has become since the take: who slept on would not be woken.
  EXPECT_EQ(box.due_after(now + 999ms), now + 1000ms);
  std::vector<batch> large;
  large.push_back(std::move(second));
  large.push_back(box.take(now + 1000ms, false));
  box.give_back_smaller(std::move(large), now + 1s, "over the limit");
  EXPECT_EQ(ids(box.take(now + 1s, false)), "");
  EXPECT_EQ(box.due_after(now + 1s), time_point::max()) << "what must be alone waits for the replies to others";
}

TEST_F(client_outbox, keeps_messages_under_the_bound_of_bytes) {
  points(3, 600);
  auto box = make(10, 10);
  auto first = box.take(now, true);
  EXPECT_EQ(ids(first), "1 2") << "the bound is passed by one point at most";
  box.give_back(std::move(first), now, "lost");
  EXPECT_EQ(ids(box.take(now, true)), "1") << "what is known to be large is not put together again";
}

TEST_F(client_outbox, is_finished_when_every_point_has_its_end) {
  points(2);
  auto box = make(10, 10);
  EXPECT_FALSE(box.finished());
  auto sent = box.take(now, true);
  EXPECT_FALSE(box.finished());
  reply got{kind::points, {{verdict::duplicate, "", ""}, {verdict::refused, "conflict", "e"}}, {}};
  box.settle(std::move(sent), got, now);
  EXPECT_TRUE(box.finished());
  EXPECT_EQ(refused, std::vector<std::string>{"2 conflict"});
  EXPECT_EQ(box.counts().duplicates, 1u);
  EXPECT_EQ(box.unanswered(), 0u);
}

TEST_F(client_outbox, refuses_what_could_not_be_read_without_sending_it) {
  points(2);
  input[0].fault = "not JSON";
  auto box = make(10, 10);
  EXPECT_EQ(ids(box.take(now, true)), "2");
  EXPECT_EQ(refused, std::vector<std::string>{"1 unreadable"});
}

TEST_F(client_outbox, sends_lost_points_again_at_once_and_in_their_order) {
  points(4);
  auto box = make(4, 2);
  auto first = box.take(now, true);
  auto second = box.take(now, true);
  box.give_back(std::move(first), now, "closed");
  box.give_back(std::move(second), now, "closed");
  EXPECT_EQ(ids(box.take(now, true)), "1 2");
  EXPECT_EQ(ids(box.take(now, true)), "3 4");
  EXPECT_EQ(box.last_trouble(), "closed");
}

TEST_F(client_outbox, takes_a_refused_message_apart_until_the_point_at_fault_stands_alone) {
  points(8);
  auto box = make(8, 8);
  int messages = 0;
  while (!box.finished() && ++messages < 100) {
    auto sent = box.take(now, true);
    ASSERT_FALSE(sent.empty());
    auto spoilt = std::ranges::any_of(sent, [](const parcel& one) { return one.point.id == "6"; });
    auto got = spoilt ? reply{kind::unreadable, {}, {verdict::refused, "invalid", "no"}} : all(sent, verdict::stored);
    box.settle(std::move(sent), got, now);
  }
  EXPECT_EQ(refused, std::vector<std::string>{"6 invalid"});
  EXPECT_EQ(box.counts().stored, 7u);
  EXPECT_LE(messages, 12);
}

TEST_F(client_outbox, halves_its_messages_when_one_was_too_large_and_grows_them_again) {
  points(30);
  auto box = make(30, 8);
  auto sent = box.take(now, true);
  box.settle(std::move(sent), {kind::too_large, {}, {verdict::refused, "too_large", "no"}}, now);
  for (std::size_t size : {4U, 4U, 6U}) { // the two halves; each answer lets one more in
    sent = box.take(now, true);
    EXPECT_EQ(sent.size(), size);
    auto got = all(sent, verdict::stored);
    box.settle(std::move(sent), got, now);
  }
  EXPECT_TRUE(refused.empty());
}

TEST_F(client_outbox, finds_the_point_that_closes_the_connection_by_its_size) {
  points(4);
  auto box = make(4, 2);
  // Two messages of two were in flight on one connection when it was closed with 1009, then messages of one, then one
  // alone.
  std::vector<batch> both;
  both.push_back(box.take(now, true));
  both.push_back(box.take(now, false));
  box.give_back_smaller(std::move(both), now, "over the limit");
  std::vector<batch> singles;
  for (int i = 0; i < 4; ++i) singles.push_back(box.take(now, i == 0));
  EXPECT_EQ(ids(singles[0]), "1");
  box.give_back_smaller(std::move(singles), now, "over the limit");
  EXPECT_EQ(ids(box.take(now, false)), "") << "only alone on the connection from here on";
  std::vector<batch> alone;
  alone.push_back(box.take(now, true));
  EXPECT_EQ(ids(alone[0]), "1");
  box.give_back_smaller(std::move(alone), now, "over the limit");
  EXPECT_EQ(refused, std::vector<std::string>{"1 too_large"});
  EXPECT_EQ(ids(box.take(now, true)), "2");
}

TEST_F(client_outbox, gives_another_id_to_a_point_whose_own_was_taken) {
  points(1);
  input[0].own_id_at = 7;
  auto box = make(1, 1);
  auto sent = box.take(now, true);
  box.settle(std::move(sent), {kind::points, {{verdict::refused, "conflict", "taken"}}, {}}, now);
  sent = box.take(now, true);
  EXPECT_EQ(ids(sent), "777777");
  EXPECT_EQ(sent[0].point.text, R"({"id":"777777"})");
  EXPECT_TRUE(refused.empty());
}

TEST_F(client_outbox, puts_everything_back_after_nonsense) {
  points(2);
  auto box = make(2, 2);
  EXPECT_FALSE(box.settle(box.take(now, true), {kind::nonsense, {}, {}}, now));
  EXPECT_EQ(ids(box.take(now, true)), "1 2");
}

TEST_F(client_outbox, tells_a_stranger_from_a_service_that_is_away) {
  points(2);
  auto box = make(2, 1);
  auto sent = box.take(now, true);
  auto got = all(sent, verdict::stored);
  box.settle(std::move(sent), got, now);
  box.settle(box.take(now, true), {kind::stranger, {}, {verdict::again, "", "HTTP status 404"}}, now);
  EXPECT_EQ(box.stranger(), "") << "it has taken a point before";
  points(1);
  auto other = make(1, 1);
  other.settle(other.take(now, true), {kind::stranger, {}, {verdict::again, "", "HTTP status 404"}}, now);
  EXPECT_EQ(other.stranger(), "HTTP status 404");
}

TEST_F(client_outbox, counts_being_stuck_from_the_first_unanswered_point) {
  auto box = make(2, 1);
  EXPECT_EQ(ids(box.take(now, true)), "");
  points(2);
  auto sent = box.take(now + 1h, true);
  EXPECT_EQ(box.stuck_since(), now + 1h) << "an idle input is nobody's fault";
  auto got = all(sent, verdict::stored);
  auto other = box.take(now + 2h, true);
  box.settle(std::move(sent), got, now + 3h);
  EXPECT_EQ(box.stuck_since(), now + 3h);
}

TEST(client_backoff, doubles_to_two_seconds_and_does_as_it_is_told) {
  EXPECT_EQ(backoff(0, 0ms, 0.0), 50ms);
  EXPECT_EQ(backoff(0, 0ms, 1.0), 100ms);
  EXPECT_EQ(backoff(2, 0ms, 1.0), 400ms);
  EXPECT_EQ(backoff(1'000'000, 0ms, 1.0), 2000ms);
  EXPECT_EQ(backoff(1'000'000, 0ms, 0.0), 1000ms);
  EXPECT_EQ(backoff(0, 1000ms, 0.0), 1000ms);
  EXPECT_EQ(backoff(0, 1000ms, 1.0), 1250ms);
}

} // namespace
