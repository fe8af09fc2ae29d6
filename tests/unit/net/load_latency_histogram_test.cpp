#include "net/client/load/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace {

using goloca::net::load::latency_histogram;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// By the definition: the least value that a share `q` does not exceed.
nanoseconds exact_quantile(std::vector<nanoseconds> values, double q) {
  std::ranges::sort(values);
  auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

/// From 1 µs to 100 s, each power of ten as often as another.
std::vector<nanoseconds> values_of_every_size(unsigned seed, std::size_t count) {
  std::mt19937 chance{seed};
  std::uniform_real_distribution<double> exponent{3.0, 11.0};
  std::vector<nanoseconds> made(count);
  for (auto& one : made) one = nanoseconds{static_cast<std::int64_t>(std::pow(10.0, exponent(chance)))};
  return made;
}

TEST(latency_histogram, is_never_below_an_exact_quantile_and_at_most_a_hundredth_above_it) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    auto values = values_of_every_size(seed, 20'000);
    latency_histogram all;
    for (auto one : values) all.record(one);
    for (auto q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      auto exact = exact_quantile(values, q);
      EXPECT_GE(all.quantile(q), exact) << seed << ' ' << q;
      EXPECT_LT(static_cast<double>(all.quantile(q).count()), 1.01 * static_cast<double>(exact.count()))
          << seed << ' ' << q;
    }
  }
}

TEST(latency_histogram, has_exact_maximum_mean_and_count) {
  latency_histogram all;
  all.record(1'234'567ns);
  all.record(3ms, 2);
  EXPECT_EQ(all.count(), 3U);
  EXPECT_EQ(all.max(), 3ms);
  EXPECT_EQ(all.quantile(1.0), 3ms) << "no quantile is above the maximum";
  EXPECT_EQ(all.mean(), nanoseconds{(1'234'567 + 2 * 3'000'000) / 3});
}

TEST(latency_histogram, of_nothing_is_zero) {
  latency_histogram none;
  none.record(5ms, 0);
  EXPECT_EQ(none.quantile(0.5), 0ns);
  EXPECT_EQ(none.max(), 0ns);
  EXPECT_EQ(none.mean(), 0ns);
  EXPECT_TRUE(none.buckets().empty());
}

TEST(latency_histogram, counts_what_is_out_of_its_range_at_the_ends) {
  latency_histogram all;
  all.record(-1ms);
  all.record(0ns);
  all.record(200s);
  EXPECT_EQ(all.count(), 3U);
  EXPECT_LE(all.quantile(0.5), 1'010ns);
  EXPECT_EQ(all.quantile(1.0), 200s);
  ASSERT_EQ(all.buckets().size(), 2U);
  EXPECT_EQ(all.buckets()[0].count, 2U);
  EXPECT_EQ(all.buckets()[1].count, 1U);
}

TEST(latency_histogram, gives_every_value_one_bucket_in_order) {
  auto values = values_of_every_size(7, 5'000);
  latency_histogram all;
  for (auto one : values) all.record(one, 3);
  auto filled = all.buckets();
  std::uint64_t sum = 0;
  nanoseconds below{0};
  for (const auto& [upper, count] : filled) {
    auto inside = std::ranges::count_if(values, [&, &end = upper](auto one) { return one > below && one <= end; });
    EXPECT_EQ(count, 3U * static_cast<std::uint64_t>(inside)) << below.count() << " to " << upper.count();
    below = upper;
    sum += count;
  }
  EXPECT_EQ(sum, all.count());
}

} // namespace
