#include "log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <sstream>

namespace {

using namespace goloca;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string logged(log_format format, std::string_view message, spdlog::level::level_enum level = spdlog::level::info) {
  std::ostringstream out;
  spdlog::logger logger{"test", std::make_shared<spdlog::sinks::ostream_sink_st>(out)};
  logger.set_level(spdlog::level::trace);
  logger.set_formatter(make_log_formatter(format));
  logger.log(level, "{}", message);
  return out.str();
}

TEST(a_text_line, has_the_time_the_level_and_the_message) {
  EXPECT_THAT(logged(log_format::text, "serving", spdlog::level::warn),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9][0-9][0-9]Z warning serving\n"));
}

TEST(a_text_line, stays_one_line) {
  auto line = logged(log_format::text, "a\nforged\r\x1b[2J");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_THAT(line, HasSubstr(R"(a\x0aforged\x0d\x1b[2J)"));
}

TEST(a_text_line, holds_a_long_message_whole) {
  EXPECT_THAT(logged(log_format::text, std::string(5'000, 'x')), HasSubstr(std::string(5'000, 'x')));
}

TEST(a_json_line, is_one_object_with_time_level_and_message) {
  auto line = nlohmann::json::parse(logged(log_format::json, "serving", spdlog::level::err));
  EXPECT_EQ(line.size(), 3u);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "serving");
  EXPECT_THAT(line["time"].get<std::string>(),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9][0-9][0-9]Z"));
}

TEST(a_json_line, is_valid_whatever_the_message_holds) {
  for (std::string_view message :
       {R"(say "so")", R"(back\slash)", "new\nline", "\x01\x1f\x7f", "", "%v %l {}", "caf\xc3\xa9", "\xe2\x80\xa8"}) {
    auto line = logged(log_format::json, message);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(nlohmann::json::parse(line)["message"], message);
  }
}

TEST(a_json_line, replaces_bytes_that_are_not_utf8) {
  auto line = nlohmann::json::parse(logged(log_format::json, "a\xff"));
  EXPECT_EQ(line["message"], "a\xef\xbf\xbd");
}

TEST(the_log, goes_to_stderr_from_its_level_on) {
  ::testing::internal::CaptureStderr();
  set_up_log({log_level::warn, log_format::text});
  spdlog::info("not this");
  spdlog::warn("but this");
  auto said = ::testing::internal::GetCapturedStderr();
  set_up_log({});
  EXPECT_THAT(said, HasSubstr("but this"));
  EXPECT_THAT(said, Not(HasSubstr("not this")));
}

TEST(the_log, is_silent_when_off) {
  ::testing::internal::CaptureStderr();
  set_up_log({log_level::off, log_format::json});
  spdlog::critical("nothing");
  auto said = ::testing::internal::GetCapturedStderr();
  set_up_log({});
  EXPECT_EQ(said, "");
}

} // namespace
