#include <utility>

#include "net/client/drill/gate.hpp"

#include "net/client/drill/local_call.hpp"
#include "net/client/nap.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <future>

namespace goloca::net::drill {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr milliseconds look_again{10};
constexpr milliseconds trickle_step{10};

} // namespace

gate::gate(std::uint16_t to) : gate{asio::ip::address_v4::loopback(), {asio::ip::address_v4::loopback(), to}} {}

gate::gate(const asio::ip::address& on, tcp::endpoint to)
    : listener_{io_, tcp::endpoint{on, free_port()}}, to_{std::move(to)}, port_{listener_.local_endpoint().port()} {
  asio::co_spawn(io_, accept(), asio::detached);
  thread_ = std::thread{[this] { io_.run(); }};
}

gate::~gate() {
  io_.stop();
  thread_.join();
}

void gate::set(gate_mode to) {
  std::promise<void> done;
  asio::post(io_, [&] {
    mode_ = to;
    if (to.what == gate_mode::kind::cut) {
      for (auto& each : links_)
        if (auto one = each.lock()) one->reset();
      links_.clear();
    }
    done.set_value();
  });
  done.get_future().wait();
}

/// Without lingering a close is a reset.
void gate::link::reset() {
  boost::system::error_code ignored; // either may be closed already
  for (auto* side : {&near, &far}) {
    side->set_option(asio::socket_base::linger{true, 0}, ignored);
    side->close(ignored);
  }
}

asio::awaitable<void> gate::accept() {
  for (;;) {
    auto both = std::make_shared<link>(io_);
    co_await listener_.async_accept(both->near, asio::use_awaitable);
    if (mode_.what == gate_mode::kind::cut) {
      both->reset();
      continue;
    }
    std::erase_if(links_, [](const auto& each) { return each.expired(); });
    links_.push_back(both);
    asio::co_spawn(io_, carry(both), asio::detached);
  }
}

asio::awaitable<void> gate::carry(std::shared_ptr<link> both) {
  client::nap wait{io_};
  while (mode_.what == gate_mode::kind::dead) co_await wait.until(clock::now() + look_again);
  try {
    co_await both->far.async_connect(to_, asio::use_awaitable);
    both->near.set_option(tcp::no_delay{true});
    both->far.set_option(tcp::no_delay{true});
  } catch (const boost::system::system_error&) { // the database is not there: neither are we
    both->reset();
    co_return;
  }
  asio::co_spawn(io_, pump(both, both->near, both->far), asio::detached);
  asio::co_spawn(io_, pump(both, both->far, both->near), asio::detached);
}

/// One way, until either side ends.
asio::awaitable<void> gate::pump(std::shared_ptr<link> both, socket& from, socket& to) {
  client::nap wait{io_};
  std::vector<char> bytes(16'384);
  try {
    for (;;) {
      auto size = co_await from.async_read_some(asio::buffer(bytes), asio::use_awaitable);
      while (mode_.what == gate_mode::kind::dead) co_await wait.until(clock::now() + look_again);
      if (mode_.what == gate_mode::kind::delayed) co_await wait.until(clock::now() + mode_.delay);
      co_await pass(size, bytes.data(), to);
    }
  } catch (const boost::system::system_error&) { // whichever side it was, the other one learns it
    boost::system::error_code ignored;
    both->near.close(ignored);
    both->far.close(ignored);
  }
}

asio::awaitable<void> gate::pass(std::size_t size, const char* bytes, socket& to) {
  client::nap wait{io_};
  while (size > 0) {
    auto slow = mode_.what == gate_mode::kind::trickle;
    auto piece = slow ? std::min(size, mode_.bytes) : size;
    co_await asio::async_write(to, asio::buffer(bytes, piece), asio::use_awaitable);
    bytes += piece;
    size -= piece;
    if (slow) co_await wait.until(clock::now() + trickle_step);
  }
}

} // namespace goloca::net::drill
