#include "store/point_id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace {

using goloca::store::point_id_source;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point noon = std::chrono::sys_days{std::chrono::year{2024} / 5 / 1} + 12h;

TEST(point_id_source, gives_positive_ids_that_rise_with_time) {
  point_id_source source{123};
  auto first = source.next(noon);
  auto second = source.next(noon + 1ms);
  EXPECT_GT(first, 0);
  EXPECT_GT(second, first);
}

TEST(point_id_source, goes_on_when_a_millisecond_is_used_up) {
  point_id_source source{123};
  std::int64_t last = 0;
  for (int i = 0; i < 5'000; ++i) {
    auto id = source.next(noon);
    ASSERT_GT(id, last);
    last = id;
  }
}

TEST(point_id_source, never_goes_backwards_with_the_clock) {
  point_id_source source{123};
  auto before = source.next(noon);
  EXPECT_GT(source.next(noon - 1h), before);
  EXPECT_GT(source.next(std::chrono::system_clock::time_point{}), before); // 1970: before its epoch
}

TEST(point_id_source, tells_boots_apart) {
  point_id_source one{1};
  point_id_source other{2};
  EXPECT_NE(one.next(noon), other.next(noon));
}

TEST(point_id_source, stays_within_63_bits_until_2089) {
  point_id_source source{0xffff'ffff'ffff'ffff};
  EXPECT_GT(source.next(std::chrono::sys_days{std::chrono::year{2089} / 1 / 1}), 0);
}

TEST(point_id_source, gives_no_id_twice_to_several_threads) {
  point_id_source source{5};
  std::vector<std::vector<std::int64_t>> taken(4);
  {
    std::vector<std::jthread> threads;
    threads.reserve(taken.size());
    for (auto& mine : taken) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) mine.push_back(source.next(noon));
      });
    }
  }
  std::set<std::int64_t> all;
  for (const auto& mine : taken) {
    EXPECT_TRUE(std::ranges::is_sorted(mine));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 8'000u);
}

} // namespace
