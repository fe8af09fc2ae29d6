#include "net/link/membership.hpp"
#include "tests/support/eventually.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <thread>

namespace {

using namespace goloca::net;
using namespace goloca::net::link;
using namespace std::chrono_literals;
using goloca::test::eventually;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using strings = std::vector<std::string>;

/// A directory of names that a test writes. Everything runs on one thread of its own.
struct link_membership : testing::Test {
  std::mutex mutex;
  std::map<std::string, name_found> names; // of others nothing is ever heard
  std::vector<strings> told;
  strings warnings;
  asio::io_context context{1};
  asio::executor_work_guard<executor> work{context.get_executor()};
  std::thread thread;
  std::shared_ptr<membership> members;

  ~link_membership() override {
    context.stop();
    if (thread.joinable()) thread.join();
  }

  void call(const std::string& name, const strings& addresses) {
    name_found found;
    for (const auto& each : addresses) found.addresses.push_back(asio::ip::make_address(each));
    std::lock_guard lock{mutex};
    names[name] = found;
  }
  void forget(const std::string& name) {
    std::lock_guard lock{mutex};
    names[name] = {{}, "Host not found"};
  }
  void begin(std::vector<member_name> of, bool really = false) {
    membership_settings with;
    with.names = std::move(of);
    with.period = 5ms;
    with.changed = [this](strings now) {
      std::lock_guard lock{mutex};
      told.push_back(std::move(now));
    };
    with.log_warning = [this](const std::string& line) {
      std::lock_guard lock{mutex};
      warnings.push_back(line);
    };
    if (!really) {
      with.look_up = [this](const std::string& host, const auto& then) {
        std::unique_lock lock{mutex};
        auto at = names.find(host);
        if (at == names.end()) return;
        auto found = at->second;
        lock.unlock();
        then(found);
      };
    }
    members = std::make_shared<membership>(context.get_executor(), std::move(with));
    members->start();
    thread = std::thread{[this] { context.run(); }};
  }
  bool now(const strings& wanted) {
    return eventually([&] {
      std::lock_guard lock{mutex};
      return !told.empty() && told.back() == wanted;
    });
  }
};

TEST_F(link_membership, is_all_addresses_of_all_names_sorted_and_none_twice) {
  call("writers", {"10.0.0.3", "10.0.0.1", "fd00::1"});
  call("more", {"10.0.0.1", "10.0.0.2"});
  begin({{"writers", 7420}, {"more", 7420}, {"10.0.0.3", 7420}, {"10.0.0.3", 7421}, {"::1", 1}});
  EXPECT_TRUE(now({"10.0.0.1:7420", "10.0.0.2:7420", "10.0.0.3:7420", "10.0.0.3:7421", "[::1]:1", "[fd00::1]:7420"}));
}

TEST_F(link_membership, follows_a_name) {
  call("writers", {"10.0.0.1", "10.0.0.2"});
  begin({{"writers", 1}});
  EXPECT_TRUE(now({"10.0.0.1:1", "10.0.0.2:1"}));
  call("writers", {"10.0.0.2", "10.0.0.3"});
  EXPECT_TRUE(now({"10.0.0.2:1", "10.0.0.3:1"}));
  call("writers", {"10.0.0.3"});
  EXPECT_TRUE(now({"10.0.0.3:1"}));
  std::lock_guard lock{mutex};
  EXPECT_THAT(told, SizeIs(3)); // only what was new
}

TEST_F(link_membership, keeps_the_last_addresses_of_a_name_that_does_not_resolve) {
  call("writers", {"10.0.0.1"});
  call("more", {"10.0.0.2"});
  begin({{"writers", 1}, {"more", 1}});
  EXPECT_TRUE(now({"10.0.0.1:1", "10.0.0.2:1"}));
  forget("writers");
  call("more", {"10.0.0.3"});
  EXPECT_TRUE(now({"10.0.0.1:1", "10.0.0.3:1"}));
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock{mutex};
    return !warnings.empty();
  }));
  call("writers", {"10.0.0.4"});
  EXPECT_TRUE(now({"10.0.0.3:1", "10.0.0.4:1"}));
  std::lock_guard lock{mutex};
  EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("cannot resolve writers"), HasSubstr("last addresses stay"))));
}

TEST_F(link_membership, does_not_wait_for_a_name_of_which_nothing_is_heard) {
  call("writers", {"10.0.0.1"});
  begin({{"silence", 1}, {"writers", 1}});
  EXPECT_TRUE(now({"10.0.0.1:1"}));
  call("writers", {"10.0.0.2"});
  EXPECT_TRUE(now({"10.0.0.2:1"}));
}

TEST_F(link_membership, stops) {
  call("writers", {"10.0.0.1"});
  begin({{"writers", 1}});
  EXPECT_TRUE(now({"10.0.0.1:1"}));
  std::weak_ptr<membership> gone = members;
  members->stop();
  members.reset();
  EXPECT_TRUE(eventually([&] { return gone.expired(); }));
}

TEST_F(link_membership, may_run_when_its_thread_ends) {
  call("writers", {"10.0.0.1"});
  begin({{"writers", 1}});
  EXPECT_TRUE(now({"10.0.0.1:1"}));
}

TEST_F(link_membership, asks_the_systems_resolver) {
  begin({{"localhost", 7420}}, true);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock{mutex};
    return !told.empty();
  }));
  std::lock_guard lock{mutex};
  EXPECT_THAT(told.back(), testing::AnyOf(Contains("127.0.0.1:7420"), Contains("[::1]:7420")));
}

} // namespace
