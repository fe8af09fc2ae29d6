#include "tests/simulation/script.hpp"

#include <algorithm>
#include <chrono>

namespace goloca::simulation {

using namespace std::chrono_literals;

namespace {

/// Writes a script. Ids are few, so that they meet.
class author {
public:
  explicit author(std::uint64_t seed, std::size_t most_nodes = 0)
      : random_{seed ^ 0x5c819}, most_nodes_{static_cast<std::int64_t>(most_nodes)} {}

  script write() { return fill({setting(), {}}); }
  script write_of_a_cluster() { return fill({setting_of_a_cluster(), {}}); }

private:
  script fill(script made) {
    auto span = std::chrono::milliseconds{random_.between(20, 1'500)};
    auto count = random_.between(3, std::max<std::int64_t>(25, 14 * most_nodes_));
    nanoseconds at{0};
    for (std::int64_t i = 0; i < count; ++i) {
      // Half of what happens does so while the last is still at work.
      if (random_.once_in(2)) at = std::chrono::microseconds{random_.between(0, span / 1us)};
      made.happenings.push_back(happen(made.with, at + std::chrono::microseconds{random_.between(0, 3'000)}));
    }
    std::ranges::stable_sort(made.happenings, {}, &happening::at);
    return made;
  }

  settings setting() {
    settings made;
    made.clients = static_cast<std::size_t>(random_.between(1, 4));
    made.writers = static_cast<std::size_t>(random_.between(1, 3));
    made.max_queued = random_.one_of<std::size_t>({5, 20, 100, 1'000});
    made.max_batch = random_.one_of<std::size_t>({1, 3, 10, 50});
    made.parallel_from = random_.one_of<std::size_t>({1, 5, 256});
    made.max_connections = random_.once_in(4) ? 1 : 10;
    made.max_in_flight = random_.one_of<std::size_t>({4, 16, 64});
    made.restart_intensity = random_.once_in(4) ? 3 : 1'000;
    made.request_timeout = random_.one_of<nanoseconds>({200ms, 500ms, 1s});
    made.call_patience = random_.one_of<nanoseconds>({100ms, 600ms, 1'500ms});
    return made;
  }

  settings setting_of_a_cluster() {
    auto made = setting();
    cluster_settings of;
    of.edges = static_cast<std::size_t>(random_.between(1, most_nodes_));
    of.writers = static_cast<std::size_t>(random_.between(1, most_nodes_));
    of.edge_batch = random_.one_of<std::size_t>({1, 3, 10, 50});
    of.credit = random_.one_of<std::uint32_t>({1, 2, 4});
    of.delay = random_.one_of<nanoseconds>({300us, 3ms, 20ms});
    of.silence = random_.one_of<nanoseconds>({100ms, 300ms, 1s});
    made.cluster = of;
    made.clients = std::max(made.clients, of.edges);
    made.max_queued = std::max(made.max_queued, made.clients); // so that where all is well nobody has too much
    made.writers = static_cast<std::size_t>(random_.between(1, 2));
    made.request_timeout = random_.one_of<nanoseconds>({500ms, 1s, 2s}); // a hop more
    return made;
  }

  happening happen(const settings& with, nanoseconds at) {
    using kind = happening::kind;
    happening made;
    made.at = at;
    if (with.cluster && random_.once_in(3)) return break_link(std::move(made), *with.cluster);
    made.who = random_.below(with.clients);
    auto dice = random_.below(100);
    if (dice < 50) return burst(std::move(made));
    if (dice < 55) return made.what = kind::leave, made;
    if (dice < 62) return made.what = kind::question, made.id = old_id(), made;
    if (dice < 76) return kill(std::move(made), with);
    if (dice < 93) return break_insert(std::move(made), with);
    if (dice < 97) return outage(std::move(made));
    made.what = dice < 99 ? kind::poison : kind::refusal;
    made.id = random_.between(last_id_ + 1, last_id_ + 10);
    return made;
  }

  happening burst(happening made) {
    made.what = happening::kind::burst;
    for (auto count = random_.between(1, random_.once_in(4) ? 20 : 5); count > 0; --count)
      made.points.push_back(any_point());
    return made;
  }

  point any_point() {
    point made;
    auto dice = random_.below(20);
    if (dice == 0) {
      made.what = point::kind::invalid;
      made.id = ++last_nobody_;
    } else if (dice < 4) {
      made.what = point::kind::without_id;
      made.id = ++last_nobody_;
      if (random_.once_in(4)) made.assigned = old_id();
    } else if (dice < 10) {
      made.id = old_id();
      made.other = random_.once_in(3);
    } else {
      made.id = ++last_id_;
    }
    return made;
  }

  happening kill(happening made, const settings& with) {
    made.what = happening::kind::kill;
    if (with.cluster) return kill_in_cluster(std::move(made), *with.cluster);
    made.whom = random_.one_of<victim>({victim::writer, victim::writer, victim::writer_supervisor, victim::pool,
                                        victim::pool, victim::connection, victim::connection, victim::connections,
                                        victim::operators, victim::node});
    if (made.whom == victim::writer) made.who = random_.below(with.writers);
    return made;
  }

  happening kill_in_cluster(happening made, const cluster_settings& of) {
    made.node = random_.below(of.edges + of.writers);
    if (made.node < of.edges) {
      made.whom = random_.one_of<victim>({victim::link, victim::link, victim::link_supervisor, victim::pool,
                                          victim::pool, victim::connection, victim::connections, victim::node});
    } else {
      made.whom =
          random_.one_of<victim>({victim::writer, victim::writer, victim::writer_supervisor, victim::pool, victim::pool,
                                  victim::host, victim::host, victim::hosts, victim::node, victim::node});
    }
    return made;
  }

  happening break_link(happening made, const cluster_settings& of) {
    made.who = made.node = made.befalls.edge = random_.below(of.edges);
    made.writer = made.befalls.writer = random_.below(of.writers);
    made.lasts =
        std::chrono::milliseconds{random_.between(1, random_.one_of<nanoseconds>({30ms, 300ms, 3 * of.silence}) / 1ms)};
    if (random_.once_in(12)) return made.what = happening::kind::regroup, made;
    if (random_.once_in(10))
      return made.what = happening::kind::roll, made.node = random_.below(of.edges + of.writers), made;
    using kind = trouble::kind;
    made.what = happening::kind::network;
    made.befalls.what = random_.one_of<kind>({kind::lost, kind::lost, kind::lost, kind::stall, kind::stall,
                                              kind::freeze, kind::dial_fails, kind::dial_hangs, kind::batch_again,
                                              kind::result_again, kind::stray, kind::stray});
    if (made.befalls.what != kind::stall && made.befalls.what != kind::freeze) return made;
    made.befalls.lasts = made.lasts;
    auto where = random_.below(3);
    made.befalls.there = where != 1;
    made.befalls.back = where != 2;
    made.befalls.deaf = !random_.once_in(3);
    return made;
  }

  happening break_insert(happening made, const settings& with) {
    made.what = happening::kind::fault;
    made.meddled.what = static_cast<fault::kind>(random_.between(1, static_cast<int>(fault::kind::unknown)));
    auto longest = random_.one_of<nanoseconds>({30ms, 300ms, 2 * with.request_timeout});
    made.meddled.wait = std::chrono::microseconds{random_.between(100, longest / 1us)};
    return made;
  }

  happening outage(happening made) {
    made.what = happening::kind::outage;
    made.lasts = std::chrono::milliseconds{random_.between(1, random_.once_in(3) ? 3'000 : 200)};
    made.why = random_.one_of<store::error_kind>({store::error_kind::unavailable, store::error_kind::unavailable,
                                                  store::error_kind::unknown, store::error_kind::unfit});
    return made;
  }

  std::int64_t old_id() { return random_.between(1, std::max<std::int64_t>(last_id_, 1)); }

  chance random_;
  std::int64_t most_nodes_; // of a cluster's edges, and of its writers
  std::int64_t last_id_ = 0;
  std::int64_t last_nobody_ = 0;
};

std::string milliseconds(nanoseconds time) {
  auto micros = std::to_string(time / 1us % 1'000);
  return std::to_string(time / 1ms) + '.' + std::string(3 - micros.size(), '0') + micros + " ms";
}

std::string to_string(const cluster_settings& of) {
  return std::to_string(of.edges) + " edges, " + std::to_string(of.writers) + " writer nodes, batch of an edge " +
         std::to_string(of.edge_batch) + ", credit " + std::to_string(of.credit) + ", delay " + milliseconds(of.delay) +
         ", silence " + milliseconds(of.silence);
}

const char* to_string(victim whom) {
  switch (whom) {
  case victim::writer:
    return "writer";
  case victim::writer_supervisor:
    return "the writer supervisor";
  case victim::pool:
    return "the pool";
  case victim::connection:
    return "the connection of client";
  case victim::connections:
    return "the parent of connections";
  case victim::operators:
    return "the parent of operators";
  case victim::node:
    return "the node supervisor";
  case victim::link:
    return "link";
  case victim::link_supervisor:
    return "the link supervisor";
  case victim::host:
    return "link host";
  case victim::hosts:
    return "the parent of link hosts";
  }
  return "?";
}

bool is_one_of_many(victim whom) {
  return whom == victim::writer || whom == victim::connection || whom == victim::link || whom == victim::host;
}

std::string deed(const happening& what) {
  using kind = happening::kind;
  auto who = std::to_string(what.who);
  auto id = std::to_string(what.id);
  switch (what.what) {
  case kind::burst: {
    auto line = "client " + who + " sends";
    for (const auto& each : what.points) line += (&each == what.points.data() ? " " : ", ") + to_string(each);
    return line;
  }
  case kind::leave:
    return "client " + who + " leaves";
  case kind::question:
    return "client " + who + " asks for " + id;
  case kind::kill:
    return std::string{"kill "} + to_string(what.whom) + (is_one_of_many(what.whom) ? ' ' + who : "") +
           (what.node == 0 ? "" : " of node " + std::to_string(what.node));
  case kind::fault:
    return "an insert is to fail: " + to_string(what.meddled);
  case kind::outage:
    return "the database is away for " + milliseconds(what.lasts) + " (" + store::to_string(what.why) + ')';
  case kind::poison:
    return "point " + id + " breaks every batch from now on";
  case kind::refusal:
    return "point " + id + " is refused for its data from now on";
  case kind::network:
    return to_string(what.befalls);
  case kind::roll:
    return "node " + std::to_string(what.node) + " is to drain and start again";
  case kind::regroup:
    return "edge " + std::to_string(what.node) + " hears that writer " + std::to_string(what.writer) +
           " is no member for " + milliseconds(what.lasts);
  }
  return "?";
}

} // namespace

script script_of(std::uint64_t seed) {
  // One takes five times as long as a node by itself.
  constexpr std::uint64_t clusters_are_one_in = 24;
  return chance{seed ^ 0xc105}.once_in(clusters_are_one_in) ? cluster_script_of(seed) : author{seed}.write();
}

script cluster_script_of(std::uint64_t seed, std::size_t most) {
  return author{seed, most}.write_of_a_cluster();
}

nanoseconds end_of(const script& whole) {
  nanoseconds end{0};
  for (const auto& each : whole.happenings) {
    end = std::max(end, each.at + (each.what == happening::kind::network ? each.befalls.lasts : 0ns));
  }
  return end;
}

std::size_t pieces_of(const script& whole) {
  std::size_t pieces = 0;
  for (const auto& each : whole.happenings) pieces += each.what == happening::kind::burst ? each.points.size() : 1;
  return pieces;
}

script part_of(const script& whole, const std::vector<std::size_t>& kept) {
  script part{whole.with, {}};
  std::size_t number = 0;
  auto is_kept = [&] { return std::ranges::binary_search(kept, number++); };
  for (auto each : whole.happenings) {
    if (each.what == happening::kind::burst) {
      std::erase_if(each.points, [&](const auto&) { return !is_kept(); });
      if (each.points.empty()) continue;
    } else if (!is_kept()) {
      continue;
    }
    part.happenings.push_back(std::move(each));
  }
  return part;
}

std::string to_string(const settings& of) {
  return std::to_string(of.clients) + " clients, " + std::to_string(of.writers) + " writers, queue " +
         std::to_string(of.max_queued) + ", batch " + std::to_string(of.max_batch) + ", parallel from " +
         std::to_string(of.parallel_from) + ", connections " + std::to_string(of.max_connections) + ", in flight " +
         std::to_string(of.max_in_flight) + ", restarts " + std::to_string(of.restart_intensity) +
         ", request timeout " + milliseconds(of.request_timeout) + ", call clock " + milliseconds(of.call_patience) +
         (of.cluster ? "\n" + to_string(*of.cluster) : "");
}

std::string to_string(const happening& what) {
  return "at " + milliseconds(what.at) + ": " + deed(what);
}

} // namespace goloca::simulation
