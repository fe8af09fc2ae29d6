// Each promise that a drill guards, broken in the evidence alone, must be told.

#include "net/client/drill/judgement.hpp"
#include "net/client/drill/listening_witness.hpp"
#include "net/client/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca::net;
using namespace goloca::net::drill;
using namespace std::chrono_literals;
using client::content_digest;
using client::ledger_record;
using client::point_reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using verdict = client::point_reply::verdict;

const time_point zero{1h};

/// A run in which all went well: three points by the ledger, one of them sent again with another content and refused,
/// two by the lone sender.
struct a_judgement : testing::Test {
  fault what{.name = "a.fault", .what = "something happens", .strike = {}};
  evidence seen;
  run_result result;

  a_judgement() {
    for (std::int64_t id : {1, 2, 3}) {
      send(id, same(id));
      answer(id, same(id), verdict::stored);
      seen.found[id] = same(id);
    }
    send(3, other);
    answer(3, other, verdict::refused, "conflict");
    seen.lone = {{{7, 1}, 101, false}, {{7, 2}, 102, false}};
    seen.found[101] = content_digest{7, 1};
    seen.found[102] = content_digest{7, 2};
    seen.when = {.start = zero, .struck = zero + 1s, .in_force = zero + 1s, .cured = zero + 2s, .end = zero + 4s};
    for (auto at = 0ms; at < 4'000ms; at += 20ms) seen.notes.push_back({zero + at, heard::duplicate});
    seen.last_end = 0;
    seen.ready_at_the_end = true;
  }
  const content_digest other{9, 9};
  static content_digest same(std::int64_t id) { return {5, static_cast<std::uint64_t>(id)}; }

  void send(std::int64_t id, content_digest content) {
    seen.ledger.add({ledger_record::kind::sent, {id, content}, false, {}, {}});
  }
  void answer(std::int64_t id, content_digest content, verdict what_is, std::string code = {}) {
    seen.ledger.add({ledger_record::kind::answer, {id, content}, false, what_is, std::move(code)});
  }
  void hear(heard what_is, milliseconds at = 3'000ms) { seen.notes.push_back({zero + at, what_is}); }
  std::vector<std::string> broken() {
    judge(what, seen, result);
    return result.broken;
  }
};

TEST_F(a_judgement, has_nothing_to_say_when_all_went_well) {
  EXPECT_THAT(broken(), IsEmpty());
  EXPECT_EQ(result.points.sent, 6U) << "a conflict is a point of its own";
  EXPECT_EQ(result.points.acked, 5U);
  EXPECT_EQ(result.points.refused, 1U);
  EXPECT_EQ(result.points.lost + result.points.doubled + result.points.altered + result.points.unknown, 0U);
  EXPECT_EQ(result.recovered, 0ms);
}

TEST_F(a_judgement, finds_a_point_that_was_acked_and_is_not_there) {
  seen.found.erase(2);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point lost")));
  EXPECT_EQ(result.points.lost, 1U);
}

TEST_F(a_judgement, finds_a_lone_point_that_was_acked_and_is_not_there) {
  seen.found.erase(101);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point lost")));
}

TEST_F(a_judgement, finds_a_point_with_another_content) {
  seen.found[2] = other;
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point altered")));
}

TEST_F(a_judgement, finds_a_conflict_that_was_acked_instead_of_refused) {
  answer(3, other, verdict::duplicate);
  hear(meaning_of(errand::conflict, {verdict::duplicate, {}, {}}));
  EXPECT_THAT(broken(), testing::Contains(HasSubstr("1 point altered")));
}

TEST_F(a_judgement, finds_a_conflict_that_took_the_place_of_the_row) {
  seen.found[3] = other;
  EXPECT_THAT(broken(), testing::Contains(HasSubstr("altered")));
}

TEST_F(a_judgement, finds_a_lone_point_that_is_there_twice) {
  seen.found[103] = content_digest{7, 2};
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point doubled")));
}

TEST_F(a_judgement, lets_a_lone_point_be_there_once_though_its_answer_was_lost) {
  seen.lone.push_back({{7, 3}, 0, true});
  seen.lone.push_back({{7, 4}, 0, true});
  seen.found[104] = content_digest{7, 3};
  EXPECT_THAT(broken(), IsEmpty());
  EXPECT_EQ(result.points.unknown, 2U);
}

TEST_F(a_judgement, finds_a_replay_that_was_acked_as_new) {
  hear(heard::renewed, 900ms);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point doubled")));
}

TEST_F(a_judgement, finds_a_row_that_nobody_sent) {
  seen.found[500] = content_digest{1, 1};
  seen.found[501] = std::nullopt;
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("2 points there that nobody sent")));
}

TEST_F(a_judgement, finds_an_ack_in_a_time_in_which_nothing_could_be_committed) {
  hear(heard::stored, 1'900ms);
  EXPECT_THAT(broken(), IsEmpty());
  result = {};
  what.blocks_commits = true;
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("1 point acked while nothing could be committed")));
}

TEST_F(a_judgement, lets_answers_arrive_that_were_on_their_way_when_the_fault_began) {
  what.blocks_commits = true;
  hear(heard::stored, 1'200ms);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(a_judgement, finds_silence_on_a_connection_that_lives) {
  hear(heard::silent);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("without an answer by the deadline")));
  result = {};
  what.deafens = true;
  EXPECT_THAT(broken(), IsEmpty()) << "who stands still cannot speak";
}

TEST_F(a_judgement, finds_an_answer_too_many) {
  hear(heard::misfit);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("an answer too many")));
}

TEST_F(a_judgement, finds_a_valid_point_that_was_refused_for_good) {
  hear(heard::wrong);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("refused for good")));
  result = {};
  what.may_refuse = true;
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(a_judgement, finds_a_refusal_that_does_not_say_when_to_come_again) {
  hear(heard::mute);
  EXPECT_THAT(broken(), ElementsAre("1 point told to come again, but not when"));
}

TEST_F(a_judgement, takes_no_refusal_that_may_be_tried_again_amiss) {
  hear(heard::refused);
  hear(heard::lost);
  EXPECT_THAT(broken(), IsEmpty());
  EXPECT_EQ(result.refusals, 2U);
}

TEST_F(a_judgement, finds_refusals_where_the_service_is_to_mend_it_unseen) {
  hear(heard::refused);
  what.refusals = 1;
  EXPECT_THAT(broken(), IsEmpty());
  result = {};
  hear(heard::lost);
  if (sanitized) return; // its time may not do
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("2 points refused or lost")));
}

TEST_F(a_judgement, finds_points_that_never_get_their_answer) {
  seen.undrained = "3 points have no final answer";
  send(4, same(4));
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("3 points have no final answer")));
  EXPECT_EQ(result.points.unknown, 1U);
}

TEST_F(a_judgement, finds_a_recovery_that_is_too_late_or_never_comes) {
  std::erase_if(seen.notes, [](const note& each) { return each.at > zero + 1s && each.at < zero + 3'500ms; });
  what.recovery = 1'000ms / (sanitized ? 3 : 1);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("recovery took 1500 ms, the limit is ")));
  result = {};
  std::erase_if(seen.notes, [](const note& each) { return each.at > zero + 1s; });
  EXPECT_THAT(broken(), ElementsAre("no recovery"));
}

TEST_F(a_judgement, finds_an_outage_where_others_must_not_suffer) {
  std::erase_if(seen.notes, [](const note& each) { return each.at > zero + 1s && each.at < zero + 1'900ms; });
  EXPECT_THAT(broken(), IsEmpty());
  result = {};
  what.outage = 500ms / (sanitized ? 3 : 1);
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("an outage of 900 ms")));
}

/// A load on each of two edges: acks without a pause, but for the time in between.
struct a_judgement_of_a_cluster : a_judgement {
  a_judgement_of_a_cluster() {
    what.recovery = 1'000ms / (sanitized ? 3 : 1);
    what.outage = 500ms / (sanitized ? 3 : 1);
  }
  door without(milliseconds from, milliseconds to) const {
    door made{seen.notes};
    std::erase_if(made.notes, [&](const note& each) { return each.at > zero + from && each.at < zero + to; });
    return made;
  }
};

TEST_F(a_judgement_of_a_cluster, finds_an_outage_behind_the_one_door_that_has_it) {
  seen.doors = {without(0ms, 0ms), without(1'000ms, 1'900ms)};
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("an outage of 900 ms")));
}

TEST_F(a_judgement_of_a_cluster, bears_an_outage_of_the_edge_that_is_struck) {
  seen.doors = {without(0ms, 0ms), without(1'000ms, 1'900ms)};
  seen.doors[1].struck = true;
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(a_judgement_of_a_cluster, waits_for_the_last_door_to_recover) {
  seen.doors = {without(0ms, 0ms), without(1'000ms, 3'500ms)};
  seen.doors[1].struck = true;
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("recovery took 1500 ms, the limit is ")));
  result = {};
  seen.doors[1] = without(1'000ms, 5'000ms);
  seen.doors[1].struck = true;
  EXPECT_THAT(broken(), ElementsAre("no recovery"));
}

TEST_F(a_judgement, finds_memory_that_grew_past_its_limit) {
  seen.memory_before_kib = 50 * 1024;
  result.peak_memory_kib = 90 * 1024;
  EXPECT_THAT(broken(), IsEmpty()) << "nobody set a limit";
  what.growth_mebibytes = 30;
  if (sanitized) return; // its memory is the sanitizer's
  EXPECT_THAT(broken(), ElementsAre("its memory grew by 40 MiB, the limit is 30"));
}

TEST_F(a_judgement, finds_what_is_wrong_with_the_process) {
  seen.crashes = {70, 139};
  seen.last_end = 1;
  seen.ready_at_the_end = false;
  seen.unbalanced = true;
  EXPECT_THAT(broken(), ElementsAre("/readyz is not 200 in the end", "goloca ended with exit code 70 by itself",
                                    "goloca was ended by signal 11 by itself",
                                    "at its end, after SIGTERM, goloca ended with exit code 1",
                                    "its own account does not balance"));
  result = {};
  seen.last_end = std::nullopt;
  what.may_end_it = true;
  EXPECT_THAT(broken(), testing::Contains("at its end, after SIGTERM, goloca does not end"));
  EXPECT_THAT(result.broken, testing::Not(testing::Contains(HasSubstr("by itself"))));
}

TEST_F(a_judgement, finds_a_service_that_calls_itself_ready_while_it_is_not) {
  seen.before_the_cure = {.ready = true};
  EXPECT_THAT(broken(), IsEmpty());
  result = {};
  what.blocks_commits = true;
  EXPECT_THAT(broken(), ElementsAre("/readyz is 200 while nothing can be committed"));
}

TEST_F(a_judgement, finds_a_fault_that_is_not_shown) {
  seen.before_the_cure = {.ready = true, .faults = {"net.reset"}};
  what.shown = {"net.reset", "store.slow"};
  EXPECT_THAT(broken(), ElementsAre("/readyz does not show the fault store.slow"));
}

TEST_F(a_judgement, finds_a_queue_that_grew_past_its_bound) {
  seen.before_the_cure = {.queued = 100, .capacity = 100};
  EXPECT_THAT(broken(), IsEmpty());
  result = {};
  seen.before_the_cure->queued = 120;
  EXPECT_THAT(broken(), ElementsAre("120 points wait in a queue of 100"));
}

TEST(what_is_heard, follows_from_the_answer_and_from_what_the_point_was_sent_for) {
  auto of = [](errand what, verdict how, std::string code = {}, std::string error = {}) {
    return meaning_of(what, {how, std::move(code), std::move(error), 100ms});
  };
  EXPECT_EQ(of(errand::fresh, verdict::stored), heard::stored);
  EXPECT_EQ(of(errand::fresh, verdict::duplicate), heard::duplicate) << "its first answer was lost";
  EXPECT_EQ(of(errand::fresh, verdict::refused, "conflict"), heard::wrong);
  EXPECT_EQ(of(errand::replay, verdict::stored), heard::renewed);
  EXPECT_EQ(of(errand::replay, verdict::duplicate), heard::duplicate);
  EXPECT_EQ(of(errand::conflict, verdict::refused, "conflict"), heard::conflict);
  EXPECT_EQ(of(errand::conflict, verdict::refused, "invalid"), heard::wrong);
  EXPECT_EQ(of(errand::conflict, verdict::stored), heard::renewed);
  EXPECT_EQ(of(errand::fresh, verdict::again, "unavailable"), heard::refused);
  EXPECT_EQ(meaning_of(errand::fresh, {verdict::again, "unavailable", "x", 0ms}), heard::mute);
  std::string lost{client::lost_code};
  EXPECT_EQ(of(errand::fresh, verdict::again, lost, "127.0.0.1:1 closed the connection"), heard::lost);
  EXPECT_EQ(of(errand::fresh, verdict::again, lost, "127.0.0.1:1 does not answer in time"), heard::silent);
  EXPECT_EQ(of(errand::fresh, verdict::again, lost, std::string{client::does_not_fit}), heard::misfit);
}

TEST(a_lone_points_end, is_read_from_the_reply) {
  lone_point one;
  EXPECT_EQ(settle(one, R"({"status":"success","error":null,"id":"77"})"), heard::stored);
  EXPECT_EQ(one.id, 77);
  EXPECT_FALSE(one.unknown);
  lone_point two;
  EXPECT_EQ(settle(two, R"({"status":"failed","error":"x","id":"78","code":"timeout","retry_after_ms":100})"),
            heard::refused);
  EXPECT_TRUE(two.unknown);
  EXPECT_EQ(two.id, 0);
  lone_point three;
  EXPECT_EQ(settle(three, R"({"status":"failed","error":"x","id":null,"code":"unavailable","retry_after_ms":100})"),
            heard::refused);
  EXPECT_EQ(settle(three, R"({"status":"failed","error":"x","id":null,"code":"unavailable"})"), heard::mute);
  EXPECT_FALSE(three.unknown);
  EXPECT_EQ(settle(three, R"({"status":"failed","error":"x","id":"1","code":"invalid"})"), heard::wrong);
  EXPECT_EQ(settle(three, R"({"status":"success","error":null,"id":"5","duplicate":true})"), heard::wrong);
  EXPECT_EQ(settle(three, R"({"status":"success","error":null})"), heard::misfit);
  EXPECT_EQ(settle(three, "[]"), heard::misfit);
  EXPECT_EQ(settle(three, "what?"), heard::misfit);
}

TEST(a_lone_points_end, is_a_misfit_where_members_are_not_what_they_should_be) {
  lone_point one;
  for (const auto* reply :
       {R"({"status":7,"id":"5"})", R"({"status":"success","id":null})", R"({"status":"success","id":5})",
        R"({"status":"success","id":"-5"})", R"({"status":"success","id":"5x"})"}) {
    EXPECT_EQ(settle(one, reply), heard::misfit) << reply;
    EXPECT_EQ(one.id, 0) << reply;
  }
  EXPECT_EQ(settle(one, R"({"status":"failed","code":null})"), heard::wrong);
  EXPECT_EQ(settle(one, R"({"status":"success","id":"5","duplicate":"no"})"), heard::stored);
}

} // namespace
