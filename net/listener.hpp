#pragma once
// Accepts connections at one address and gives each a session, on the I/O threads in turn.

#include "net/actor_bridge.hpp"
#include "net/io_threads.hpp"
#include "net/service.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace goloca::net {

class listener : public std::enable_shared_from_this<listener> {
public:
  /// Binds and listens; connections wait until start().
  /// \param most_sessions  beyond this many open sockets a new one is closed at once: a little more than the limit on
  ///                       connections, so that those who are refused hear why.
  /// \throw std::runtime_error  cannot listen there, and why.
  listener(io_threads& threads, service& of, actors::entrance at, const std::string& address, std::uint16_t port,
           std::size_t most_sessions, std::function<void(const std::string&)> log_warning);

  /// New connections go to this parent from now on. Any thread. The first call begins to accept.
  void serve(actors::connections parent);

  /// Accepts no more. Any thread.
  void close();

  [[nodiscard]] std::uint16_t port() const { return port_; } // the real one, where 0 was asked for

private:
  using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

  void accept();
  void take(tcp_socket socket, io_worker& worker);
  void pause(const error_code& why);

  io_threads* threads_;
  service* service_;
  actors::entrance at_;
  std::size_t most_sessions_;
  std::function<void(const std::string&)> log_warning_;
  acceptor acceptor_;
  timer pause_;
  std::uint16_t port_ = 0;
  bool accepting_ = false;
  bool warned_ = false;
  actors::connections parent_{};
};

} // namespace goloca::net
