#pragma once
// A writer node's session of one link, from the accepted socket to its end.

#include "actors/messages.hpp"
#include "net/link/channel.hpp"
#include "net/link/credentials.hpp"
#include "net/link/link_settings.hpp"
#include "net/link/lobby.hpp"
#include "net/link/pulse.hpp"
#include "net/link/scarce_log.hpp"
#include "net/watchdog.hpp"

#include <memory>
#include <string>
#include <vector>

namespace goloca::net::link {

/// What the sessions of a port share. The logs are of strangers and of members: neither crowds out the other.
struct doorway {
  link_settings bounds;
  std::shared_ptr<const store::schema> schema;
  std::shared_ptr<credentials> identity;
  lobby strangers;
  scarce_log of_strangers;
  scarce_log of_members;
};

/// A stranger until TLS knows its certificate, a guest until its hello was answered; then its frames go to its host and
/// the host's orders to it, until either ends. A refusal is the last that is sent. On the socket's executor.
class writer_session : public std::enable_shared_from_this<writer_session> {
public:
  writer_session(tcp_socket socket, const asio::ip::tcp::endpoint& from, std::shared_ptr<doorway> at,
                 actors::link_hosts parent);
  ~writer_session();

  void start(); // once, on any thread

private:
  enum class phase : std::uint8_t { greeting, asking, linked, leaving, closed };

  task<void> run();
  void finish(const std::exception_ptr& thrown);
  task<bool> greet();
  void ask_for_host(actors::link_hello hello);
  void hear(frame what);

  void take(std::vector<actors::host_order>& orders);
  void admit(actors::link_admitted order);
  void on_host_ended();

  void refuse(actors::link_refusal why);
  void leave();
  void close(const std::string& why);
  void log_end(const std::string& why);

  executor on_;
  asio::ip::tcp::endpoint from_;
  std::shared_ptr<doorway> at_;
  actors::link_hosts parent_;
  channel channel_;
  pulse pulse_;
  watchdog deadline_;
  phase phase_ = phase::greeting;
  bool stranger_ = true;
  lobby::number place_ = 0;  // of a stranger
  actors::link_host host_{}; // when linked
  std::string node_;         // as the edge calls itself
};

} // namespace goloca::net::link
