#pragma once
// A writer node's port for links with a member whose link is up, for tests of what others do to it.

#include "tests/support/link_ends.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/raw_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace goloca::test {

struct a_link_port : ::testing::Test {
  link_ends ends{short_times()};
  host_log& hosts = ends.hosts();
  std::optional<edge_end> member;

  a_link_port() {
    ends.listen();
    member = ends.linked();
  }

  /// Nobody is left but members, who are served: the one that was there, and one that comes.
  void serves_its_members() {
    EXPECT_TRUE(eventually([&] { return ends.listener().strangers() == 0; }));
    auto next = ends.linked();
    for (auto* each : {&*member, &next}) {
      auto answered = each->ear->all<actors::link_result>().size();
      each->send(batch_of(answered + 1, 1, 100));
      EXPECT_TRUE(each->ear->heard<actors::link_result>(answered + 1)) << each->ear->end();
    }
    EXPECT_THAT(member->ear->all<actors::link_closed>(), ::testing::IsEmpty());
    next.send(actors::link_close{});
  }
  /// A member by hand, whose link is up.
  std::unique_ptr<raw_link> welcomed() {
    auto made = std::make_unique<raw_link>(ends.port(), *ends.identity("member"));
    made->say(ends.hello());
    auto answer = made->read();
    EXPECT_TRUE(answer && std::holds_alternative<actors::link_welcome>(*answer));
    return made;
  }
  std::size_t asked() {
    return hosts.look([](const auto& at) { return at.asked.size(); });
  }
};

} // namespace goloca::test
