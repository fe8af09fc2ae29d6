#include "net/link/writer_session.hpp"

#include "net/actor_bridge.hpp"
#include "net/link/link_address.hpp"
#include "net/link/order_queue.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace goloca::net::link {

using namespace actors;

writer_session::writer_session(tcp_socket socket, const asio::ip::tcp::endpoint& from, std::shared_ptr<doorway> at,
                               link_hosts parent)
    : on_{socket.get_executor()}, from_{from}, at_{std::move(at)}, parent_{std::move(parent)},
      channel_{std::move(socket), at_->identity->current(), at_->schema}, pulse_{channel_, on_, at_->bounds,
                                                                                 [](std::chrono::nanoseconds) {}},
      deadline_{on_, [this] {
                  close("no TLS handshake, hello and answer to it within " +
                        std::to_string(at_->bounds.handshake_timeout.count()) + " ms");
                }} {}

writer_session::~writer_session() {
  at_->strangers.leave(place_);
}

void writer_session::start() {
  channel_.keep_alive(weak_from_this());
  place_ = at_->strangers.enter(from_.address(), [weak = weak_from_this(), on = on_] {
    asio::post(on, [weak] {
      auto self = weak.lock();
      if (self && self->stranger_) self->close("too many strangers at a time, it had waited longest");
    });
  });
  asio::post(on_, [self = shared_from_this()] {
    asio::co_spawn(
        self->on_, [self] { return self->run(); }, [self](const std::exception_ptr& thrown) { self->finish(thrown); });
  });
}

// -- reading -------------------------------------------------------------------------------------

task<void> writer_session::run() {
  if (phase_ == phase::closed) co_return;
  deadline_.watch(at_->bounds.handshake_timeout);
  auto known = co_await greet();
  while (known && phase_ != phase::closed) {
    auto next = co_await channel_.read(most_body);
    if (auto* why = std::get_if<std::string>(&next))
      close(*why);
    else
      hear(std::get<frame>(std::move(next)));
  }
}

/// \param thrown  by a lack of memory, mostly; null: nothing.
void writer_session::finish(const std::exception_ptr& thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const std::exception& failed) {
    close(std::string{"this node's end of it failed: "} + failed.what());
  }
}

/// TLS and hello. \return whether the parent was asked for a host.
task<bool> writer_session::greet() {
  auto fault = co_await channel_.handshake(channel::role::server);
  if (phase_ == phase::closed) co_return false;
  if (fault) {
    log_end(*fault);
    leave(); // it is to read the alert that says why
    co_await channel_.drop_rest();
    close({});
    co_return false;
  }
  stranger_ = false; // it has a certificate of ours
  at_->strangers.leave(place_);
  auto first = co_await channel_.read(most_before_hello);
  if (phase_ == phase::closed) co_return false;
  auto* said = std::get_if<frame>(&first);
  auto* hello = said != nullptr ? std::get_if<link_hello>(said) : nullptr;
  if (hello == nullptr) {
    close(said != nullptr ? "it sent something else before a hello" : std::get<std::string>(first));
    co_return false;
  }
  ask_for_host(std::move(*hello));
  co_return true;
}

void writer_session::ask_for_host(link_hello hello) {
  phase_ = phase::asking;
  node_ = hello.node;
  auto orders =
      std::make_shared<order_queue<host_order>>(on_, [weak = weak_from_this()](std::vector<host_order>& came) {
        if (auto alive = weak.lock()) return alive->take(came);
        for (auto& each : came) { // a host for an edge that left meanwhile must not stay
          if (auto* admitted = std::get_if<link_admitted>(&each)) tell(admitted->host, link_gone{});
        }
      });
  auto port = [orders](host_order order) { orders->put(std::move(order)); };
  tell(parent_, open_link{std::move(hello), text_of(from_), std::move(port)});
}

void writer_session::hear(frame what) {
  if (phase_ == phase::leaving || phase_ == phase::closed) return;
  if (phase_ == phase::asking) return close("it did not wait for the answer to its hello");
  if (pulse_.take(what)) return;
  if (auto* batch = std::get_if<link_batch>(&what)) return tell(host_, std::move(*batch));
  if (auto* find = std::get_if<link_find>(&what)) return tell(host_, std::move(*find));
  close("it sent what no edge sends");
}

// -- orders --------------------------------------------------------------------------------------

void writer_session::take(std::vector<host_order>& orders) {
  for (auto& each : orders) {
    if (auto* admitted = std::get_if<link_admitted>(&each)) {
      admit(std::move(*admitted));
    } else if (auto* refusal = std::get_if<link_refusal>(&each)) {
      refuse(std::move(*refusal));
    } else if (phase_ == phase::linked) {
      if (auto* result = std::get_if<link_result>(&each)) channel_.write(std::move(*result));
      if (auto* found = std::get_if<link_found>(&each)) channel_.write(std::move(*found));
      if (std::holds_alternative<link_draining>(each)) channel_.write(link_draining{});
    }
  }
  channel_.flush();
}

void writer_session::admit(link_admitted order) {
  if (phase_ != phase::asking) return tell(order.host, link_gone{});
  phase_ = phase::linked;
  deadline_.rest();
  host_ = order.host;
  when_ended(host_, on_, [weak = weak_from_this()] {
    if (auto alive = weak.lock()) alive->on_host_ended();
  });
  channel_.write(std::move(order.welcome));
  pulse_.start();
}

void writer_session::on_host_ended() {
  host_ = link_host{};
  if (phase_ == phase::linked) refuse({"the writer's end of the link has ended"});
}

// -- the end -------------------------------------------------------------------------------------

void writer_session::refuse(link_refusal why) {
  if (phase_ == phase::leaving || phase_ == phase::closed) return;
  channel_.write(std::move(why));
  leave();
}

/// What was written goes out, and what still comes is dropped, so that it is not lost to a reset; not for long.
void writer_session::leave() {
  phase_ = phase::leaving;
  pulse_.stop();
  channel_.finish_writing();
  deadline_.watch(at_->bounds.farewell);
}

void writer_session::close(const std::string& why) {
  if (phase_ == phase::closed) return;
  if (phase_ != phase::leaving) log_end(why);
  phase_ = phase::closed;
  pulse_.stop();
  deadline_.stop();
  at_->strangers.leave(place_);
  if (host_) tell(host_, link_gone{});
  host_ = link_host{};
  channel_.cut(why);
}

/// Who just hangs up is no news: its host sees to it; and whoever looks whether the port is there does so.
void writer_session::log_end(const std::string& why) {
  if (channel_.peer_closed()) return;
  if (phase_ == phase::linked)
    at_->of_members.warn("the link from " + node_ + " (" + text_of(from_) + ") ends: " + why);
  else
    at_->of_strangers.warn("not let in to the port for links: " + text_of(from_) + ": " + why);
}

} // namespace goloca::net::link
