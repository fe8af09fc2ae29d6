// A writer node's port against members that behave badly: they are cut off, and the others are served.

#include "link_port_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace goloca::net::link;
using namespace std::chrono_literals;
using test::a_link_port;

std::size_t megabytes_mapped() {
  std::size_t pages = 0;
  std::ifstream{"/proc/self/statm"} >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

TEST_F(a_link_port, sends_away_a_member_that_says_no_hello) {
  test::raw_link silent{ends.port(), *ends.identity("silent")};
  EXPECT_FALSE(silent.read());
  EXPECT_EQ(asked(), 1U);
  serves_its_members();
}

TEST_F(a_link_port, takes_no_large_frame_before_a_hello) {
  test::raw_link large{ends.port(), *ends.identity("large")};
  large.write(std::string{"\x01\x10\0\0\0", 5}); // 4,097 bytes
  EXPECT_FALSE(large.read());
  EXPECT_TRUE(ends.warned("it sent a frame of 4097 bytes, more than 4096"));
  serves_its_members();
}

TEST_F(a_link_port, takes_nothing_else_before_a_hello) {
  test::raw_link hasty{ends.port(), *ends.identity("hasty")};
  hasty.say(link_find{1, 1, 1s});
  EXPECT_FALSE(hasty.read());
  EXPECT_TRUE(ends.warned("it sent something else before a hello"));
  serves_its_members();
}

TEST_F(a_link_port, takes_nothing_more_before_its_welcome) {
  hosts.answers_hellos = false;
  test::raw_link hasty{ends.port(), *ends.identity("hasty")};
  hasty.say(ends.hello());
  hasty.say(test::batch_of(1, 1, 1));
  EXPECT_FALSE(hasty.read());
  EXPECT_TRUE(ends.warned("it did not wait for the answer to its hello"));
  hosts.answers_hellos = true;
  serves_its_members();
}

TEST_F(a_link_port, does_not_wait_for_ever_for_a_host) {
  hosts.answers_hellos = false;
  auto edge = ends.dial();
  EXPECT_THAT(edge.ear->end(), testing::AnyOf("no answer to our hello within 1000 ms", "it closed the connection"));
  hosts.answers_hellos = true;
  serves_its_members();
}

/// A host that comes for an edge that has left must not stay.
TEST_F(a_link_port, sends_home_a_host_that_comes_too_late) {
  hosts.answers_hellos = false;
  test::raw_link edge{ends.port(), *ends.identity("edge 2")};
  edge.say(ends.hello());
  EXPECT_FALSE(edge.read());
  ASSERT_EQ(asked(), 2U);
  auto [host, out] = hosts.look([](const auto& at) { return std::pair{at.hosts.at(0), at.asked.at(1).out}; });
  out(link_admitted{host, {}});
  EXPECT_TRUE(test::eventually([&] { return hosts.look([](const auto& at) { return at.gone; }) == 1; }));
}

TEST_F(a_link_port, takes_memory_for_what_has_come_not_for_what_a_head_claims) {
  auto before = megabytes_mapped();
  std::vector<std::unique_ptr<test::raw_link>> liars;
  for (int i = 0; i < 16; ++i) {
    liars.push_back(welcomed());
    liars.back()->write(std::string{"\0\0\0\x04\x01", 5} + std::string(1'000, 'x')); // of 64 MiB
  }
  for (auto& each : liars) {
    while (each->read()) {
    } // the rest never comes
  }
  EXPECT_LT(megabytes_mapped(), before + 500);
  serves_its_members();
}

TEST_F(a_link_port, cuts_off_who_announces_more_than_a_frame_may_have) {
  auto greedy = welcomed();
  greedy->write(std::string{"\xff\xff\xff\xff\x01", 5});
  while (greedy->read()) {
  }
  EXPECT_TRUE(ends.warned("it sent a frame of 4294967295 bytes, more than 67108864"));
  serves_its_members();
}

TEST_F(a_link_port, cuts_off_who_sends_what_no_edge_sends) {
  auto wrong = welcomed();
  wrong->say(link_result{1, 1, {{store::outcome::stored}, {}}});
  while (wrong->read()) {
  }
  EXPECT_TRUE(ends.warned("it sent what no edge sends"));
  serves_its_members();
}

TEST_F(a_link_port, cuts_off_who_sends_an_unknown_frame) {
  auto wrong = welcomed();
  wrong->write(std::string{"\0\0\0\0\x63", 5});
  while (wrong->read()) {
  }
  EXPECT_TRUE(ends.warned("it sent a frame of unknown kind 99"));
  serves_its_members();
}

TEST_F(a_link_port, cuts_off_who_sends_a_body_that_goes_on) {
  auto wrong = welcomed();
  std::string bytes;
  append(bytes, link_find{1, 1, 1s});
  bytes[0] = static_cast<char>(bytes[0] + 1);
  wrong->write(bytes + '\0');
  while (wrong->read()) {
  }
  EXPECT_TRUE(ends.warned("it sent a body of the wrong length"));
  EXPECT_TRUE(test::eventually([&] { return hosts.look([](const auto& at) { return at.gone; }) == 1; }));
  serves_its_members();
}

TEST_F(a_link_port, cuts_off_a_member_that_is_silent) {
  auto silent = welcomed();
  auto begun = std::chrono::steady_clock::now();
  while (silent->read()) {
  } // pings, without a pong
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  EXPECT_TRUE(ends.warned("it has been silent for 1000 ms"));
  serves_its_members();
}

} // namespace
