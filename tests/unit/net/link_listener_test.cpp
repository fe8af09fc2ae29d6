// A writer node's port against strangers: they cost little, and members are served.

#include "link_port_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace goloca::net::link;
using namespace std::chrono_literals;
namespace asio = goloca::net::asio;
using test::a_link_port;
using testing::HasSubstr;
using testing::IsEmpty;

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
