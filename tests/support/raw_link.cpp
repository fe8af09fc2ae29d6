#include "tests/support/raw_link.hpp"

#include "store/schema.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <stdexcept>
#include <variant>

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace goloca::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto patience = std::chrono::seconds{20};

tcp::endpoint here(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

/// A blocking call on it fails once it has waited for so long.
tcp::socket bounded(tcp::socket socket) {
  timeval limit{patience.count(), 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return socket;
}

tcp::socket connected(asio::io_context& io, std::uint16_t port) {
  tcp::socket socket{io};
  socket.connect(here(port));
  return socket;
}

} // namespace

raw_port::raw_port(int backlog) {
  acceptor_.open(tcp::v4());
  acceptor_.bind(here(0));
  if (backlog != deaf) acceptor_.listen(backlog);
}

tcp::socket raw_port::accept() {
  pollfd ready{acceptor_.native_handle(), POLLIN, 0};
  if (poll(&ready, 1, std::chrono::milliseconds{patience}.count()) != 1) throw std::runtime_error{"nobody has come"};
  return acceptor_.accept();
}

raw_link::raw_link(std::uint16_t port, net::link::credentials& identity)
    : identity_{identity.current()}, stream_{bounded(connected(io_, port)), *identity_} {
  stream_.handshake(asio::ssl::stream_base::client);
}

raw_link::raw_link(socket accepted, net::link::credentials& identity)
    : identity_{identity.current()}, stream_{bounded(std::move(accepted)), *identity_} {
  stream_.handshake(asio::ssl::stream_base::server);
}

void raw_link::write(std::string_view bytes) {
  asio::write(stream_, asio::buffer(bytes));
}

void raw_link::say(const net::link::frame& what) {
  std::string bytes;
  net::link::append(bytes, what);
  write(bytes);
}

bool raw_link::fill(char* to, std::size_t bytes) {
  boost::system::error_code ec;
  asio::read(stream_, asio::buffer(to, bytes), ec);
  if (ec == asio::error::would_block) throw boost::system::system_error{ec, "nothing has come"};
  return !ec;
}

std::optional<net::link::frame> raw_link::read() {
  std::array<char, net::link::head_size> bytes{};
  if (!fill(bytes.data(), bytes.size())) return std::nullopt;
  auto head = net::link::read_head(bytes);
  std::string body(head.size, '\0');
  if (!fill(body.data(), body.size())) return std::nullopt;
  auto read = net::link::read_body(head.kind, body, store::rides_schema());
  if (auto* wrong = std::get_if<std::string>(&read)) throw std::runtime_error{*wrong};
  return std::get<net::link::frame>(std::move(read));
}

std::optional<net::link::frame> raw_link::read_past_pings() {
  for (;;) {
    auto next = read();
    auto* asked = next ? std::get_if<net::link::ping>(&*next) : nullptr;
    if (asked == nullptr) return next;
    say(net::link::pong{asked->number});
  }
}

void raw_link::close() {
  stream_.lowest_layer().close();
}

} // namespace goloca::test
