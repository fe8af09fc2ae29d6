#include "net/listener.hpp"

#include "net/http_session.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <stdexcept>

namespace goloca::net {

namespace {

asio::ip::tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port) {
  return {asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address), port};
}

} // namespace

listener::listener(io_threads& threads, service& of, actors::entrance at, const std::string& address,
                   std::uint16_t port, std::size_t most_sessions, std::function<void(const std::string&)> log_warning)
    : threads_{&threads}, service_{&of}, at_{at}, most_sessions_{most_sessions}, log_warning_{std::move(log_warning)},
      acceptor_{threads.first().context.get_executor()}, pause_{threads.first().context.get_executor()} {
  try {
    auto there = endpoint_of(address, port);
    acceptor_.open(there.protocol());
    acceptor_.set_option(acceptor::reuse_address{true});
    if (there.address().is_v6()) acceptor_.set_option(asio::ip::v6_only{false});
    acceptor_.bind(there);
    acceptor_.listen(4096);
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& failed) {
    throw std::runtime_error{"cannot listen on " + address + " port " + std::to_string(port) + ": " +
                             failed.code().message()};
  }
}

void listener::serve(actors::connections parent) {
  asio::post(acceptor_.get_executor(), [self = shared_from_this(), parent = std::move(parent)]() mutable {
    self->parent_ = std::move(parent);
    if (!std::exchange(self->accepting_, true)) self->accept();
  });
}

void listener::close() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void listener::accept() {
  auto& worker = threads_->next();
  acceptor_.async_accept(worker.context.get_executor(),
                         [self = shared_from_this(), &worker](const error_code& ec, tcp_socket socket) {
                           if (!self->acceptor_.is_open()) return;
                           if (ec) return self->pause(ec);
                           self->warned_ = false;
                           self->take(std::move(socket), worker);
                           self->accept();
                         });
}

void listener::take(tcp_socket socket, io_worker& worker) {
  error_code ec;
  if (service_->sessions.load(std::memory_order_relaxed) >= most_sessions_) {
    socket.close(ec);
    return;
  }
  socket.set_option(asio::ip::tcp::no_delay{true}, ec);
  socket.non_blocking(true, ec);
  auto session =
      std::make_shared<http_session>(std::move(socket), *service_, at_, worker.reader, worker.round, worker.scratch);
  asio::post(worker.context, [session = std::move(session), parent = parent_] { session->open(parent); });
}

/// Out of descriptors, mostly: others have to end first, so we try again a little later.
void listener::pause(const error_code& why) {
  if (!std::exchange(warned_, true)) log_warning_("cannot accept connections: " + why.message() + "; trying again");
  pause_.expires_after(std::chrono::milliseconds{100});
  pause_.async_wait([self = shared_from_this()](const error_code&) {
    if (self->acceptor_.is_open()) self->accept();
  });
}

} // namespace goloca::net
