#pragma once
// The only file that knows both Asio and CAF. Inwards (an I/O thread to an actor) it is caf::anon_send, which may be
// called from any thread; outwards an actor posts to the session's executor. No lock, no wait, on either way.

#include "actors/connections.hpp"
#include "net/executor.hpp"

#include <boost/asio/post.hpp>

#include <memory>

namespace goloca::net {

/// Sends to an actor, without waiting. Any thread.
template <class Handle, class Message>
void tell(const Handle& to, Message message) {
  caf::anon_send(to, std::move(message));
}

/// Runs `then` on the executor once the actor has ended; soon, when it has already.
template <class Handle, class Function>
void when_ended(const Handle& of, const executor& on, Function then) {
  caf::actor_cast<caf::abstract_actor*>(of)->attach_functor([on, then] { asio::post(on, then); });
}

/// What hears of a connection's events: a session. Called on the session's executor only.
class event_sink {
public:
  virtual ~event_sink() = default;
  virtual void on_event(actors::port_event event) = 0;
  virtual void on_connection_lost() = 0; // its actor died; no event will come any more
};

/// A session's door to its connection actor. It does not keep the session alive: an event for a closed session is
/// dropped, the client will send again. Used on the session's executor only. The io_context must outlive every actor.
class actor_link : public std::enable_shared_from_this<actor_link> {
public:
  explicit actor_link(const executor& on) : executor_{on} {}
  ~actor_link() { leave(); }
  actor_link(const actor_link&) = delete;
  actor_link& operator=(const actor_link&) = delete;

  /// Asks for a connection actor; connection_opened or connection_refused is the answer.
  void open(const actors::connections& parent, std::weak_ptr<event_sink> session) {
    sink_ = std::move(session);
    caf::anon_send(parent, actors::open_connection{make_port()});
  }

  /// Another session takes over the same connection (HTTP becomes WebSocket).
  void hand_over(std::weak_ptr<event_sink> session) { sink_ = std::move(session); }

  template <class Message>
  void send(Message message) {
    caf::anon_send(connection_, std::move(message));
  }

  void leave() {
    if (connection_) caf::anon_send(connection_, actors::client_gone{});
    connection_ = actors::connection{};
  }

private:
  actors::reply_port make_port() {
    return [on = executor_, weak = weak_from_this()](actors::port_event event) {
      asio::post(on, [weak, event = std::move(event)]() mutable {
        if (auto link = weak.lock()) link->deliver(std::move(event));
        // A connection that was opened for a client who left meanwhile must not stay.
        else if (auto* opened = std::get_if<actors::connection_opened>(&event)) {
          caf::anon_send(opened->handle, actors::client_gone{});
        }
      });
    };
  }

  void deliver(actors::port_event event) {
    if (auto* opened = std::get_if<actors::connection_opened>(&event)) {
      connection_ = opened->handle;
      watch(connection_);
    }
    if (auto session = sink_.lock()) session->on_event(std::move(event));
  }

  void watch(const actors::connection& handle) {
    when_ended(handle, executor_, [weak = weak_from_this()] {
      auto link = weak.lock();
      if (!link || !link->connection_) return; // we left it
      link->connection_ = actors::connection{};
      if (auto session = link->sink_.lock()) session->on_connection_lost();
    });
  }

  executor executor_;
  std::weak_ptr<event_sink> sink_;
  actors::connection connection_;
};

} // namespace goloca::net
