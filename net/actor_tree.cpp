#include "net/actor_tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace goloca::net {

namespace {

using object = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::system_clock;

/// "2026-11-24T14:03:37.123Z"
std::string iso_8601(system_clock::time_point when) {
  auto seconds = system_clock::to_time_t(when);
  auto rest = std::chrono::duration_cast<milliseconds>(when - system_clock::from_time_t(seconds)).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32];
  auto length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(rest));
  return std::string{date, length} + fraction;
}

/// What is told of the node, and the two clocks' times of it.
class tree {
public:
  tree(const actors::node_status& of, system_clock::time_point now) : of_{&of}, now_{now} {}

  [[nodiscard]] object root() const {
    auto made =
        object{{"actor", "node_supervisor"}, {"state", of_->draining ? "draining" : "serving"}, {"at", iso_8601(now_)}};
    auto& children = made["children"] = object::array();
    if (exists(actors::node_part::writer_supervisor)) children.push_back(supervisor());
    if (exists(actors::node_part::link_supervisor)) children.push_back(links());
    children.push_back(pool());
    if (exists(actors::node_part::link_hosts)) children.push_back(hosts());
    children.push_back(connections(actors::entrance::clients));
    children.push_back(connections(actors::entrance::operators));
    return made;
  }

private:
  [[nodiscard]] bool exists(actors::node_part which) const { return of_->exists[static_cast<std::size_t>(which)]; }

  static std::int64_t in_ms(actors::time_point::duration time) {
    return std::chrono::duration_cast<milliseconds>(time).count();
  }

  [[nodiscard]] object last_of(const actors::failure_record& record) const {
    if (record.count == 0) return nullptr;
    auto ago = std::chrono::duration_cast<system_clock::duration>(of_->at - record.at);
    return {{"reason", record.last}, {"at", iso_8601(now_ - ago)}};
  }

  [[nodiscard]] object part(actors::node_part which, const char* state) const {
    const auto& record = of_->failures[static_cast<std::size_t>(which)];
    return {
        {"actor", to_string(which)}, {"state", state}, {"restarts", record.count}, {"last_failure", last_of(record)}};
  }

  [[nodiscard]] object supervisor() const {
    auto which = actors::node_part::writer_supervisor;
    if (!of_->writers) return part(which, silent);
    auto made = part(which, "watching");
    made["answered_in_ms"] = in_ms(of_->writers->answered_after);
    made["children"] = object::array();
    for (std::size_t slot = 0; slot < of_->writers->slots.size(); ++slot) made["children"].push_back(writer(slot));
    return made;
  }

  [[nodiscard]] object writer(std::size_t slot) const {
    using state = actors::writer_status::state;
    const auto& told = of_->writers->slots[slot];
    const auto* batch = batch_of(told.id);
    auto first_start = told.what == state::waiting && told.failures.count == 0;
    const auto* name = batch != nullptr                 ? "busy"
                       : told.what == state::connected  ? "ready"
                       : told.what == state::connecting ? "connecting"
                       : first_start                    ? "waiting for the first"
                                                        : "waiting to restart";
    object made{{"actor", "db_writer"},
                {"slot", slot},
                {"state", name},
                {"restarts", told.failures.count},
                {"last_failure", last_of(told.failures)}};
    if (batch != nullptr) made["batch"] = {{"points", batch->points}, {"for_ms", in_ms(of_->at - batch->since)}};
    if (told.what == state::waiting && !first_start) {
      made["restart_in_ms"] = std::max<std::int64_t>(0, in_ms(told.starts_at - of_->at));
    }
    return made;
  }

  [[nodiscard]] const actors::batch_status* batch_of(std::uint64_t writer) const {
    if (!of_->pool || writer == 0) return nullptr;
    const auto& all = of_->pool->batches;
    auto at = std::ranges::find(all, writer, &actors::batch_status::writer);
    return at == all.end() ? nullptr : &*at;
  }

  [[nodiscard]] object links() const {
    using state = actors::link_status::state;
    auto which = actors::node_part::link_supervisor;
    if (!of_->links) return part(which, silent);
    auto made = part(which, "watching");
    made["answered_in_ms"] = in_ms(of_->links->answered_after);
    made["children"] = object::array();
    for (const auto& each : of_->links->links) {
      const auto* name = each.what == state::connected    ? "connected"
                         : each.what == state::connecting ? "connecting"
                         : each.what == state::leaving    ? "leaving"
                                                          : "waiting to restart";
      object link{{"actor", "node_link"},
                  {"to", each.address},
                  {"node", each.node},
                  {"state", name},
                  {"batches", each.in_flight},
                  {"restarts", each.failures.count},
                  {"last_failure", last_of(each.failures)}};
      made["children"].push_back(std::move(link));
    }
    return made;
  }

  [[nodiscard]] object hosts() const {
    auto which = actors::node_part::link_hosts;
    if (!of_->hosts) return part(which, silent);
    auto made = part(which, of_->hosts->draining ? "draining" : "serving");
    made["refused"] = of_->hosts->refused;
    made["answered_in_ms"] = in_ms(of_->hosts->answered_after);
    made["children"] = object::array();
    for (const auto& each : of_->hosts->hosts) {
      made["children"].push_back(
          {{"actor", "link_host"}, {"node", each.node}, {"from", each.from}, {"batches", each.in_flight}});
    }
    return made;
  }

  [[nodiscard]] object pool() const {
    auto which = actors::node_part::writer_pool;
    if (!of_->pool) return part(which, silent);
    auto full = of_->pool->queued >= of_->pool->capacity;
    auto made = part(which, full ? "full" : "serving");
    made["queued"] = of_->pool->queued;
    made["capacity"] = of_->pool->capacity;
    made["batches"] = of_->pool->batches.size();
    made["answered_in_ms"] = in_ms(of_->pool->answered_after);
    return made;
  }

  [[nodiscard]] object connections(actors::entrance where) const {
    auto which = where == actors::entrance::clients ? actors::node_part::client_connections
                                                    : actors::node_part::operator_connections;
    auto at = static_cast<std::size_t>(where);
    const auto& told = of_->connections[at];
    if (!told) return part(which, silent);
    auto made = part(which, told->draining ? "draining" : told->open >= told->limit ? "full" : "serving");
    made["connections"] = {{"http", told->open - told->websockets},
                           {"websocket", told->websockets},
                           {"limit", told->limit},
                           {"refused", of_->of_connections[at].refused},
                           {"crashed", of_->of_connections[at].crashed},
                           {"last_crash", last_of(told->crashes)}};
    made["answered_in_ms"] = in_ms(told->answered_after);
    return made;
  }

  static constexpr const char* silent = "not answering";
  const actors::node_status* of_;
  system_clock::time_point now_;
};

} // namespace

std::string actor_tree(const actors::node_status& node, system_clock::time_point now) {
  return tree{node, now}.root().dump(2, ' ', false, object::error_handler_t::replace) + "\n";
}

} // namespace goloca::net
