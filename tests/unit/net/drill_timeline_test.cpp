// What the drill makes of the moments at which points were acked.

#include "net/client/drill/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <optional>

namespace {

using namespace goloca::net::drill;
using namespace std::chrono_literals;
using testing::Each;

const time_point zero{1h};

/// Load for five seconds, a fault from the first to the second.
const phases usual{.start = zero, .struck = zero + 1s, .in_force = zero + 1s, .cured = zero + 2s, .end = zero + 5s};

void ack_each_10ms(std::vector<note>& to, milliseconds from, milliseconds until) {
  for (auto at = from; at < until; at += 10ms) to.push_back({zero + at, heard::stored});
}

/// Acks all the time but between these.
std::vector<note> with_a_gap(milliseconds from, milliseconds until) {
  std::vector<note> notes;
  ack_each_10ms(notes, 0ms, from);
  ack_each_10ms(notes, until, 5'000ms);
  return notes;
}

TEST(drill_timeline, finds_no_outage_worth_a_word_where_there_was_none) {
  auto notes = with_a_gap(0ms, 0ms);
  EXPECT_LE(longest_outage(notes, usual), 10ms);
  EXPECT_EQ(recovery(notes, usual), 0ms);
}

TEST(drill_timeline, counts_the_recovery_from_the_cure_and_not_from_the_blow) {
  auto notes = with_a_gap(1'000ms, 2'700ms);
  EXPECT_EQ(longest_outage(notes, usual), 1'710ms);
  EXPECT_EQ(recovery(notes, usual), 700ms);
}

TEST(drill_timeline, counts_a_recovery_until_the_last_pause_that_is_not_short) {
  auto notes = with_a_gap(1'000ms, 2'300ms);
  std::erase_if(notes, [](const note& each) { return each.at > zero + 2'400ms && each.at < zero + 3'100ms; });
  EXPECT_EQ(recovery(notes, usual), 1'100ms);
}

TEST(drill_timeline, has_no_recovery_where_no_point_is_acked_any_more) {
  EXPECT_EQ(recovery(with_a_gap(1'000ms, 5'000ms), usual), std::nullopt);
  EXPECT_EQ(recovery(with_a_gap(3'000ms, 5'000ms), usual), std::nullopt) << "it came back, and went again";
  EXPECT_EQ(recovery({}, usual), std::nullopt);
  EXPECT_EQ(longest_outage({}, usual), 5'000ms);
}

TEST(drill_timeline, does_not_take_a_refusal_for_an_ack) {
  auto notes = with_a_gap(1'000ms, 2'700ms);
  for (auto what : {heard::refused, heard::lost, heard::silent, heard::wrong, heard::misfit, heard::conflict})
    notes.push_back({zero + 2'100ms, what});
  EXPECT_EQ(recovery(notes, usual), 700ms);
}

TEST(drill_timeline, leaves_out_what_is_acked_when_no_new_points_come) {
  auto notes = with_a_gap(1'000ms, 5'000ms);
  notes.push_back({zero + 6s, heard::stored});
  EXPECT_EQ(recovery(notes, usual), std::nullopt);
}

TEST(drill_timeline, is_drawn_in_slots_from_the_start_of_the_load) {
  auto notes = with_a_gap(1'000ms, 2'000ms);
  notes.push_back({zero + 1'020ms, heard::refused});
  notes.push_back({zero + 1'030ms, heard::lost});
  notes.push_back({zero - 1ms, heard::stored});
  auto plot = draw(notes, usual);
  ASSERT_EQ(plot.acked.size(), 101U);
  EXPECT_THAT(std::vector(plot.acked.begin(), plot.acked.begin() + 20), Each(5U));
  EXPECT_THAT(std::vector(plot.acked.begin() + 20, plot.acked.begin() + 40), Each(0U));
  EXPECT_EQ(plot.refused[20], 2U);
  EXPECT_EQ(std::accumulate(plot.refused.begin(), plot.refused.end(), 0U), 2U);
  EXPECT_DOUBLE_EQ(plot.struck, 20);
  EXPECT_DOUBLE_EQ(plot.cured, 40);
}

TEST(drill_timeline, counts_new_acks_in_a_window) {
  auto notes = with_a_gap(0ms, 0ms);
  notes.push_back({zero + 1'500ms, heard::duplicate});
  EXPECT_EQ(stored_between(notes, zero + 1s, zero + 2s), 99U);
}

TEST(drill_timeline, forgives_a_replay_acked_as_new_where_the_service_may_have_written_it_twice) {
  std::vector<note> notes;
  for (auto at : {900ms, 1'500ms, 4'100ms}) notes.push_back({zero + at, heard::renewed});
  EXPECT_EQ(doubled_answers(notes, usual), 1U) << "the first";
  auto disturbed = usual;
  disturbed.undisturbed = false;
  EXPECT_EQ(doubled_answers(notes, disturbed), 0U);
}

} // namespace
