// An edge's transport against whoever listens there.

#include "tests/support/link_ends.hpp"
#include "tests/support/raw_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace goloca::net::link;
using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct a_dialled_link : testing::Test {
  test::link_ends ends{test::short_times()};
  std::shared_ptr<credentials> writer = ends.identity("w1");
  test::raw_port port;

  link_welcome welcome() { return {1, "w1", 7, 4, 500, 4 << 20, {true, "full"}}; }
  std::unique_ptr<test::raw_link> answered() { // its hello was heard
    auto made = std::make_unique<test::raw_link>(port.accept(), *writer);
    auto hello = made->read();
    EXPECT_TRUE(hello && std::holds_alternative<link_hello>(*hello));
    return made;
  }
};

TEST_F(a_dialled_link, says_that_nobody_listens) {
  test::raw_port deaf{test::raw_port::deaf};
  auto edge = ends.dial(deaf.address());
  EXPECT_EQ(edge.ear->end(), "cannot connect: Connection refused");
  EXPECT_EQ(edge.ear->count(), 1U);
}

TEST_F(a_dialled_link, says_that_an_address_is_none) {
  for (const auto* address : {"", "10.0.0.2", "writer:7420", "10.0.0.2:", "10.0.0.2:77777", "::1:7420", "[10.0.0.2]:1"})
    EXPECT_THAT(ends.dial(address).ear->end(), StartsWith("no address that can be dialled")) << address;
}

/// Its backlog is full: the kernel drops what knocks.
TEST_F(a_dialled_link, gives_up_on_an_address_that_never_answers) {
  test::raw_port full{0};
  std::vector<int> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in there{AF_INET, htons(full.number()), {htonl(INADDR_LOOPBACK)}, {}};
    (void)connect(waiting.back(), reinterpret_cast<sockaddr*>(&there), sizeof there);
  }
  auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(ends.dial(full.address()).ear->end(), "cannot connect: no answer within 500 ms");
  EXPECT_GE(std::chrono::steady_clock::now() - before, 500ms);
  for (auto each : waiting) close(each);
}

TEST_F(a_dialled_link, gives_up_on_who_accepts_and_says_nothing) {
  auto edge = ends.dial(port.address());
  auto socket = port.accept();
  EXPECT_EQ(edge.ear->end(), "no TLS handshake within 1000 ms");
}

TEST_F(a_dialled_link, gives_up_on_who_does_not_answer_its_hello) {
  auto edge = ends.dial(port.address());
  auto silent = answered();
  EXPECT_EQ(edge.ear->end(), "no answer to our hello within 1000 ms");
}

TEST_F(a_dialled_link, says_that_the_other_end_speaks_no_tls) {
  auto edge = ends.dial(port.address());
  auto socket = port.accept();
  boost::asio::write(socket, boost::asio::buffer(std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"}));
  EXPECT_EQ(edge.ear->end(), "it does not speak TLS");
}

TEST_F(a_dialled_link, does_not_trust_a_foreign_certificate) {
  auto edge = ends.dial(port.address());
  EXPECT_ANY_THROW((test::raw_link{port.accept(), *ends.foreign_identity("stranger")}));
  EXPECT_EQ(edge.ear->end(),
            "TLS: its certificate (CN = stranger) is not accepted: unable to get local issuer certificate");
}

TEST_F(a_dialled_link, does_not_trust_an_expired_certificate) {
  auto edge = ends.dial(port.address());
  EXPECT_ANY_THROW((test::raw_link{port.accept(), *ends.identity("old", {-2h, -1h})}));
  EXPECT_EQ(edge.ear->end(), "TLS: its certificate (CN = old) is not accepted: certificate has expired");
}

TEST_F(a_dialled_link, ends_with_the_other_end) {
  auto edge = ends.dial(port.address());
  auto gone = answered();
  gone->say(welcome());
  ASSERT_TRUE(edge.ear->heard<link_welcome>());
  gone->close();
  EXPECT_THAT(edge.ear->end(), AnyOf("it closed the connection", HasSubstr("reset")));
  EXPECT_THAT(edge.ear->all<link_closed>(), SizeIs(1));
}

TEST_F(a_dialled_link, answers_pings_and_sends_its_own) {
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(welcome());
  peer->say(ping{9});
  bool pinged = false;
  bool ponged = false;
  while (!pinged || !ponged) {
    auto next = peer->read();
    ASSERT_TRUE(next);
    if (auto* asked = std::get_if<ping>(&*next)) {
      pinged = true;
      peer->say(pong{asked->number});
    }
    if (auto* said = std::get_if<pong>(&*next)) {
      ponged = true;
      EXPECT_EQ(said->number, 9U);
    }
  }
  EXPECT_TRUE(edge.ear->heard<link_measured>());
}

/// A pong that nobody asked for, or that comes twice, measures nothing.
TEST_F(a_dialled_link, measures_by_pongs_of_its_own_pings_only) {
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(welcome());
  peer->say(pong{1'000'000});
  for (int i = 0; i < 3; ++i) {
    auto next = peer->read();
    ASSERT_TRUE(next);
    auto number = std::get<ping>(*next).number;
    peer->say(pong{number});
    peer->say(pong{number});
  }
  ASSERT_TRUE(edge.ear->heard<link_measured>(2)); // the first may have been taken for older than a million
  peer->say(link_draining{});
  ASSERT_TRUE(edge.ear->heard<link_draining>());
  EXPECT_LE(edge.ear->all<link_measured>().size(), 3U);
}

TEST_F(a_dialled_link, does_not_take_what_no_writer_sends) {
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(welcome());
  peer->say(link_find{1, 1, 1s});
  EXPECT_EQ(edge.ear->end(), "it sent what no writer sends");
}

TEST_F(a_dialled_link, does_not_take_an_unknown_frame) {
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(welcome());
  peer->write(std::string{"\0\0\0\0\x63", 5});
  EXPECT_EQ(edge.ear->end(), "it sent a frame of unknown kind 99");
}

TEST_F(a_dialled_link, does_not_take_a_result_before_a_welcome) {
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(link_result{1, 1, {{store::outcome::stored}, {}}});
  EXPECT_EQ(edge.ear->end(), "it answered our hello with something else");
}

TEST_F(a_dialled_link, drops_what_is_sent_before_a_welcome) {
  auto edge = ends.dial(port.address());
  edge.send(test::batch_of(1, 1, 1));
  auto peer = answered();
  peer->say(welcome());
  ASSERT_TRUE(edge.ear->heard<link_welcome>());
  edge.send(test::batch_of(2, 1, 1));
  auto next = peer->read_past_pings();
  ASSERT_TRUE(next);
  EXPECT_EQ(std::get<link_batch>(*next).sequence, 2U);
}

TEST_F(a_dialled_link, drops_what_is_queued_at_a_close) {
  auto batch = test::batch_of(1, 1, 20, 10'000); // made before the peer is silent: under ASan it takes a while
  auto edge = ends.dial(port.address());
  auto peer = answered();
  peer->say(welcome());
  ASSERT_TRUE(edge.ear->heard<link_welcome>());
  for (; batch.sequence <= 200; ++batch.sequence) edge.send(batch); // more than sockets hold
  edge.send(link_close{});
  std::uint64_t came = 0;
  while (auto next = peer->read()) came += std::holds_alternative<link_batch>(*next) ? 1 : 0;
  EXPECT_LT(came, 200U);
  EXPECT_THAT(edge.ear->all<link_closed>(), IsEmpty());
}

} // namespace
