#include "setting_values.hpp"

#include <gmock/gmock.h>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using faults::named;
using testing::HasSubstr;

std::vector<faults::planned> plans(std::string_view text) {
  auto read = parse_faults(text);
  auto* good = std::get_if<std::vector<faults::planned>>(&read);
  if (good == nullptr) throw std::runtime_error{std::get<std::string>(read)};
  return *good;
}

TEST(fault_setting, names_faults_with_their_options) {
  auto read = plans("store.slow:delay=200ms,probability=0.5 ; writer.crash: count=1, seed=7;disk.full;");
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].which, named::store_slow);
  EXPECT_EQ(read[0].how.delay, 200ms);
  EXPECT_EQ(read[0].how.probability, 0.5);
  EXPECT_EQ(read[0].how.count, std::nullopt);
  EXPECT_EQ(read[1].which, named::writer_crash);
  EXPECT_EQ(read[1].how.count, 1u);
  EXPECT_EQ(read[1].how.seed, 7u);
  EXPECT_EQ(read[2].which, named::disk_full);
  EXPECT_EQ(plans("clock.jump:delay=-1h")[0].how.delay, -1h);
  EXPECT_TRUE(plans("").empty());
}

TEST(fault_setting, says_what_is_wrong) {
  auto wrong = [](std::string_view text) { return std::get<std::string>(parse_faults(text)); };
  EXPECT_THAT(wrong("store.slwo"), HasSubstr("store.slwo"));
  EXPECT_THAT(wrong("store.slow:delay=soon"), HasSubstr("delay"));
  EXPECT_THAT(wrong("store.slow:delay=-1s"), HasSubstr("delay"));
  EXPECT_THAT(wrong("store.slow:probability=often"), HasSubstr("probability"));
  EXPECT_THAT(wrong("store.slow:probability=0"), HasSubstr("probability"));
  EXPECT_THAT(wrong("store.slow:count=0"), HasSubstr("count"));
  EXPECT_THAT(wrong("store.slow:seed=-1"), HasSubstr("seed"));
  EXPECT_THAT(wrong("store.slow:loud"), HasSubstr("loud"));
  EXPECT_THAT(wrong("writer.crash:delay=1s"), HasSubstr("delay"));
  EXPECT_THAT(wrong(";disk.full"), HasSubstr("no fault"));
}

} // namespace
