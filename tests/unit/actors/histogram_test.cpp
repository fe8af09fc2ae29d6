#include "actors/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace goloca::actors {
namespace {

constexpr std::array limits{1.0, 2.0, 5.0};
using small = histogram<limits>;

TEST(histogram_test, a_limit_belongs_to_its_bucket) {
  small seen;
  for (auto value : {0.0, 1.0, 1.5, 2.0, 5.0, 5.1, 1e9}) seen.observe(value);
  EXPECT_EQ(seen.counts, (std::array<std::uint64_t, 4>{2, 2, 1, 2}));
  EXPECT_EQ(seen.count(), 7U);
}

TEST(histogram_test, an_observation_has_a_weight) {
  small seen;
  seen.observe(1.5, 1'000);
  seen.observe(3, 0);
  EXPECT_EQ(seen.count(), 1'000U);
  EXPECT_DOUBLE_EQ(seen.sum, 1'500);
}

TEST(histogram_test, adds_up) {
  small one, other;
  one.observe(1);
  other.observe(1), other.observe(10);
  one += other;
  EXPECT_EQ(one.counts, (std::array<std::uint64_t, 4>{2, 0, 0, 1}));
  EXPECT_DOUBLE_EQ(one.sum, 12);
}

TEST(histogram_test, an_endless_value_is_above_all) {
  small seen;
  seen.observe(std::numeric_limits<double>::infinity());
  EXPECT_EQ(seen.counts.back(), 1U);
}

TEST(histogram_test, the_limits_in_use_ascend) {
  EXPECT_TRUE(std::ranges::is_sorted(duration_limits, std::less_equal{}));
  EXPECT_TRUE(std::ranges::is_sorted(batch_limits, std::less_equal{}));
  EXPECT_EQ(batch_limits.back(), 100'000) << "MAX_BATCH at most";
}

} // namespace
} // namespace goloca::actors
