#include "net/link/link_listener.hpp"

#include "net/link/writer_session.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

namespace goloca::net::link {

namespace {

asio::ip::tcp::endpoint endpoint_at(const std::string& address, std::uint16_t port) {
  return {asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address), port};
}

std::shared_ptr<doorway> doorway_of(listener_settings with) {
  const auto& bounds = with.bounds;
  return std::shared_ptr<doorway>{new doorway{bounds, std::move(with.schema), std::move(with.identity),
                                              lobby{bounds.most_strangers, bounds.most_of_a_source},
                                              scarce_log{with.log_warning}, scarce_log{with.log_warning}}};
}

} // namespace

link_listener::link_listener(io_threads& threads, listener_settings with)
    : threads_{&threads}, doorway_{doorway_of(with)}, acceptor_{threads.first().context.get_executor()},
      pause_{threads.first().context.get_executor()} {
  try {
    auto there = endpoint_at(with.address, with.port);
    acceptor_.open(there.protocol());
    acceptor_.set_option(acceptor::reuse_address{true});
    if (there.address().is_v6()) acceptor_.set_option(asio::ip::v6_only{false});
    acceptor_.bind(there);
    acceptor_.listen(4096);
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& failed) {
    throw std::runtime_error{"cannot listen for links on " + with.address + " port " + std::to_string(with.port) +
                             ": " + failed.code().message()};
  }
}

void link_listener::serve(actors::link_hosts parent) {
  asio::post(acceptor_.get_executor(), [self = shared_from_this(), parent = std::move(parent)]() mutable {
    self->parent_ = std::move(parent);
    if (!std::exchange(self->accepting_, true)) self->accept();
  });
}

void link_listener::close() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ignored; // it is closed whatever comes
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

std::size_t link_listener::strangers() const {
  return doorway_->strangers.count();
}

void link_listener::accept() {
  if (!acceptor_.is_open()) return;
  auto& worker = threads_->next();
  acceptor_.async_accept(worker.context.get_executor(),
                         [self = shared_from_this()](const error_code& ec, tcp_socket socket) {
                           if (!self->acceptor_.is_open()) return;
                           if (ec) return self->pause(ec);
                           self->take(std::move(socket));
                           self->accept();
                         });
}

void link_listener::take(tcp_socket socket) {
  error_code ec;
  auto from = socket.remote_endpoint(ec);
  if (ec) return; // gone already
  socket.set_option(asio::ip::tcp::no_delay{true}, ec);
  std::make_shared<writer_session>(std::move(socket), from, doorway_, parent_)->start();
}

/// Out of descriptors, mostly: others have to end first, so we try again a little later.
void link_listener::pause(const error_code& why) {
  doorway_->of_strangers.warn("cannot accept links: " + why.message() + "; trying again");
  pause_.expires_after(std::chrono::milliseconds{100});
  pause_.async_wait([self = shared_from_this()](const error_code&) { self->accept(); });
}

} // namespace goloca::net::link
