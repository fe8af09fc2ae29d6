#include "net/link/lobby.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using goloca::net::link::lobby;
using testing::ElementsAre;
using testing::IsEmpty;

struct a_lobby : testing::Test {
  lobby strangers{4, 2};
  std::vector<int> sent_away;

  lobby::number enter(const std::string& from, int name) {
    return strangers.enter(boost::asio::ip::make_address(from), [this, name] { sent_away.push_back(name); });
  }
};

TEST_F(a_lobby, has_room_for_so_many_and_sends_away_the_oldest) {
  enter("10.0.0.1", 1);
  enter("10.0.0.2", 2);
  enter("10.0.0.3", 3);
  enter("10.0.0.4", 4);
  EXPECT_THAT(sent_away, IsEmpty());
  enter("10.0.0.5", 5);
  EXPECT_THAT(sent_away, ElementsAre(1));
  EXPECT_EQ(strangers.count(), 4U);
}

TEST_F(a_lobby, sends_away_the_oldest_of_a_source_that_has_too_many) {
  enter("10.0.0.1", 1);
  enter("10.0.0.2", 2);
  enter("10.0.0.2", 3);
  enter("10.0.0.2", 4);
  EXPECT_THAT(sent_away, ElementsAre(2));
  enter("::ffff:10.0.0.2", 5); // the same, by another socket
  EXPECT_THAT(sent_away, ElementsAre(2, 3));
}

TEST_F(a_lobby, takes_a_network_of_ipv6_for_one_source) {
  enter("2001:db8:0:1::1", 1);
  enter("2001:db8:0:1::2", 2);
  enter("2001:db8:0:1:ffff::3", 3);
  EXPECT_THAT(sent_away, ElementsAre(1));
  enter("2001:db8:0:2::1", 4);
  EXPECT_THAT(sent_away, ElementsAre(1));
}

TEST_F(a_lobby, forgets_who_leaves) {
  auto first = enter("10.0.0.1", 1);
  enter("10.0.0.1", 2);
  strangers.leave(first);
  strangers.leave(first);
  enter("10.0.0.1", 3);
  EXPECT_THAT(sent_away, IsEmpty());
  EXPECT_EQ(strangers.count(), 2U);
}

} // namespace
