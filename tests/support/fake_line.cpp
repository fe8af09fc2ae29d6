#include "tests/support/fake_line.hpp"

#include "actors/id_digest.hpp"

#include <utility>

namespace goloca::test {

using namespace actors;

namespace {

struct order_keeper {
  fake_line& line;
  void operator()(link_batch& order) const { line.batches.push_back(std::move(order)); }
  void operator()(link_find& order) const { line.finds.push_back(order); }
  void operator()(link_close&) const { ++line.closes; }
};

struct answer_keeper {
  fake_port& port;
  void operator()(link_admitted& order) const { port.admitted.push_back(std::move(order)); }
  void operator()(link_refusal& order) const { port.refusals.push_back(std::move(order.reason)); }
  void operator()(link_result& order) const { port.results.push_back(std::move(order)); }
  void operator()(link_found& order) const { port.found.push_back(std::move(order)); }
  void operator()(link_draining&) const { ++port.draining; }
};

} // namespace

link_dialer fake_dialer(std::vector<std::shared_ptr<fake_line>>& lines) {
  return [&lines](const std::string& address, link_ear ear) -> link_port {
    auto line = lines.emplace_back(std::make_shared<fake_line>(fake_line{address, std::move(ear)}));
    return [line](link_order order) { std::visit(order_keeper{*line}, order); };
  };
}

link_result result_for(const link_batch& batch, store::outcome what) {
  std::size_t points = 0;
  for (const auto& range : batch.rows) points += range.count;
  return {batch.sequence, batch.digest, {std::vector(points, what), {}}};
}

host_port port_of(std::shared_ptr<fake_port> log) {
  return [log = std::move(log)](host_order order) { std::visit(answer_keeper{*log}, order); };
}

link_batch batch_of(std::uint64_t sequence, const store::row_range& rows) {
  return {sequence, digest_of_ids({rows}), std::chrono::seconds{4}, {rows}};
}

// -- the direct way --------------------------------------------------------------------------------

namespace {

/// Both ends of one link.
struct direct_wire {
  link_ear ear;
  link_host host{}; // none yet, or no more
  bool closed = false;

  void close(std::string reason) {
    if (std::exchange(closed, true)) return;
    if (host) caf::anon_send(host, link_gone{});
    host = link_host{};
    if (auto hear = std::exchange(ear, nullptr)) hear(link_closed{std::move(reason)});
  }
};

struct to_edge {
  direct_wire& wire;
  void operator()(link_admitted& order) const {
    if (wire.closed) return caf::anon_send(order.host, link_gone{});
    wire.host = std::move(order.host);
    wire.ear(std::move(order.welcome));
  }
  void operator()(link_refusal& order) const { wire.close("refused: " + order.reason); }
  template <class Order>
  void operator()(Order& order) const {
    if (wire.ear) wire.ear(std::move(order));
  }
};

struct to_writer {
  direct_wire& wire;
  void operator()(link_close&) const {
    wire.ear = nullptr;
    wire.close({});
  }
  template <class Order>
  void operator()(Order& order) const {
    if (wire.host) caf::anon_send(wire.host, std::move(order));
  }
};

} // namespace

link_dialer direct_dialer(std::function<link_hosts(const std::string& address)> of, link_hello hello) {
  return [of = std::move(of), hello = std::move(hello)](const std::string& address, link_ear ear) -> link_port {
    auto wire = std::make_shared<direct_wire>(direct_wire{std::move(ear)});
    auto hosts = of(address);
    if (!hosts) {
      wire->close("connection refused");
    } else {
      caf::anon_send(hosts,
                     open_link{hello, "direct", [wire](host_order order) { std::visit(to_edge{*wire}, order); }});
    }
    return [wire](link_order order) { std::visit(to_writer{*wire}, order); };
  };
}

} // namespace goloca::test
