#include "tests/simulation/capacity.hpp"

#include "actors/db_writer.hpp"
#include "actors/link_hosts.hpp"
#include "actors/link_supervisor.hpp"
#include "actors/node_link.hpp"
#include "actors/writer_pool.hpp"
#include "actors/writer_supervisor.hpp"
#include "store/null_store.hpp"
#include "tests/simulation/ride.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace goloca::simulation {

using namespace std::chrono_literals;
using namespace actors;

namespace {

/// One node's: what it is given is done in turn.
class processor {
public:
  processor(stage& on, double share) : on_{on}, share_{share} {}

  /// \param later  it comes only then
  void work(nanoseconds cost, nanoseconds later, std::function<void()> done) {
    auto takes = std::chrono::duration_cast<nanoseconds>(cost / share_);
    free_ = std::max(free_, on_.now() + later) + std::max(takes, nanoseconds{1});
    on_.at(free_, {}, std::move(done));
  }

private:
  stage& on_;
  double share_;
  time_point free_{};
};

struct writer_node {
  processor cpu;
  writer_pool pool{};
  writer_supervisor writers{};
  link_hosts hosts{};
};

struct edge_node {
  processor cpu;
  writer_pool pool{};
  link_supervisor links{};
  std::vector<reply_receiver> clients{};
};

/// A link's: who hears at the edge, and who at the writer's node once it is admitted.
struct transport {
  link_ear ear;
  link_host host{};
};

std::size_t points_of(const link_batch& batch) {
  std::size_t points = 0;
  for (const auto& range : batch.rows) points += range.count;
  return points;
}

class cluster {
public:
  explicit cluster(const capacity_settings& with) : with_{with} { on_.be_prompt(); }
  double measure();

private:
  void add_writer(std::size_t number);
  void add_edge(std::size_t number);
  void add_client(edge_node& to);
  void send(edge_node& by, const reply_receiver& client, std::uint64_t first, std::uint32_t count);
  reply_receiver::behavior_type hear(edge_node& by, reply_receiver::pointer client);
  link_dialer dialer_of(edge_node& edge, link_hello hello);
  void obey(edge_node& edge, const std::shared_ptr<transport>& on, host_order& order);
  void carry(writer_node& to, const std::shared_ptr<transport>& on, link_order& order);
  void run_for(nanoseconds time);
  void end();

  const capacity_settings& with_;
  stage on_{1, nullptr};
  std::vector<std::unique_ptr<writer_node>> writers_;
  std::vector<std::unique_ptr<edge_node>> edges_;
  std::shared_ptr<const store::row_block> rows_; // all clients send these
  std::uint64_t stored_ = 0;
  bool failed_ = false;
};

link_hello hello_of(const std::string& node, std::uint64_t boot) {
  return {{}, "cluster", node, boot, "schema"};
}

void cluster::add_writer(std::size_t number) {
  auto& made = *writers_.emplace_back(std::make_unique<writer_node>(writer_node{{on_, with_.share}}));
  made.pool = on_.system.spawn(run_writer_pool, writer_pool_settings{}, 1'000 + number);
  writer_supervisor_settings of_writers;
  of_writers.jitter = [] { return 1.0; };
  of_writers.spawn = [this](writer_watcher watcher) -> db_writer {
    auto open = [] {
      return store::result<std::unique_ptr<store::data_point_store>>{std::make_unique<store::null_store>()};
    };
    return on_.system.spawn(run_db_writer, db_writer_settings{open, 1s}, std::move(watcher));
  };
  made.writers = on_.system.spawn(run_writer_supervisor, of_writers, made.pool);
  link_hosts_settings of_links;
  of_links.node = "writer " + std::to_string(number);
  of_links.boot = 1'000 + number;
  of_links.own = hello_of(of_links.node, of_links.boot);
  made.hosts = on_.system.spawn(run_link_hosts, of_links, made.pool);
}

void cluster::add_edge(std::size_t number) {
  auto& made = *edges_.emplace_back(std::make_unique<edge_node>(edge_node{{on_, with_.share}}));
  made.pool = on_.system.spawn(run_writer_pool, writer_pool_settings{}, 1 + number);
  auto dial = dialer_of(made, hello_of("edge " + std::to_string(number), 1 + number));
  link_supervisor_settings of_links;
  of_links.jitter = [] { return 1.0; };
  of_links.spawn = [this, dial](const std::string& address, link_watcher watcher) {
    return on_.system.spawn(run_node_link, node_link_settings{address, dial}, std::move(watcher));
  };
  for (std::size_t i = 0; i < writers_.size(); ++i) of_links.members.push_back(std::to_string(i));
  made.links = on_.system.spawn(run_link_supervisor, of_links, made.pool);
}

// -- clients --------------------------------------------------------------------------------------

void cluster::add_client(edge_node& to) {
  auto client = on_.system.spawn([this, &to](reply_receiver::pointer self) { return hear(to, self); });
  to.clients.push_back(client);
  send(to, client, 0, with_.window);
}

void cluster::send(edge_node& by, const reply_receiver& client, std::uint64_t first, std::uint32_t count) {
  by.cpu.work(count * with_.edge_point, 0s, [this, &by, client, first, count] {
    caf::send_as(client, by.pool, insert_request{{{first, {rows_, 0, count}}}, on_.now() + 10s});
  });
}

/// What was answered is sent anew, under other numbers.
reply_receiver::behavior_type cluster::hear(edge_node& by, reply_receiver::pointer client) {
  return {[this, &by, client, next = std::uint64_t{with_.window}](const insert_reply& reply) mutable {
    std::uint32_t count = 0;
    for (const auto& run : reply.runs) {
      failed_ = failed_ || run.what != verdict::stored;
      count += run.count;
    }
    stored_ += count;
    send(by, reply_receiver{client}, std::exchange(next, next + count), count);
  }};
}

// -- links ----------------------------------------------------------------------------------------

link_dialer cluster::dialer_of(edge_node& edge, link_hello hello) {
  return [this, &edge, hello = std::move(hello)](const std::string& address, link_ear ear) -> link_port {
    auto on = std::make_shared<transport>(transport{std::move(ear)});
    auto& writer = *writers_.at(std::stoul(address));
    caf::anon_send(writer.hosts,
                   open_link{hello, "edge", [this, &edge, on](host_order order) { obey(edge, on, order); }});
    return [this, &writer, on](link_order order) { carry(writer, on, order); };
  };
}

void cluster::obey(edge_node& edge, const std::shared_ptr<transport>& on, host_order& order) {
  auto tell = [&](nanoseconds cost, link_event what) {
    edge.cpu.work(cost, with_.hop, [on, what = std::move(what)] { on->ear(what); });
  };
  if (auto* admitted = std::get_if<link_admitted>(&order)) {
    on->host = admitted->host;
    tell(with_.frame, admitted->welcome);
  } else if (auto* result = std::get_if<link_result>(&order)) {
    tell(with_.frame, std::move(*result));
  } else if (auto* refusal = std::get_if<link_refusal>(&order)) {
    tell(with_.frame, link_closed{refusal->reason});
  }
}

void cluster::carry(writer_node& to, const std::shared_ptr<transport>& on, link_order& order) {
  auto* batch = std::get_if<link_batch>(&order);
  if (batch == nullptr) return; // the end
  auto cost = with_.frame + points_of(*batch) * with_.writer_point;
  to.cpu.work(cost, with_.hop, [on, what = std::move(*batch)] { caf::anon_send(on->host, what); });
}

// -- the measurement ------------------------------------------------------------------------------

void cluster::run_for(nanoseconds time) {
  for (auto until = on_.now() + time; on_.now() < until && on_.step();) continue;
}

double cluster::measure() {
  auto made = std::make_shared<store::row_block>(store::rides_schema());
  for (std::uint32_t i = 1; i <= with_.window; ++i) append(*made, {point::kind::usual, i});
  rows_ = std::move(made);
  for (std::size_t i = 0; i < with_.writers; ++i) add_writer(i);
  run_for(1s); // until they have their store
  for (std::size_t i = 0; i < with_.edges; ++i) add_edge(i);
  run_for(1s); // and are linked
  for (auto& each : edges_) {
    for (std::size_t i = 0; i < with_.clients; ++i) add_client(*each);
  }
  run_for(with_.lasts);
  auto before = stored_;
  auto begin = on_.now();
  run_for(with_.lasts);
  auto rate = static_cast<double>(stored_ - before) / std::chrono::duration<double>{on_.now() - begin}.count();
  end();
  return failed_ ? 0 : rate;
}

void cluster::end() {
  on_.clear();
  auto kill = [](const auto& who) { caf::anon_send_exit(who, caf::exit_reason::kill); };
  for (auto& each : edges_) {
    std::ranges::for_each(each->clients, kill);
    kill(each->links), kill(each->pool);
  }
  for (auto& each : writers_) kill(each->hosts), kill(each->writers), kill(each->pool);
  while (on_.system.registry().running() > 0 && on_.step()) continue;
}

} // namespace

double capacity_of(const capacity_settings& with) {
  return cluster{with}.measure();
}

} // namespace goloca::simulation
