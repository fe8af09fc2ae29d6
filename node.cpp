#include "node.hpp"

#include "actors/lent_thread.hpp"
#include "actors/node_supervisor.hpp"
#include "actors/stepwise_writer.hpp"
#include "chance.hpp"
#include "net/listener.hpp"
#include "net/socket_watch.hpp"
#include "node_links.hpp"
#include "setting.hpp"
#include "store/fault.hpp"
#include "version.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace goloca {

namespace {

using clock = std::chrono::steady_clock;

/// The last moments of a drain are for telling those who wait that they wait in vain.
constexpr auto last_words = std::chrono::milliseconds{500};

/// What ends a node: a signal (nothing), or the error that it could not cope with. Told by any thread, awaited by one.
class ending_notice {
public:
  void tell(std::optional<caf::error> why) {
    std::lock_guard lock{mutex_};
    if (told_) return;
    told_ = true;
    why_ = std::move(why);
    changed_.notify_all();
  }

  std::optional<caf::error> wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return told_; });
    return why_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool told_ = false;
  std::optional<caf::error> why_;
};

int exit_code_of(const caf::error& why) {
  if (why.category() != caf::atom("goloca")) return 70;
  switch (static_cast<actors::failure>(why.code())) {
  case actors::failure::store_never_came:
    return 69;
  case actors::failure::store_unfit:
    return 78;
  default:
    return 70;
  }
}

/// Each connection is a descriptor: take as many as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("cannot raise the limit of open files to its hard limit");
}

std::size_t io_thread_count(const config& from) {
  if (from.listen.io_threads > 0) return from.listen.io_threads;
  return std::max(1U, std::thread::hardware_concurrency() / 2); // the other half is the writers' and the actors'
}

net::net_settings net_settings_of(const config& from) {
  net::net_settings made;
  made.request_timeout = from.pool.request_timeout;
  made.header_timeout = from.timeouts.header;
  made.body_timeout = from.timeouts.body;
  made.idle_timeout = from.timeouts.idle;
  made.write_timeout = from.timeouts.write;
  made.ping_interval = from.timeouts.ping_interval;
  made.io_poll = std::chrono::microseconds{from.listen.io_poll_us};
  made.max_in_flight = from.limits.max_in_flight;
  made.max_header = from.limits.max_header_size;
  made.max_body = from.limits.max_body_size;
  made.max_message = from.limits.max_message_size;
  made.reject_unknown_members = from.reject_unknown_members;
  made.fault_injection = from.faults.injection;
  made.one_of_several = from.cluster.role == node_role::edge;
  made.name = {from.cluster.name, name_of_this_node(from.cluster), find_setting("ROLE")->show(from)};
  return made;
}

actors::lent_thread::lender lender_of(net::io_worker& worker) {
  auto alarm = std::make_shared<net::timer>(worker.context.get_executor());
  return {[&worker](std::function<void()> work) {
            boost::asio::post(worker.context, std::move(work));
            // It may be waiting for an answer, which this may be.
            if (!worker.context.get_executor().running_in_this_thread()) worker.bell.ring();
          },
          [alarm](clock::time_point at, std::function<void()> ring) {
            alarm->expires_at(at);
            alarm->async_wait([ring = std::move(ring)](const boost::system::error_code& ec) {
              if (!ec) ring(); // else it was set anew
            });
          }};
}

/// Actors run on the thread that does the I/O when there is but one (measured: a tenth to a fifth less CPU a point),
/// else on one of their own, shared: the default, stealing, polls and adds 0.1 ms to a lone point (measured).
struct actor_settings : caf::actor_system_config {
  explicit actor_settings(net::io_threads& io) {
    add_message_types<caf::id_block::goloca>();
    if (io.size() == 1) {
      module_factories.emplace_back([&worker = io.first()](caf::actor_system& in) {
        return new actors::lent_thread{in, lender_of(worker)};
      });
    }
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
  }
};

} // namespace

struct node::parts {
  explicit parts(const config& from);

  [[nodiscard]] actors::node_supervisor_settings supervision();
  [[nodiscard]] actors::db_writer spawn_writer(actors::writer_watcher watcher);
  /// There is but one I/O thread, and the store does not block it: it does the writers' work, too.
  [[nodiscard]] bool writes_by_itself() const { return io.size() == 1 && store::inserts_in_steps(settings.store); }
  void listen();
  void open(actors::entrance where, actors::connections parent);
  void watch_signals();
  void log_start(const store::durability& promise) const;
  void drain(clock::time_point until);

  config settings;
  std::size_t writers = std::min(settings.pool.writers, store::most_writers(settings.store));
  std::uint64_t boot = random_bits();
  net::service service;
  net::io_threads io; // before the actors: their replies post to it until the last of them is gone
  node_links links;
  std::shared_ptr<net::listener> clients; // null: a writer
  std::shared_ptr<net::listener> operators;
  boost::asio::signal_set signals;
  ending_notice ending;
  actor_settings for_actors{io};
  caf::actor_system actors{for_actors};
  actors::node_supervisor supervisor;
};

node::parts::parts(const config& from)
    : settings{from}, service{from.schema, net_settings_of(from), from.limits.max_buffered_bytes, boot,
                              from.cluster.has_store() ? store::name_of(from.store) : "links"},
      io{service, io_thread_count(from)}, links{from, io, boot}, signals{io.first().context, SIGINT, SIGTERM} {}

/// \throw std::runtime_error  an address cannot be listened on.
void node::parts::listen() {
  auto warn = [](const std::string& what) { spdlog::warn(what); };
  auto refused_too = settings.limits.max_connections + 256;
  links.listen();
  if (settings.cluster.has_clients()) {
    clients = std::make_shared<net::listener>(io, service, actors::entrance::clients, settings.listen.address,
                                              settings.listen.port, refused_too, warn);
  }
  if (const auto& admin = settings.listen.admin) {
    operators = std::make_shared<net::listener>(io, service, actors::entrance::operators, admin->address, admin->port,
                                                refused_too + 2 * settings.limits.max_admin_connections, warn);
  }
}

actors::node_supervisor_settings node::parts::supervision() {
  actors::node_supervisor_settings made;
  made.pool.max_queued = settings.pool.max_queued;
  made.pool.max_batch = settings.pool.max_batch;
  if (io.size() == 1) { // the pool runs on the thread that the pauses are of
    made.pool.on_commits = [&pause = io.first().pause](auto batches, auto took) { pause.committing(batches, took); };
  }
  made.pool.expiry_margin = std::min<clock::duration>(made.pool.expiry_margin, settings.pool.request_timeout / 10);
  made.rule.intensity = settings.supervision.restart_intensity;
  made.rule.window = settings.supervision.restart_window;
  made.log_warning = [](const std::string& what) { spdlog::warn(what); };

  made.log_error = [](const std::string& what) { spdlog::error(what); };

  made.writers.writers = writers;
  made.writers.first_attempts = settings.supervision.first_attempts;
  made.writers.first_interval = settings.supervision.first_interval;
  made.writers.rule = made.rule;
  made.writers.look_for_faults = settings.faults.injection || !settings.faults.plans.empty();
  made.writers.jitter = random_shares();
  made.writers.log_warning = made.log_warning;
  made.writers.on_first_ready = [this](const store::durability& promise) { log_start(promise); };
  made.writers.spawn = [this](actors::writer_watcher watcher) { return spawn_writer(std::move(watcher)); };

  made.has_store = settings.cluster.has_store();
  if (links.dials()) {
    made.links = links.supervision(actors);
    if (!made.has_store) made.links->on_first_ready = made.writers.on_first_ready;
  }
  if (links.listens()) {
    made.hosts = links.hosting();
    made.open_links = [this](actors::link_hosts parent) { links.serve(std::move(parent)); };
  }

  made.clients.limit = settings.limits.max_connections;
  made.clients.each.request_timeout = settings.pool.request_timeout;
  made.clients.each.new_id = [this] {
    return service.ids.next(std::chrono::system_clock::now() + faults::clock_jump());
  };
  made.operators = made.clients;
  if (settings.cluster.role == node_role::edge) {
    made.clients.drain_over = std::min<clock::duration>(milliseconds{2'000}, settings.drain.timeout / 3);
  }
  made.operators.limit = settings.limits.max_admin_connections;
  made.incarnation = random_bits;
  made.open = [this](actors::entrance where, actors::connections parent) { open(where, std::move(parent)); };
  made.end = [this](const caf::error& why) { ending.tell(why); };
  return made;
}

/// With a thread, or on the one that does everything else.
actors::db_writer node::parts::spawn_writer(actors::writer_watcher watcher) {
  actors::db_writer_settings of_writer;
  of_writer.open = [store = settings.store, schema = settings.schema] { return store::open_store(store, schema); };
  if (!writes_by_itself()) {
    return actors.spawn<caf::detached>(actors::run_db_writer, std::move(of_writer), std::move(watcher));
  }
  of_writer.probe_interval = {};
  actors::stepwise_writer_settings made;
  made.spawn = [this, of_writer](actors::writer_watcher front) {
    return actors.spawn<caf::detached>(actors::run_db_writer, of_writer, std::move(front));
  };
  made.watch = [this](int socket) {
    return net::watch_socket(io.first().context.get_executor(), io.first().bell, socket);
  };
  return actors.spawn(actors::run_stepwise_writer, std::move(made), std::move(watcher));
}

void node::parts::open(actors::entrance where, actors::connections parent) {
  auto& door = where == actors::entrance::clients ? clients : operators;
  if (door) door->serve(std::move(parent));
}

void node::parts::watch_signals() {
  signals.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec) return;
    ending.tell(std::nullopt);
    signals.async_wait([](const boost::system::error_code& again, int signal) {
      if (again) return;
      spdlog::warn("a second signal: ending at once");
      spdlog::shutdown();
      std::_Exit(128 + signal);
    });
  });
}

void node::parts::log_start(const store::durability& promise) const {
  auto where = [](const std::string& address, std::uint16_t port) { return show_endpoint({address, port}); };
  std::vector<std::string> doors;
  if (clients) doors.push_back("on " + where(settings.listen.address, clients->port()));
  if (links.door()) doors.push_back("edges on " + where(settings.cluster.listen->address, links.door()->port()));
  if (operators) doors.push_back("operators on " + where(settings.listen.admin->address, operators->port()));
  auto has_store = settings.cluster.has_store();
  auto behind =
      has_store ? "store " + store::describe(settings.store) : "writers " + show_hosts(settings.cluster.writers);
  auto hands =
      has_store ? fmt::format("{} writer{} {} ", writers, writers == 1 ? "" : "s", writes_by_itself() ? "on" : "beside")
                : "";
  spdlog::info("goloca {} serves {}: {} ({}{}), {}{} I/O thread{}", version, fmt::join(doors, ", "), behind,
               promise.statement, promise.full ? "" : "; WEAK: acknowledged points may be lost", hands, io.size(),
               io.size() == 1 ? "" : "s");
}

/// No new connections; whoever waits is answered, by the store as long as there is time, then as at its deadline.
void node::parts::drain(clock::time_point until) {
  std::this_thread::sleep_until(std::min(clock::now() + settings.drain.delay, until));
  if (clients) clients->close();
  links.close();
  caf::scoped_actor self{actors};
  auto ask = [&](clock::duration at_most) {
    std::optional<actors::account> total;
    auto patience = std::max<clock::duration>(at_most, std::chrono::milliseconds{1});
    self->request(supervisor, patience, actors::drain{})
        .receive([&](const actors::drained& done) { total = done.total; }, [](const caf::error&) {});
    return total;
  };
  auto total = ask(until - last_words - clock::now());
  if (!total) {
    spdlog::warn("draining takes too long: answering what is left");
    self->send(supervisor, actors::give_up{});
    total = ask(until - clock::now());
  }
  if (!total) return spdlog::warn("some connections did not end in time");
  spdlog::info("{} points received: {} stored, {} duplicates, {} conflicts, {} invalid, {} overloaded, {} unavailable, "
               "{} timeouts",
               total->received, total->stored, total->duplicate, total->conflict, total->invalid, total->overloaded,
               total->unavailable, total->timeout);
}

node::node(const config& from) : parts_{std::make_unique<parts>(from)} {}

node::~node() = default;

int node::run() {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN); // who reads our log may go before us
  auto& all = *parts_;
  for (const auto& note : all.settings.notes) spdlog::info("{}", note);
  faults::set_listener([](const std::string& news) { spdlog::warn("{}", news); });
  for (const auto& each : all.settings.faults.plans) faults::switch_on(each.which, each.how);
  try {
    all.links.open();
  } catch (const std::runtime_error& failed) {
    spdlog::critical("{}", failed.what());
    return 78;
  }
  try {
    all.listen();
  } catch (const std::runtime_error& failed) {
    spdlog::critical("{}", failed.what());
    return 71;
  }
  all.watch_signals();
  all.io.start();
  all.supervisor = all.actors.spawn(actors::run_node_supervisor, all.supervision());
  if (all.links.dials()) {
    all.links.seek_writers([root = all.supervisor](std::vector<std::string> addresses) {
      caf::anon_send(root, actors::members_changed{std::move(addresses)});
    });
  }

  auto why = all.ending.wait();
  auto patience = why ? std::min<clock::duration>(last_words, all.settings.drain.timeout)
                      : clock::duration{all.settings.drain.timeout};
  auto code = why ? exit_code_of(*why) : 0;
  if (why)
    spdlog::critical("{}", actors::reason_of(*why));
  else
    spdlog::info("draining");
  all.service.draining = true;
  auto until = clock::now() + patience;
  // A writer may be blocked in its database for longer than we have: then the process goes without it.
  std::thread{[until, code] {
    std::this_thread::sleep_until(until + last_words);
    std::_Exit(code); // and not a word: main may be over by now, and the log with it
  }}.detach();
  all.drain(until);
  caf::anon_send_exit(all.supervisor, caf::exit_reason::user_shutdown);
  all.supervisor = actors::node_supervisor{};
  all.links.stop();
  all.actors.await_all_actors_done();
  all.io.stop();
  return code;
}

} // namespace goloca
