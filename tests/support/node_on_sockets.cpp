#include "tests/support/node_on_sockets.hpp"

#include <chrono>
#include <utility>

namespace goloca::test {

using namespace std::chrono_literals;

node_on_sockets::actor_settings::actor_settings() {
  add_message_types<caf::id_block::goloca>();
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::size_t{1});
}

namespace {

constexpr std::size_t most_sessions = 1'000;

net::net_settings impatient() {
  net::net_settings made;
  made.request_timeout = 2s;
  return made;
}

} // namespace

node_on_sockets::node_on_sockets()
    : service_{store::rides_schema(), impatient(), 64 << 20, 1, "memory"}, io_{service_, 1} {
  auto ignore = [](const std::string&) {};
  clients_ =
      std::make_shared<net::listener>(io_, service_, actors::entrance::clients, "127.0.0.1", 0, most_sessions, ignore);
  operators_ = std::make_shared<net::listener>(io_, service_, actors::entrance::operators, "127.0.0.1", 0,
                                               most_sessions, ignore);
  io_.start();
  supervisor_ = actors_.spawn(actors::run_node_supervisor, supervision());
}

node_on_sockets::~node_on_sockets() {
  clients_->close();
  operators_->close();
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  supervisor_ = actors::node_supervisor{};
  {
    std::scoped_lock lock{known_.mutex};
    known_.writer = actors::db_writer{};
    known_.supervisor = actors::writer_watcher{};
    known_.pool = caf::actor{};
    known_.connection = actors::connection{};
    known_.clients = known_.operators = actors::connections{};
  }
  actors_.await_all_actors_done();
  io_.stop();
}

/// A db writer as in production, but that it tells whose batch it gets: nobody else knows the pool.
actors::db_writer::behavior_type
node_on_sockets::run_telling_writer(actors::db_writer::stateful_pointer<actors::db_writer_state> self,
                                    node_on_sockets* to, actors::writer_watcher watcher) {
  auto open = store::memory_opener(to->table_);
  auto opened = self->state.connect(open);
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  self->send(watcher, actors::writer_ready{self, std::get<store::durability>(opened)});
  return {
      [self, to](actors::insert_batch& batch) -> caf::result<actors::batch_result> {
        {
          std::scoped_lock lock{to->known_.mutex};
          to->known_.pool = caf::actor_cast<caf::actor>(self->current_sender());
        }
        return std::get<actors::batch_result>(self->state.write(batch));
      },
      [self](const actors::find_request& asked) -> caf::result<actors::find_result> {
        return std::get<actors::find_result>(self->state.find(asked.id));
      },
      [](const actors::connect_store&) {},
      [](const actors::probe_store&) {},
  };
}

/// What the listener takes for the parent of its connections: it hands clients on to it, and hears which connection
/// they get. Ends with it.
actors::connections::behavior_type node_on_sockets::run_door(actors::connections::stateful_pointer<caf::unit_t> self,
                                                             node_on_sockets* to, actors::connections parent) {
  self->monitor(parent);
  self->set_down_handler([self](const caf::down_msg& death) { self->quit(death.reason); });
  return {
      [self, to, parent](actors::open_connection& client) {
        auto listening = [to, out = std::move(client.out)](actors::port_event event) {
          if (auto* opened = std::get_if<actors::connection_opened>(&event)) {
            std::scoped_lock lock{to->known_.mutex};
            to->known_.connection = opened->handle;
          }
          out(std::move(event));
        };
        self->send(parent, actors::open_connection{std::move(listening)});
      },
      [](const actors::wake_at&) {},
      [](const actors::became_websocket&) {},
      [](const actors::connections_query&) { return actors::connections_status{}; },
      [](actors::pool_changed&) {},
      [](const actors::drain&) { return actors::all_left{}; },
      [](const actors::give_up&) {},
      [](const actors::drain_more&) {},
      [](const actors::tick&) {},
  };
}

actors::node_supervisor_settings node_on_sockets::supervision() {
  actors::node_supervisor_settings made;
  made.pool.max_batch = 50;
  made.rule.intensity = 1'000'000; // the test kills as often as it likes
  made.rule.window = 1ms;
  made.writers.rule = {.least = 1ms, .most = 5ms, .intensity = 1'000'000};
  made.writers.jitter = [] { return 0.5; };
  made.writers.spawn = [this](actors::writer_watcher watcher) {
    std::scoped_lock lock{known_.mutex};
    known_.supervisor = watcher;
    return known_.writer = actors_.spawn<caf::detached>(run_telling_writer, this, std::move(watcher));
  };
  made.clients.each.request_timeout = service_.settings.request_timeout;
  made.clients.each.new_id = [this] { return service_.ids.next(std::chrono::system_clock::now()); };
  made.operators = made.clients;
  made.incarnation = [next = std::uint64_t{1}]() mutable { return next++; };
  made.open = [this](actors::entrance where, actors::connections parent) { open(where, std::move(parent)); };
  made.end = [this](const caf::error&) { ++given_up_; };
  made.log_warning = [](const std::string&) {};
  made.log_error = [this](const std::string& what) {
    std::scoped_lock lock{errors_mutex_};
    errors_.push_back(what);
  };
  return made;
}

void node_on_sockets::open(actors::entrance where, actors::connections parent) {
  std::scoped_lock lock{known_.mutex};
  auto clients = where == actors::entrance::clients;
  (clients ? known_.clients : known_.operators) = parent;
  if (clients) parent = actors_.spawn(run_door, this, std::move(parent));
  (clients ? clients_ : operators_)->serve(std::move(parent));
}

bool node_on_sockets::kill(victim who) {
  std::scoped_lock lock{known_.mutex};
  auto end = [](const auto& handle) {
    if (!handle) return false;
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    return true;
  };
  switch (who) {
  case victim::writer:
    return end(known_.writer);
  case victim::writer_supervisor:
    return end(known_.supervisor);
  case victim::writer_pool:
    return end(known_.pool);
  case victim::client_connection:
    return end(known_.connection);
  case victim::client_connections:
    return end(known_.clients);
  case victim::operator_connections:
    return end(known_.operators);
  }
  return false;
}

std::vector<std::string> node_on_sockets::errors() const {
  std::scoped_lock lock{errors_mutex_};
  return errors_;
}

std::optional<actors::account> node_on_sockets::drain(std::chrono::milliseconds patience) {
  service_.draining = true;
  std::optional<actors::account> total;
  caf::scoped_actor self{actors_};
  self->request(supervisor_, patience, actors::drain{})
      .receive([&](const actors::drained& done) { total = done.total; }, [](const caf::error&) {});
  return total;
}

} // namespace goloca::test
