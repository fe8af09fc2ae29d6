// A writer node's port against strangers, and members that behave badly: they cost little, and members are served.

#include "tests/support/link_ends.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/raw_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
namespace asio = goloca::net::asio;
using namespace goloca::net::link;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::size_t megabytes_mapped() {
  std::size_t pages = 0;
  std::ifstream{"/proc/self/statm"} >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

struct a_link_port : testing::Test {
  test::link_ends ends{test::short_times()};
  test::host_log& hosts = ends.hosts();
  std::optional<test::edge_end> member;

  a_link_port() {
    ends.listen();
    member = ends.linked();
  }

  /// Nobody is left but members, who are served: the one that was there, and one that comes.
  void serves_its_members() {
    EXPECT_TRUE(test::eventually([&] { return ends.listener().strangers() == 0; }));
    auto next = ends.linked();
    for (auto* each : {&*member, &next}) {
      auto answered = each->ear->all<link_result>().size();
      each->send(test::batch_of(answered + 1, 1, 100));
      EXPECT_TRUE(each->ear->heard<link_result>(answered + 1)) << each->ear->end();
    }
    EXPECT_THAT(member->ear->all<link_closed>(), IsEmpty());
    next.send(link_close{});
  }
  std::unique_ptr<test::raw_link> welcomed() {
    auto made = std::make_unique<test::raw_link>(ends.port(), *ends.identity("member"));
    made->say(ends.hello());
    auto answer = made->read();
    EXPECT_TRUE(answer && std::holds_alternative<link_welcome>(*answer));
    return made;
  }
  std::size_t asked() {
    return hosts.look([](const auto& at) { return at.asked.size(); });
  }
};

TEST_F(a_link_port, does_not_let_in_who_speaks_no_tls) {
  test::raw_client garbage{ends.port()};
  garbage.write(std::string(10'000, '\x5a'));
  EXPECT_TRUE(garbage.closed_within(10s));
  EXPECT_TRUE(ends.warned("it does not speak TLS"));
  serves_its_members();
}

TEST_F(a_link_port, does_not_let_in_who_speaks_http) {
  test::raw_client browser{ends.port()};
  browser.write("GET / HTTP/1.1\r\nHost: writer\r\n\r\n");
  EXPECT_TRUE(browser.closed_within(10s));
  EXPECT_TRUE(ends.warned("it speaks HTTP, not TLS"));
  serves_its_members();
}

TEST_F(a_link_port, does_not_let_in_a_foreign_certificate) {
  auto stranger = ends.dial("127.0.0.1:" + std::to_string(ends.port()), ends.foreign_identity("stranger"));
  EXPECT_EQ(stranger.ear->end(), "TLS: it does not accept our certificate: it is from an authority that the other end "
                                 "does not know");
  EXPECT_TRUE(
      ends.warned("TLS: its certificate (CN = stranger) is not accepted: unable to get local issuer certificate"));
  serves_its_members();
}

TEST_F(a_link_port, does_not_let_in_an_expired_certificate) {
  auto late = ends.dial("127.0.0.1:" + std::to_string(ends.port()), ends.identity("late", {-2h, -1h}));
  EXPECT_EQ(late.ear->end(), "TLS: it does not accept our certificate: it has expired, or is not valid yet");
  EXPECT_TRUE(ends.warned("TLS: its certificate (CN = late) is not accepted: certificate has expired"));
  serves_its_members();
}

TEST_F(a_link_port, does_not_let_in_who_has_no_certificate) {
  asio::ssl::context nameless{asio::ssl::context::tlsv13};
  asio::io_context io{1};
  asio::ssl::stream<asio::ip::tcp::socket> stream{io, nameless};
  stream.lowest_layer().connect({asio::ip::address_v4::loopback(), ends.port()});
  stream.handshake(asio::ssl::stream_base::client); // TLS 1.3 tells the client only with the first read
  char byte = 0;
  EXPECT_ANY_THROW(stream.read_some(asio::buffer(&byte, 1)));
  EXPECT_TRUE(ends.warned("it showed no certificate"));
  serves_its_members();
}

TEST_F(a_link_port, does_not_speak_tls_1_2) {
  auto identity = ends.identity("old fashioned");
  asio::ssl::context old{asio::ssl::context::tlsv12_client};
  asio::io_context io{1};
  asio::ssl::stream<asio::ip::tcp::socket> stream{io, old};
  stream.lowest_layer().connect({asio::ip::address_v4::loopback(), ends.port()});
  EXPECT_ANY_THROW(stream.handshake(asio::ssl::stream_base::client));
  EXPECT_TRUE(ends.warned("it does not speak TLS 1.3"));
  serves_its_members();
}

TEST_F(a_link_port, sends_away_who_is_silent) {
  test::raw_client silent{ends.port()};
  EXPECT_TRUE(silent.closed_within(10s));
  EXPECT_TRUE(ends.warned("no TLS handshake, hello and answer to it within 1000 ms"));
  serves_its_members();
}

TEST_F(a_link_port, sends_away_who_only_trickles) {
  test::raw_client slow{ends.port()};
  auto begun = std::chrono::steady_clock::now();
  bool closed = false;
  slow.write("\x16\x03\x01\x02"); // a TLS record that never ends
  for (int i = 0; i < 200 && !closed; ++i) {
    try {
      slow.write(std::string(1, '\0'));
      closed = slow.closed_within(20ms);
    } catch (const std::runtime_error&) {
      closed = true;
    }
  }
  EXPECT_TRUE(closed);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  serves_its_members();
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

/// 1,000 sockets that say nothing, and a member that wants in meanwhile.
TEST_F(a_link_port, serves_members_among_a_thousand_strangers) {
  asio::io_context io{1};
  std::vector<asio::ip::tcp::socket> crowd;
  for (int i = 0; i < 1'000; ++i) {
    crowd.emplace_back(io);
    crowd.back().connect({asio::ip::address_v4::loopback(), ends.port()});
    EXPECT_LE(ends.listener().strangers(), test::short_times().most_of_a_source);
    if (i % 100 == 50) {
      auto one = ends.linked();
      one.send(test::batch_of(1, 1, 10));
      EXPECT_TRUE(one.ear->heard<link_result>()) << one.ear->end();
    }
  }
  EXPECT_TRUE(ends.warned("such lines before it"));
  EXPECT_LT(ends.warnings().size(), 100U);
  serves_its_members();
}

TEST_F(a_link_port, is_not_news_to_who_looks_whether_it_is_there) {
  for (int i = 0; i < 3; ++i) test::raw_client{ends.port()};
  serves_its_members();
  EXPECT_THAT(ends.warnings(), IsEmpty());
}

TEST_F(a_link_port, that_is_taken_says_so) {
  try {
    link_listener second{ends.threads(),
                         {{}, "127.0.0.1", ends.port(), store::rides_schema(), ends.identity("second"), {}}};
    FAIL() << "it listens";
  } catch (const std::runtime_error& why) {
    EXPECT_THAT(why.what(), HasSubstr("cannot listen for links on 127.0.0.1 port "));
    EXPECT_THAT(why.what(), HasSubstr("Address already in use"));
  }
}

} // namespace
