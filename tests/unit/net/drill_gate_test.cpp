// The drill's TCP gate, between real sockets.

#include "net/client/drill/gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <poll.h>

#include <chrono>
#include <string>

namespace {

using namespace goloca::net::drill;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;
using kind = gate_mode::kind;

/// A listener behind a gate, and whoever comes through.
struct a_gate : testing::Test {
  asio::io_context io;
  tcp::acceptor listener{io, {asio::ip::address_v4::loopback(), 0}};
  gate way{listener.local_endpoint().port()};

  struct ends {
    tcp::socket near;
    tcp::socket far;
  };
  tcp::socket knock() {
    tcp::socket near{io};
    near.connect({asio::ip::address_v4::loopback(), way.port()});
    return near;
  }
  ends come_through() {
    auto near = knock();
    return {std::move(near), listener.accept()};
  }
  static void send(tcp::socket& from, const std::string& text) { asio::write(from, asio::buffer(text)); }
  static std::string receive(tcp::socket& at, std::size_t size) {
    std::string text(size, ' ');
    asio::read(at, asio::buffer(text));
    return text;
  }
  static bool hears_something(const tcp::socket& at, std::chrono::milliseconds within) {
    pollfd watched{const_cast<tcp::socket&>(at).native_handle(), POLLIN, 0};
    return poll(&watched, 1, static_cast<int>(within.count())) > 0;
  }
  static boost::system::error_code ended(tcp::socket& at) {
    boost::system::error_code how;
    char byte = 0;
    at.read_some(asio::buffer(&byte, 1), how);
    return how;
  }
};

TEST_F(a_gate, lets_everything_through_both_ways) {
  auto both = come_through();
  std::string large(300'000, 'x');
  send(both.near, "hello");
  EXPECT_EQ(receive(both.far, 5), "hello");
  send(both.far, large);
  EXPECT_EQ(receive(both.near, large.size()), large);
}

TEST_F(a_gate, tells_either_side_when_the_other_one_closes) {
  auto one = come_through();
  one.near.close();
  EXPECT_TRUE(ended(one.far));
  auto two = come_through();
  two.far.close();
  EXPECT_TRUE(ended(two.near));
}

TEST_F(a_gate, resets_all_when_it_is_cut_and_serves_again_when_it_is_open) {
  auto both = come_through();
  way.set({kind::cut});
  EXPECT_EQ(ended(both.near), asio::error::connection_reset);
  EXPECT_TRUE(ended(both.far));
  auto late = knock();
  EXPECT_TRUE(ended(late));
  way.set({});
  auto again = come_through();
  send(again.near, "back");
  EXPECT_EQ(receive(again.far, 4), "back");
}

TEST_F(a_gate, keeps_everything_connected_and_lets_nothing_through_while_it_is_dead) {
  auto both = come_through();
  way.set({kind::dead});
  send(both.near, "lost?");
  auto late = knock(); // it connects
  send(late, "late");
  EXPECT_FALSE(hears_something(both.far, 100ms));
  EXPECT_FALSE(hears_something(both.near, 0ms)) << "no end either";
  way.set({});
  EXPECT_EQ(receive(both.far, 5), "lost?");
  auto far = listener.accept();
  EXPECT_EQ(receive(far, 4), "late");
}

TEST_F(a_gate, holds_each_piece_back_when_it_is_slow) {
  auto both = come_through();
  way.set({kind::delayed, 80ms});
  auto start = steady::now();
  send(both.near, "slow");
  EXPECT_EQ(receive(both.far, 4), "slow");
  EXPECT_GE(steady::now() - start, 80ms);
}

TEST_F(a_gate, lets_a_few_bytes_through_at_a_time_when_it_trickles) {
  auto both = come_through();
  way.set({kind::trickle, {}, 10});
  auto start = steady::now();
  send(both.near, std::string(101, 'x'));
  EXPECT_EQ(receive(both.far, 101), std::string(101, 'x'));
  EXPECT_GE(steady::now() - start, 100ms) << "ten pieces before the last";
}

TEST_F(a_gate, ends_with_connections_open_whatever_it_is_doing) {
  auto both = come_through();
  for (auto what : {kind::dead, kind::trickle, kind::delayed}) {
    gate other{listener.local_endpoint().port()};
    tcp::socket near{io};
    near.connect({asio::ip::address_v4::loopback(), other.port()});
    auto far = listener.accept();
    other.set({what, 10s, 1});
    send(near, "some bytes");
  }
}

} // namespace
