#include "net/metrics.hpp"

#include "net/process_figures.hpp"
#include "store/fault.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

namespace goloca::net {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Families, in the order in which they are written.
class metric_list {
public:
  /// A family without metrics is not written.
  MetricFamily& family(std::string name, MetricType type, std::string help) {
    return families_.emplace_back(MetricFamily{std::move(name), std::move(help), type, {}});
  }

  void single(std::string name, MetricType type, std::string help, double value) {
    add(family(std::move(name), type, std::move(help)), {}, value);
  }

  static void add(MetricFamily& to, labels by, double value) {
    ClientMetric one;
    one.label = std::move(by);
    (to.type == MetricType::Counter ? one.counter.value : one.gauge.value) = value;
    to.metric.push_back(std::move(one));
  }

  template <class Histogram>
  static void observe(MetricFamily& to, labels by, const Histogram& seen) {
    ClientMetric one;
    one.label = std::move(by);
    auto& out = one.histogram;
    for (std::size_t i = 0; i < seen.counts.size(); ++i) {
      out.sample_count += seen.counts[i];
      auto limit = i < seen.limits.size() ? seen.limits[i] : std::numeric_limits<double>::infinity();
      out.bucket.push_back({out.sample_count, limit});
    }
    out.sample_sum = seen.sum;
    to.metric.push_back(std::move(one));
  }

  [[nodiscard]] std::string text() const {
    std::vector<MetricFamily> written;
    for (const auto& each : families_) {
      if (!each.metric.empty()) written.push_back(each);
    }
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, written);
    return out.str();
  }

private:
  std::deque<MetricFamily> families_; // whose elements stay where they are
};

double number(std::uint64_t value) {
  return static_cast<double>(value);
}

template <class Enum>
std::string name_of(std::size_t index) {
  return to_string(static_cast<Enum>(index));
}

const char* name_of_entrance(std::size_t index) {
  return static_cast<actors::entrance>(index) == actors::entrance::clients ? "clients" : "operators";
}

/// Promise 7: received is the sum of the others at every scrape.
void add_points(const actors::node_status& node, metric_list& to) {
  using actors::account;
  auto by_transport = [&](const char* name, MetricType type, const char* help, auto value_of) {
    auto& family = to.family(name, type, help);
    for (std::size_t by = 0; by < actors::transports; ++by) {
      to.add(family, {{"transport", name_of<actors::transport>(by)}}, value_of(node.points[by].points));
    }
  };
  auto counter = [&](const char* name, const char* help, std::uint64_t account::*what) {
    by_transport(name, MetricType::Counter, help, [=](const account& of) { return number(of.*what); });
  };
  counter("goloca_points_received_total",
          "Points read, valid or not: the sum of stored, duplicate, conflict, invalid, refused and in flight.",
          &account::received);
  counter("goloca_points_stored_total", "Points answered as stored: committed.", &account::stored);
  counter("goloca_points_duplicate_total", "Points that were stored before, with the same content.",
          &account::duplicate);
  counter("goloca_points_conflict_total", "Points whose id is taken by another content.", &account::conflict);
  counter("goloca_points_invalid_total", "Points that are not valid, or that the database refused for their data.",
          &account::invalid);
  auto& refused = to.family("goloca_points_refused_total", MetricType::Counter,
                            "Points that the client may send again: not stored (overloaded, unavailable), or with an "
                            "outcome that is not known (timeout).");
  constexpr std::pair<const char*, std::uint64_t account::*> reasons[] = {
      {"overloaded", &account::overloaded}, {"unavailable", &account::unavailable}, {"timeout", &account::timeout}};
  for (std::size_t by = 0; by < actors::transports; ++by) {
    for (auto [reason, what] : reasons) {
      to.add(refused, {{"transport", name_of<actors::transport>(by)}, {"reason", reason}},
             number(node.points[by].points.*what));
    }
  }
  by_transport("goloca_points_in_flight", MetricType::Gauge, "Points read that have no answer yet.",
               [](const account& of) { return number(of.in_flight); });
  by_transport("goloca_points_unaccounted", MetricType::Gauge,
               "Points received that are nowhere in that sum: anything but 0 is a bug.",
               [](const account& of) { return static_cast<double>(of.unaccounted()); });
  counter("goloca_points_late_total", "Results that came after their point was answered, as a timeout mostly.",
          &account::late);
}

void add_durations(const actors::node_status& node, metric_list& to) {
  auto& requests =
      to.family("goloca_request_duration_seconds", MetricType::Histogram, "From the reading of a point to its answer.");
  for (std::size_t by = 0; by < actors::transports; ++by) {
    to.observe(requests, {{"transport", name_of<actors::transport>(by)}}, node.points[by].request_seconds);
  }
  to.observe(to.family("goloca_commit_duration_seconds", MetricType::Histogram,
                       "From the moment a batch was given to a writer to its result."),
             {}, node.of_pools.commit_seconds);
  to.observe(to.family("goloca_batch_points", MetricType::Histogram, "Points in a batch, which is a transaction."), {},
             node.of_pools.batch_points);
}

void add_pool(const actors::node_status& node, metric_list& to) {
  if (!node.pool) return;
  to.single("goloca_queue_size", MetricType::Gauge, "Points that wait for a writer.", number(node.pool->queued));
  to.single("goloca_queue_capacity", MetricType::Gauge, "MAX_JOB_QUEUE_LENGTH: points beyond it are refused.",
            number(node.pool->capacity));
  to.single("goloca_batches_in_flight", MetricType::Gauge, "Batches that writers have.",
            number(node.pool->batches.size()));
}

void add_writers(const actors::node_status& node, metric_list& to) {
  if (node.writers) {
    std::uint64_t connected = 0;
    for (const auto& each : node.writers->slots) {
      if (each.what == actors::writer_status::state::connected) ++connected;
    }
    to.single("goloca_db_connection_up", MetricType::Gauge, "1 while there is a connection to the store.",
              connected > 0 ? 1 : 0);
    to.single("goloca_db_connections", MetricType::Gauge, "Connections to the store, one a writer.", number(connected));
  }
  to.single("goloca_db_reconnects_total", MetricType::Counter, "Connections to the store made in place of a lost one.",
            number(node.of_writers.reconnects));
}

void add_links(const actors::node_status& node, metric_list& to) {
  using state = actors::link_status::state;
  if (node.links) {
    auto& up = to.family("goloca_link_up", MetricType::Gauge, "1 while the link to that writer node takes batches.");
    auto& flight = to.family("goloca_link_batches_in_flight", MetricType::Gauge, "Batches there without a result.");
    auto& trip = to.family("goloca_link_round_trip_seconds", MetricType::Gauge, "Of the last ping.");
    auto& dials = to.family("goloca_link_failures_total", MetricType::Counter, "Ends of that link, and vain dials.");
    for (const auto& each : node.links->links) {
      to.add(up, {{"to", each.address}}, each.what == state::connected ? 1 : 0);
      to.add(flight, {{"to", each.address}}, number(each.in_flight));
      to.add(trip, {{"to", each.address}}, std::chrono::duration<double>{each.round_trip}.count());
      to.add(dials, {{"to", each.address}}, number(each.failures.count));
    }
  }
  if (!node.hosts) return;
  to.single("goloca_edges", MetricType::Gauge, "Links from edges.", number(node.hosts->hosts.size()));
  to.single("goloca_edges_refused_total", MetricType::Counter, "Hellos that were refused.",
            number(node.hosts->refused));
}

void add_supervision(const actors::node_status& node, metric_list& to) {
  auto& restarts = to.family("goloca_actor_restarts_total", MetricType::Counter,
                             "Actors that were started because one had ended; a db_writer ends with its connection.");
  to.add(restarts, {{"actor", "db_writer"}}, number(node.of_writers.restarts));
  for (std::size_t part = 0; part < actors::node_parts; ++part) {
    to.add(restarts, {{"actor", name_of<actors::node_part>(part)}}, number(node.failures[part].count));
  }
  auto& crashed = to.family("goloca_connections_crashed_total", MetricType::Counter,
                            "Connections that ended by a failure of ours: their points count as timeout.");
  auto& refused = to.family("goloca_connections_refused_total", MetricType::Counter,
                            "Clients that found no room (MAX_CONNECTIONS), or the node draining.");
  for (std::size_t where = 0; where < actors::entrances; ++where) {
    to.add(crashed, {{"entrance", name_of_entrance(where)}}, number(node.of_connections[where].crashed));
    to.add(refused, {{"entrance", name_of_entrance(where)}}, number(node.of_connections[where].refused));
  }
}

void add_connections(const actors::node_status& node, metric_list& to) {
  auto& open = to.family("goloca_connections", MetricType::Gauge, "Open connections.");
  auto& limit = to.family("goloca_connections_limit", MetricType::Gauge,
                          "MAX_CONNECTIONS and MAX_ADMIN_CONNECTIONS: those beyond are refused.");
  for (std::size_t where = 0; where < actors::entrances; ++where) {
    const auto& of = node.connections[where];
    if (!of) continue;
    const auto* entrance = name_of_entrance(where);
    to.add(open, {{"entrance", entrance}, {"kind", "http"}}, number(of->open - of->websockets));
    to.add(open, {{"entrance", entrance}, {"kind", "websocket"}}, number(of->websockets));
    to.add(limit, {{"entrance", entrance}}, number(of->limit));
  }
}

void add_node(const actors::node_status& node, const session_figures& sessions, metric_list& to) {
  to.single("goloca_draining", MetricType::Gauge, "1 while the node is shutting down.", node.draining ? 1 : 0);
  to.single("goloca_buffered_bytes", MetricType::Gauge, "Bytes that connections hold of what all of them share.",
            number(sessions.buffered_bytes));
  to.single("goloca_buffered_bytes_limit", MetricType::Gauge, "MAX_BUFFERED_BYTES.", number(sessions.buffered_limit));
  to.add(to.family("goloca_build_info", MetricType::Gauge, "What runs here, and on what; always 1."),
         {{"version", sessions.version}, {"store", sessions.store}, {"schema", sessions.schema}}, 1);
}

/// All of them, so that an alert can say "any above 0" of a series that is always there.
void add_faults(metric_list& to) {
  auto& active = to.family("goloca_fault_active", MetricType::Gauge, "1 while a named fault is switched on.");
  auto& struck =
      to.family("goloca_fault_strikes", MetricType::Gauge, "How often it struck since it was switched on last.");
  for (const auto& each : faults::list()) {
    to.add(active, {{"name", std::string{faults::name_of(each.which)}}}, each.active() ? 1 : 0);
    to.add(struck, {{"name", std::string{faults::name_of(each.which)}}}, number(each.struck));
  }
}

void add_process(metric_list& to) {
  auto found = read_process_figures();
  to.single("process_cpu_seconds_total", MetricType::Counter, "CPU time of the process, user and system.",
            found.cpu_seconds);
  to.single("process_start_time_seconds", MetricType::Gauge, "When the process started, in seconds since 1970.",
            found.start_time);
  to.single("process_resident_memory_bytes", MetricType::Gauge, "Memory of the process that is in RAM.",
            number(found.resident));
  to.single("process_virtual_memory_bytes", MetricType::Gauge, "Address space of the process.", number(found.virtual_));
  to.single("process_open_fds", MetricType::Gauge, "Open file descriptors.", number(found.open_fds));
  to.single("process_max_fds", MetricType::Gauge, "How many there may be.", number(found.max_fds));
  to.single("process_threads", MetricType::Gauge, "Threads of the process.", number(found.threads));
}

} // namespace

std::string metrics_text(const actors::node_status& node, const session_figures& sessions) {
  metric_list all;
  add_points(node, all);
  add_durations(node, all);
  add_pool(node, all);
  add_writers(node, all);
  add_links(node, all);
  add_connections(node, all);
  add_supervision(node, all);
  add_node(node, sessions, all);
  add_faults(all);
  add_process(all);
  return all.text();
}

} // namespace goloca::net
