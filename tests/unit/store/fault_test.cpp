#include "store/fault.hpp"

#include <gmock/gmock.h>

#include <new>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using faults::named;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct fault : testing::Test {
  std::vector<std::string> news{};

  fault() {
    faults::set_listener([this](const std::string& what) { news.push_back(what); });
  }
  ~fault() override {
    faults::set_listener({});
    faults::switch_all_off();
  }

  /// Which of the next passings were struck, as in "x..x".
  static std::string passings(named which, int count) {
    std::string seen;
    for (int i = 0; i < count; ++i) seen += faults::strikes(which) ? 'x' : '.';
    return seen;
  }
};

TEST_F(fault, is_off_until_it_is_switched_on_and_each_by_itself) {
  EXPECT_EQ(passings(named::store_slow, 3), "...");
  faults::switch_on(named::store_slow, {});
  EXPECT_EQ(passings(named::store_slow, 3), "xxx");
  EXPECT_EQ(passings(named::store_hang, 3), "...");
  EXPECT_THAT(faults::all_active(), ElementsAre(named::store_slow));
  faults::switch_off(named::store_slow);
  EXPECT_EQ(passings(named::store_slow, 3), "...");
  EXPECT_THAT(faults::all_active(), IsEmpty());
}

TEST_F(fault, strikes_as_often_as_its_count_says_and_then_rests) {
  faults::switch_on(named::pool_crash, {.count = 2});
  EXPECT_EQ(passings(named::pool_crash, 5), "xx...");
  EXPECT_THAT(faults::all_active(), IsEmpty());
  auto now = faults::list().at(static_cast<std::size_t>(named::pool_crash));
  EXPECT_EQ(now.struck, 2u);
  EXPECT_FALSE(now.active());
  faults::switch_on(named::pool_crash, {.count = 1}); // anew
  EXPECT_EQ(passings(named::pool_crash, 3), "x..");
}

TEST_F(fault, strikes_at_the_same_passings_with_the_same_seed) {
  auto with_seed = [](std::uint64_t seed) {
    faults::switch_on(named::net_reset, {.probability = 0.5, .seed = seed});
    return passings(named::net_reset, 200);
  };
  auto first = with_seed(7);
  EXPECT_EQ(with_seed(7), first);
  EXPECT_NE(with_seed(8), first);
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), 'x')), 100, 40);
}

TEST_F(fault, has_its_usual_delay_unless_the_plan_has_one) {
  faults::switch_on(named::store_slow, {});
  EXPECT_EQ(faults::struck_by(named::store_slow)->delay, 200ms);
  faults::switch_on(named::store_slow, {.delay = 5ms});
  EXPECT_EQ(faults::struck_by(named::store_slow)->delay, 5ms);
}

TEST_F(fault, throws_where_a_place_is_told_to_crash_or_finds_no_memory) {
  faults::crash_at(named::writer_crash);
  faults::allocate_at();
  faults::switch_on(named::writer_crash, {});
  faults::switch_on(named::memory_alloc, {});
  EXPECT_THROW(faults::crash_at(named::writer_crash), faults::injected_crash);
  EXPECT_THROW(faults::allocate_at(), std::bad_alloc);
}

TEST_F(fault, moves_the_wall_clock) {
  EXPECT_EQ(faults::clock_jump(), 0ms);
  faults::switch_on(named::clock_jump, {.delay = -90s});
  EXPECT_EQ(faults::clock_jump(), -90s);
}

TEST_F(fault, says_so_when_it_is_switched_when_it_strikes_first_and_when_it_is_used_up) {
  faults::switch_on(named::disk_full, {.count = 3});
  passings(named::disk_full, 5);
  faults::switch_off(named::disk_full);
  EXPECT_THAT(news, ElementsAre(HasSubstr("disk.full is ON"), HasSubstr("disk.full strikes for the first time"),
                                HasSubstr("disk.full has struck 3 times"), HasSubstr("disk.full is off")));
}

TEST_F(fault, is_found_by_its_name_and_only_by_that) {
  for (const auto& each : faults::list()) EXPECT_EQ(faults::find_named(faults::name_of(each.which)), each.which);
  EXPECT_EQ(faults::find_named("store"), std::nullopt);
  EXPECT_EQ(faults::find_named(""), std::nullopt);
}

TEST_F(fault, refuses_a_plan_that_cannot_be_meant) {
  EXPECT_EQ(faults::check(named::store_slow, {.probability = 0.1, .count = 1, .delay = 1ms}), std::nullopt);
  EXPECT_EQ(faults::check(named::clock_jump, {.delay = -1h}), std::nullopt);
  for (double probability : {0.0, -1.0, 1.1, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(faults::check(named::store_slow, {.probability = probability})) << probability;
  EXPECT_TRUE(faults::check(named::store_slow, {.count = 0}));
  EXPECT_TRUE(faults::check(named::store_slow, {.delay = -1ms}));
  EXPECT_TRUE(faults::check(named::store_slow, {.delay = 2h}));
  EXPECT_TRUE(faults::check(named::writer_crash, {.delay = 1ms})); // it takes none
}

} // namespace
