#include "net/link/dialer.hpp"

#include "net/link/channel.hpp"
#include "net/link/link_address.hpp"
#include "net/link/order_queue.hpp"
#include "net/link/pulse.hpp"
#include "net/watchdog.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace goloca::net::link {

namespace {

using namespace actors;

std::string in_words(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

/// An edge's session of one link. Invariant: the ear has heard of the end, or link_close came, exactly if `ended_`.
class edge_session : public std::enable_shared_from_this<edge_session> {
public:
  edge_session(executor on, std::shared_ptr<const dialer_settings> with, link_ear ear)
      : on_{on}, with_{std::move(with)}, ear_{std::move(ear)}, socket_{on}, deadline_{on, [this] { on_deadline(); }} {}

  task<void> run(std::string address);
  void take(std::vector<link_order>& orders);

  /// run() is over. \param thrown  by a lack of memory, mostly; null: nothing.
  void finish(const std::exception_ptr& thrown);

private:
  task<bool> connect(const std::string& address);
  task<bool> introduce();
  task<void> listen();

  void hear(frame what);
  void give_up_after(std::chrono::milliseconds time, std::string why);
  void on_deadline();
  void end(std::string why);
  void close(std::string why);

  executor on_;
  std::shared_ptr<const dialer_settings> with_;
  link_ear ear_;
  tcp_socket socket_; // until the channel has it
  std::optional<channel> channel_;
  std::optional<pulse> pulse_;
  watchdog deadline_;
  std::string late_because_;
  bool ended_ = false;
};

task<void> edge_session::run(std::string address) {
  if (ended_) co_return;
  auto connected = co_await connect(address);
  if (!connected) co_return;
  auto welcome = co_await introduce();
  if (welcome) co_await listen();
}

task<bool> edge_session::connect(const std::string& address) {
  auto to = endpoint_of(address);
  if (!to) {
    end("no address that can be dialled: it must be like 10.0.0.2:7420 or [fd00::2]:7420");
    co_return false;
  }
  give_up_after(with_->bounds.connect_timeout, "cannot connect: no answer within ");
  error_code ec;
  co_await socket_.async_connect(*to, asio::redirect_error(use_task, ec));
  if (ec) end("cannot connect: " + ec.message());
  if (ended_) co_return false;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ec);
  channel_.emplace(std::move(socket_), with_->identity->current(), with_->schema);
  channel_->keep_alive(weak_from_this());
  co_return true;
}

/// \return whether we are welcome.
task<bool> edge_session::introduce() {
  give_up_after(with_->bounds.handshake_timeout, "no TLS handshake within ");
  auto fault = co_await channel_->handshake(channel::role::client);
  if (fault) end(*fault);
  if (ended_) co_return false;
  late_because_ = "no answer to our hello within " + in_words(with_->bounds.handshake_timeout);
  channel_->write(with_->hello);
  channel_->flush();
  auto answer = co_await channel_->read(most_before_hello);
  if (ended_) co_return false;
  if (auto* none = std::get_if<std::string>(&answer)) {
    end(std::move(*none));
    co_return false;
  }
  auto* said = std::get_if<frame>(&answer);
  auto* welcome = std::get_if<link_welcome>(said);
  if (welcome == nullptr) {
    hear(std::move(*said));
    co_return false;
  }
  deadline_.rest();
  ear_(std::move(*welcome));
  co_return true;
}

task<void> edge_session::listen() {
  pulse_.emplace(*channel_, on_, with_->bounds,
                 [this](std::chrono::nanoseconds round_trip) { ear_(link_measured{round_trip}); });
  pulse_->start();
  while (!ended_) {
    auto next = co_await channel_->read(most_body);
    if (ended_) break;
    if (auto* why = std::get_if<std::string>(&next))
      end(std::move(*why));
    else
      hear(std::get<frame>(std::move(next)));
  }
}

void edge_session::hear(frame what) {
  if (pulse_ && pulse_->take(what)) return;
  if (auto* refused = std::get_if<link_refusal>(&what)) return end("it refuses the link: " + refused->reason);
  if (!pulse_) return end("it answered our hello with something else");
  if (auto* result = std::get_if<link_result>(&what)) return ear_(std::move(*result));
  if (auto* found = std::get_if<link_found>(&what)) return ear_(std::move(*found));
  if (std::holds_alternative<link_draining>(what)) return ear_(link_draining{});
  end("it sent what no writer sends");
}

void edge_session::take(std::vector<link_order>& orders) {
  for (auto& each : orders) {
    if (ended_) return;
    if (std::holds_alternative<link_close>(each)) return close("we closed the link");
    if (!pulse_) continue; // before a welcome nobody has anything to send
    if (auto* batch = std::get_if<link_batch>(&each))
      channel_->write(std::move(*batch));
    else
      channel_->write(std::get<link_find>(std::move(each)));
  }
  if (channel_) channel_->flush();
}

void edge_session::finish(const std::exception_ptr& thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const std::exception& failed) {
    end(std::string{"this node's end of it failed: "} + failed.what());
  }
}

void edge_session::give_up_after(std::chrono::milliseconds time, std::string why) {
  late_because_ = std::move(why) + in_words(time);
  deadline_.watch(time);
}

void edge_session::on_deadline() {
  end(late_because_);
}

void edge_session::end(std::string why) {
  if (ended_) return;
  auto ear = ear_;
  close(why);
  ear(link_closed{std::move(why)});
}

/// Nothing more is told. What runs still finds the socket closed.
void edge_session::close(std::string why) {
  ended_ = true;
  deadline_.stop();
  if (pulse_) pulse_->stop();
  error_code ignored; // it is closed whatever comes
  socket_.close(ignored);
  if (channel_) channel_->cut(std::move(why));
}

} // namespace

link_dialer make_dialer(io_threads& threads, dialer_settings with) {
  return [&threads, shared = std::make_shared<const dialer_settings>(std::move(with))](const std::string& address,
                                                                                       link_ear ear) -> link_port {
    auto on = threads.next().context.get_executor();
    auto session = std::make_shared<edge_session>(on, shared, std::move(ear));
    auto orders =
        std::make_shared<order_queue<link_order>>(on, [weak = std::weak_ptr{session}](std::vector<link_order>& came) {
          if (auto alive = weak.lock()) alive->take(came);
        });
    asio::post(on, [on, session, address] {
      asio::co_spawn(
          on, [session, address] { return session->run(address); },
          [session](const std::exception_ptr& thrown) { session->finish(thrown); });
    });
    return [orders](link_order order) { orders->put(std::move(order)); };
  };
}

} // namespace goloca::net::link
