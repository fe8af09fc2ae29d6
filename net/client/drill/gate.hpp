#pragma once
// A TCP gate between goloca and its database, or between two nodes, that can be shut, slowed, or go dead.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace goloca::net::drill {

/// How a gate treats what comes.
struct gate_mode {
  enum class kind : std::uint8_t {
    open,
    cut,     // connections are reset, new ones too
    dead,    // half-open: everything stays connected, new ones too, and nothing comes through
    delayed, // each piece comes so much later, each way
    trickle  // so many bytes come each hundredth of a second, each way
  };
  kind what = kind::open;
  std::chrono::milliseconds delay{0};
  std::size_t bytes = 0;
};

/// Runs on a thread of its own. Functions may be called by any thread.
class gate {
public:
  /// Listens on a free port of 127.0.0.1; what comes goes to 127.0.0.1:`to`.
  explicit gate(std::uint16_t to);
  /// Listens on a free port of that address.
  gate(const boost::asio::ip::address& on, boost::asio::ip::tcp::endpoint to);
  ~gate();
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;

  /// From now on. Returns once it is so.
  void set(gate_mode to);

  [[nodiscard]] std::uint16_t port() const { return port_; }

private:
  using socket = boost::asio::ip::tcp::socket;
  struct link {
    explicit link(boost::asio::io_context& io) : near{io}, far{io} {}
    socket near; // goloca's side
    socket far;
    void reset();
  };

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> carry(std::shared_ptr<link> both);
  boost::asio::awaitable<void> pump(std::shared_ptr<link> both, socket& from, socket& to);
  boost::asio::awaitable<void> pass(std::size_t size, const char* bytes, socket& to);

  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor listener_;
  boost::asio::ip::tcp::endpoint to_;
  std::uint16_t port_;
  gate_mode mode_;                         // the thread's
  std::vector<std::weak_ptr<link>> links_; // the thread's
  std::thread thread_;
};

} // namespace goloca::net::drill
