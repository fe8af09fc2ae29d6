#include "tests/simulation/capacity.hpp"

#include <gtest/gtest.h>

namespace {

using namespace goloca::simulation;
using namespace std::chrono_literals;

double carried(std::size_t edges, std::size_t writers) {
  capacity_settings with;
  with.edges = edges, with.writers = writers;
  with.lasts = 500ms;
  return capacity_of(with);
}

TEST(capacity, of_one_edge_is_what_its_processor_gives) {
  auto most = 0.05 / 3.7e-6;
  auto alone = carried(1, 1);
  EXPECT_LT(alone, most);
  EXPECT_GT(alone, most * 0.85);
}

TEST(capacity, of_too_few_writers_is_what_their_processors_give) {
  auto most = 0.05 / 1.3e-6;
  auto crowded = carried(6, 1);
  EXPECT_LT(crowded, most);
  EXPECT_GT(crowded, most * 0.8);
}

TEST(capacity, grows_with_edges_and_writers) {
  auto alone = carried(1, 1);
  EXPECT_GT(carried(4, 4), 4 * 0.9 * alone);
}

TEST(capacity, is_the_same_each_time) {
  EXPECT_EQ(carried(2, 2), carried(2, 2));
}

} // namespace
