#include "net/client/progress.hpp"
#include "net/client/rejects.hpp"
#include "net/client/url.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace {

using namespace goloca::net::client;
using namespace std::chrono_literals;

standing half_way() {
  standing now;
  now.counts = {.read = 600, .stored = 400, .duplicates = 50, .refused = 50, .again = 0};
  now.consumed = 6000;
  now.total = 10'000;
  now.elapsed = 200ms;
  return now;
}

TEST(client_progress, estimates_what_is_done_from_the_bytes_read_and_the_points_answered) {
  EXPECT_DOUBLE_EQ(done_part(half_way()), 0.5);
  auto pipe = half_way();
  pipe.total = 0;
  EXPECT_LT(done_part(pipe), 0) << "nobody knows how long a pipe is";
  EXPECT_EQ(done_part({.counts = {}, .consumed = 0, .total = 10, .elapsed = 0ms, .trouble = ""}), 0);
}

TEST(client_progress, draws_a_bar_that_fits_a_terminal) {
  EXPECT_EQ(bar_line(half_way()), "[==========>         ]  50%  450 acked, 50 refused, 2,500/s, ETA 0:01");
  auto stuck = half_way();
  stuck.trouble = std::string(200, 'x');
  EXPECT_LE(bar_line(stuck).size(), 79u);
}

TEST(client_progress, draws_no_bar_when_the_length_is_not_known) {
  auto pipe = half_way();
  pipe.total = 0;
  EXPECT_EQ(bar_line(pipe), "450 acked, 50 refused, 2,500/s");
}

TEST(client_progress, says_why_nothing_goes_on) {
  auto stuck = half_way();
  stuck.trouble = "nothing listens at localhost:8080";
  EXPECT_EQ(plain_line(stuck), "450 acked, 50 refused, 2,500/s (nothing listens at localhost:8080; trying again)");
}

TEST(client_progress, sums_up_in_one_line) {
  standing end;
  end.counts = {.read = 1000, .stored = 990, .duplicates = 8, .refused = 2, .again = 0};
  end.elapsed = 400ms;
  EXPECT_EQ(summary_line(end), "1000 sent: 990 stored, 8 duplicates, 2 refused in 0.4 s (2,500/s)");
  end.counts.read = 1005;
  EXPECT_EQ(summary_line(end),
            "1005 sent: 990 stored, 8 duplicates, 2 refused, 5 without an answer in 0.4 s (2,500/s)");
  EXPECT_EQ(summary_line({}), "0 sent: 0 stored, 0 duplicates, 0 refused in 0.0 s (0/s)");
}

TEST(client_progress, writes_plain_lines_rarely_and_redraws_a_bar_often) {
  std::ostringstream lines;
  std::ostringstream bars;
  progress plain{lines, false};
  progress bar{bars, true};
  standing now;
  for (; now.elapsed <= 10s; now.elapsed += 10ms) {
    plain.show(now);
    bar.show(now);
  }
  bar.say("line 7: invalid");
  auto count = [](const std::string& text, char what) { return std::ranges::count(text, what); };
  EXPECT_EQ(count(lines.str(), '\n'), 3);
  EXPECT_EQ(count(lines.str(), '\r'), 0);
  EXPECT_EQ(count(bars.str(), '\r'), 101) << "ten a second, and one to clear it for the line";
  EXPECT_TRUE(bars.str().ends_with("\r\x1b[Kline 7: invalid\n"));
}

TEST(client_progress, groups_digits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(client_rejects, writes_one_json_object_a_line_whatever_the_point_looks_like) {
  item pretty{3, "7", "{\n \"id\":\r\n \"7\"}", "", std::string::npos};
  auto line = reject_line(pretty, {point_reply::verdict::refused, "conflict", "say \"so\"", 0ms});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(line),
            nlohmann::json::parse(R"({"line":3,"id":"7","code":"conflict","error":"say \"so\"","point":{"id":"7"}})"));
  item broken{4, "", "1,\"2\xff", "bad", std::string::npos};
  auto raw = nlohmann::json::parse(reject_line(broken, {point_reply::verdict::refused, "unreadable", "bad", 0ms}));
  EXPECT_TRUE(raw["id"].is_null());
  EXPECT_EQ(raw["point"], "1,\"2\xef\xbf\xbd");
}

url good(std::string_view text) {
  auto read = read_url(text);
  EXPECT_TRUE(std::holds_alternative<url>(read)) << text;
  return std::holds_alternative<url>(read) ? std::get<url>(read) : url{};
}

TEST(client_url, is_taken_apart) {
  EXPECT_EQ(good("http://localhost:8080").authority(), "localhost:8080");
  EXPECT_EQ(good("http://localhost").port, "80");
  EXPECT_EQ(good("ws://host:1/").prefix, "");
  EXPECT_EQ(good("http://host:1/rides/").prefix, "/rides");
  EXPECT_EQ(good("http://[::1]:8080").host, "::1");
  EXPECT_EQ(good("http://[::1]:8080").authority(), "[::1]:8080");
  EXPECT_EQ(good("http://[::1]").port, "80");
}

TEST(client_url, is_refused_when_it_is_none) {
  for (const auto* text : {"", "localhost:8080", "ftp://x", "http://", "http://:80", "http://h:0", "http://h:65536",
                           "http://h:x", "http://h:", "http://[::1", "http://[::1]x", "http://u@h", "http://h/?q",
                           "http://a b", "https://h", "http://h\r\nX: y"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(read_url(text))) << text;
  }
}

} // namespace
