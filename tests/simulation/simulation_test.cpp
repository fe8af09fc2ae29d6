// The simulation itself: it finds nothing where nothing is wrong, is the same for the same seed, and its failures
// become small. That it finds what is wrong is mutants.sh's.
#include "tests/simulation/shrink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

namespace goloca::simulation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string trace_of(std::uint64_t seed) {
  std::ostringstream trace;
  static_cast<void>(play(script_of(seed), seed, &trace));
  return trace.str();
}

/// What the program prints, in a process with other addresses than ours.
std::string printed(const std::string& arguments) {
  std::string text;
  std::unique_ptr<FILE, int (*)(FILE*)> out{popen((SIMULATION_BINARY " " + arguments).c_str(), "r"), pclose};
  std::array<char, 4096> part{};
  for (std::size_t got = 1; got > 0;) {
    got = fread(part.data(), 1, part.size(), out.get());
    text.append(part.data(), got);
  }
  return text;
}

TEST(simulation_test, keeps_every_promise_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto how = play(script_of(seed), seed);
    EXPECT_FALSE(how.broken) << "simulation --seed " << seed << ": " << *how.broken;
  }
}

TEST(simulation_test, keeps_every_promise_in_a_cluster) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto how = play(cluster_script_of(seed), seed);
    EXPECT_FALSE(how.broken) << "simulation --clusters 3 --seed " << seed << ": " << *how.broken;
  }
}

TEST(simulation_test, keeps_every_promise_in_a_cluster_of_sixteen_nodes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto script = cluster_script_of(seed, 8);
    script.with.cluster->edges = script.with.cluster->writers = script.with.clients = 8;
    auto how = play(script, seed);
    EXPECT_FALSE(how.broken) << seed << ": " << *how.broken;
  }
}

TEST(simulation_test, plays_the_same_for_the_same_seed_to_the_byte) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto first = trace_of(seed);
    EXPECT_GT(first.size(), 1'000U);
    EXPECT_EQ(first, trace_of(seed)) << seed;
    EXPECT_NE(first, trace_of(seed + 100)) << seed;
  }
}

TEST(simulation_test, plays_the_same_in_every_process) {
  for (const auto* seed : {"3", "14", "159", "3 --clusters 3", "14 --clusters 3"}) {
    auto command = std::string{"--trace --seed "} + seed;
    auto first = printed(command);
    EXPECT_THAT(first, testing::HasSubstr("all promises kept"));
    EXPECT_EQ(first, printed(command));
  }
}

TEST(simulation_test, plays_the_same_whatever_was_played_before) { // which leaves gaps in the heap: addresses differ
  auto alone = printed("--trace --seed 14");
  EXPECT_THAT(printed("--trace --seeds 1..14"), testing::EndsWith(alone));
  auto cluster = printed("--trace --seed 14 --clusters 3");
  EXPECT_THAT(printed("--trace --seeds 1..14 --clusters 3"), testing::EndsWith(cluster));
}

TEST(simulation_test, plays_no_other_than_without_a_trace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::ostringstream trace;
    EXPECT_EQ(play(script_of(seed), seed, &trace).steps, play(script_of(seed), seed).steps) << seed;
  }
}

// -- the parts of a script ----------------------------------------------------------------------------

script three_pieces() {
  script made;
  happening burst;
  burst.points = {{point::kind::usual, 1}, {point::kind::usual, 2}};
  happening death;
  death.what = happening::kind::kill;
  made.happenings = {burst, death};
  return made;
}

TEST(simulation_test, a_script_comes_apart_into_points_and_what_else_happens) {
  auto whole = three_pieces();
  EXPECT_EQ(pieces_of(whole), 3U);
  EXPECT_THAT(part_of(whole, {}).happenings, IsEmpty());
  EXPECT_THAT(part_of(whole, {2}).happenings, ElementsAre(testing::Field(&happening::what, happening::kind::kill)));
  auto burst = part_of(whole, {1}).happenings;
  ASSERT_EQ(burst.size(), 1U);
  EXPECT_THAT(burst[0].points, ElementsAre(testing::Field(&point::id, 2)));
}

TEST(simulation_test, finds_the_fewest_pieces_that_fail) {
  auto needs_3_and_17 = [](const auto& kept) {
    return std::ranges::binary_search(kept, 3U) && std::ranges::binary_search(kept, 17U);
  };
  EXPECT_THAT(fewest(20, needs_3_and_17), ElementsAre(3U, 17U));
  EXPECT_THAT(fewest(20, [](const auto&) { return true; }), IsEmpty());
  EXPECT_EQ(fewest(20, [](const auto& kept) { return kept.size() == 20; }).size(), 20U);
  EXPECT_EQ(fewest(20, [](const auto& kept) { return kept.size() >= 7; }).size(), 7U);
}

} // namespace
} // namespace goloca::simulation
