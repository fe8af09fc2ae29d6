#pragma once
// A writer node's port for edges: TLS, hello, then frames. What is not a member's takes a descriptor for a few seconds
// and nothing more.

#include "actors/messages.hpp"
#include "net/executor.hpp"
#include "net/io_threads.hpp"
#include "net/link/credentials.hpp"
#include "net/link/link_settings.hpp"
#include "store/schema.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace goloca::net::link {

struct doorway;

struct listener_settings {
  link_settings bounds;
  std::string address;
  std::uint16_t port = 0; // 0: any free one
  std::shared_ptr<const store::schema> schema;
  std::shared_ptr<credentials> identity;
  std::function<void(const std::string&)> log_warning; // any thread
};

class link_listener : public std::enable_shared_from_this<link_listener> {
public:
  /// Binds and listens. The threads, and the io_contexts of theirs, outlive it and every link host.
  /// \throw std::runtime_error  cannot listen there, and why.
  link_listener(io_threads& threads, listener_settings with);

  /// Hellos go to this parent from now on. Any thread. The first call begins to accept.
  void serve(actors::link_hosts parent);
  void close(); // accepts no more; links that are there stay. Any thread.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t strangers() const; // sockets without TLS, now. Any thread.

private:
  using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

  void accept();
  void take(tcp_socket socket);
  void pause(const error_code& why);

  io_threads* threads_;
  std::shared_ptr<doorway> doorway_;
  acceptor acceptor_;
  timer pause_;
  std::uint16_t port_ = 0;
  bool accepting_ = false;
  actors::link_hosts parent_{};
};

} // namespace goloca::net::link
