#include "net/byte_budget.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace {

using goloca::net::byte_budget;
using goloca::net::byte_lease;

constexpr std::size_t bound = 100'000;
constexpr std::size_t large = 1'000; // no point is so large

struct a_byte_budget : testing::Test {
  byte_budget budget{bound};
  byte_lease one{budget}, other{budget};
};

TEST_F(a_byte_budget, knows_what_is_held_by_all) {
  one.set(10);
  other.set(20);
  one.set(5);
  EXPECT_EQ(budget.taken(), 25U);
}

TEST_F(a_byte_budget, gets_back_what_was_held_by_who_ends) {
  std::optional<byte_lease> third{budget};
  third->set(30);
  one.set(10);
  third.reset();
  EXPECT_EQ(budget.taken(), 10U);
}

TEST_F(a_byte_budget, counts_what_is_held_beyond_the_bound) {
  one.set(bound + 1);
  EXPECT_EQ(budget.taken(), bound + 1);
}

TEST_F(a_byte_budget, admits_anything_up_to_the_bound) {
  one.set(bound);
  EXPECT_TRUE(one.admits(large));
  EXPECT_TRUE(other.admits(10 * bound));
}

TEST_F(a_byte_budget, admits_beyond_the_bound_what_is_small_of_who_holds_little) {
  one.set(bound);
  other.set(1'000);
  EXPECT_TRUE(other.admits(400));
  EXPECT_FALSE(other.admits(large));
  EXPECT_FALSE(one.admits(400));
}

TEST_F(a_byte_budget, admits_again_once_something_was_given_back) {
  one.set(bound + 1);
  ASSERT_FALSE(other.admits(large));
  one.set(bound);
  EXPECT_TRUE(other.admits(large));
}

TEST(waiting_for_room, looks_again_soon_and_after_a_long_wait_less_often) {
  using namespace std::chrono_literals;
  EXPECT_EQ(goloca::net::next_look_for_room(0s), 20ms);
  EXPECT_EQ(goloca::net::next_look_for_room(100ms), 20ms);
  EXPECT_EQ(goloca::net::next_look_for_room(8s), 1s);
}

} // namespace
