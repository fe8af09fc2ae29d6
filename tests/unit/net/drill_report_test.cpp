// The drill's table, JSON and page, and which runs there are.

#include "net/client/drill/errands.hpp"
#include "net/client/drill/matrix.hpp"
#include "net/client/drill/report/page.hpp"
#include "net/client/drill/report/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace {

using namespace goloca::net::drill;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

run_result kept() {
  run_result made;
  made.fault = "postgres.frozen";
  made.what = "stands <still>";
  made.over = transport::websocket;
  made.on = store_kind::postgres;
  made.points = {2'000, 1'900, 90, 0, 0, 0, 10};
  made.outage = 1'834ms;
  made.recovered = 96ms;
  made.recovery_limit = 2'000ms;
  made.plot = {{10, 0, 0, 12}, {0, 7, 1, 0}, 1, 2.5};
  return made;
}

run_result broken() {
  auto made = kept();
  made.fault = "goloca.killed";
  made.points.lost = 3;
  made.recovered.reset();
  made.broken = {"3 points lost: acked, but not there", "no recovery"};
  return made;
}

run_result skipped() {
  run_result made;
  made.fault = "postgres.disk-full";
  made.on = store_kind::postgres;
  made.skipped = "no PostgreSQL is installed";
  return made;
}

TEST(drill_table, has_a_line_a_run_and_says_what_was_broken_and_what_left_out) {
  EXPECT_EQ(
      to_table({kept(), broken(), skipped()}),
      "         fault               over       on        sent  acked  refused  lost  doubled  altered  unknown  outage"
      "  recovery\n"
      "kept     postgres.frozen     websocket  postgres  2000   1900       90     0        0        0       10  1.83 s"
      "    0.10 s\n"
      "BROKEN   goloca.killed       websocket  postgres  2000   1900       90     3        0        0       10  1.83 s"
      "      none\n"
      "skipped  postgres.disk-full  http       postgres\n"
      "BROKEN goloca.killed/websocket/postgres: 3 points lost: acked, but not there\n"
      "BROKEN goloca.killed/websocket/postgres: no recovery\n"
      "skipped 1: no PostgreSQL is installed\n"
      "1 kept every promise, 1 broke one, 1 skipped\n");
}

TEST(drill_table, is_well_when_no_promise_was_broken) {
  EXPECT_TRUE(all_kept({kept(), skipped()}));
  EXPECT_FALSE(all_kept({kept(), broken()}));
}

TEST(drill_json, says_the_same_to_programs) {
  auto read = nlohmann::json::parse(to_json({kept(), broken(), skipped()}));
  EXPECT_EQ(read["kept"], false);
  ASSERT_EQ(read["runs"].size(), 3U);
  EXPECT_EQ(read["runs"][0]["kept"], true);
  EXPECT_EQ(read["runs"][0]["recovery_ms"], 96);
  EXPECT_EQ(read["runs"][0]["acked_by_slot"], nlohmann::json({10, 0, 0, 12}));
  EXPECT_EQ(read["runs"][1]["lost"], 3);
  EXPECT_EQ(read["runs"][1]["recovery_ms"], nullptr);
  EXPECT_EQ(read["runs"][1]["broken"].size(), 2U);
  EXPECT_EQ(read["runs"][2]["kept"], false);
  EXPECT_EQ(read["runs"][2]["skipped"], "no PostgreSQL is installed");
}

TEST(drill_page, stands_alone_with_a_plot_for_each_run_that_was_done) {
  auto page = to_page({kept(), broken(), skipped()});
  std::size_t plots = 0;
  for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1)) ++plots;
  EXPECT_EQ(plots, 2U);
  EXPECT_THAT(page, HasSubstr("stands &lt;still&gt;"));
  EXPECT_THAT(page, HasSubstr("3 points lost"));
  for (const auto* foreign : {"http://", "https://", "<script", "<link", "url("})
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
}

TEST(drill_plot, shades_the_time_of_the_fault) {
  auto plot = to_plot(kept().plot);
  EXPECT_THAT(plot, HasSubstr("<rect x='254.0' y='0' width='303.0'")) << "a quarter from the left, three eighths wide";
  EXPECT_THAT(plot, HasSubstr("240.0/s")) << "12 in a slot of 50 ms";
  EXPECT_EQ(to_plot({}), "");
}

TEST(drill_matrix, names_every_run_once_and_the_quick_one_every_fault) {
  auto faults = all_faults();
  ASSERT_GE(faults.size(), 25U);
  std::set<std::string> names, quick_faults;
  auto whole = whole_matrix(faults);
  for (const auto& each : whole) names.insert(name_of(each));
  EXPECT_EQ(names.size(), whole.size());
  for (const auto& each : quick_matrix(faults)) {
    quick_faults.insert(each.what->name);
    EXPECT_EQ(names.count(name_of(each)), 1U);
  }
  EXPECT_EQ(quick_faults.size(), faults.size());
}

TEST(drill_matrix, gives_the_quick_form_both_transports_and_both_stores) {
  auto faults = all_faults();
  std::set<std::pair<transport, store_kind>> seen;
  for (const auto& each : quick_matrix(faults)) seen.emplace(each.over, each.on);
  EXPECT_EQ(seen.size(), 4U);
}

TEST(drill_matrix, is_narrowed_by_an_expression) {
  auto faults = all_faults();
  auto some = matching(whole_matrix(faults), std::regex{"^goloca\\.(killed|frozen)/http"});
  ASSERT_EQ(some.size(), 4U);
  for (const auto& each : some) EXPECT_EQ(each.over, transport::http);
}

TEST(drill_faults, say_why_where_they_may_take_longer_than_two_seconds) {
  for (const auto& each : all_faults()) {
    EXPECT_FALSE(each.what.empty()) << each.name;
    EXPECT_TRUE(each.strike) << each.name;
    EXPECT_EQ(each.recovery > 2'000ms, !each.because.empty()) << each.name;
    EXPECT_FALSE(each.stores.empty() || each.transports.empty()) << each.name;
  }
}

TEST(drill_errands, send_acked_points_again_as_they_were_and_changed) {
  errands points{1'000, 1e6, 1};
  std::set<std::string> fresh;
  std::size_t replays = 0, conflicts = 0;
  for (int i = 0; i < 1'000; ++i) {
    auto one = points.next();
    ASSERT_TRUE(one);
    auto id = std::stoll(one->id);
    auto as_first = ride_of(id, 0);
    switch (static_cast<errand>(one->line)) {
    case errand::fresh:
      EXPECT_TRUE(fresh.insert(one->id).second) << "each once";
      EXPECT_EQ(one->text, as_first);
      if (i % 2 == 0) points.acked(id);
      break;
    case errand::replay:
      ++replays;
      EXPECT_EQ(fresh.count(one->id), 1U);
      EXPECT_EQ(one->text, as_first);
      break;
    case errand::conflict:
      ++conflicts;
      EXPECT_EQ(fresh.count(one->id), 1U);
      EXPECT_NE(one->text, as_first);
      break;
    }
  }
  EXPECT_GT(replays, 60U);
  EXPECT_GT(conflicts, 30U);
}

TEST(drill_errands, end_when_they_are_stopped) {
  errands points{1, 0.001, 1}; // the first is due in a quarter of an hour
  points.stop();
  EXPECT_FALSE(points.next());
}

} // namespace
