#include "node_links.hpp"

#include "chance.hpp"
#include "net/link/dialer.hpp"
#include "net/link/schema_digest.hpp"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <algorithm>
#include <array>

namespace goloca {

namespace {

void warn(const std::string& what) {
  spdlog::warn(what);
}
void inform(const std::string& what) {
  spdlog::info(what);
}

} // namespace

std::string name_of_this_node(const cluster_settings& of) {
  if (!of.node.empty()) return of.node;
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != 0 ? name.data() : "unnamed";
}

node_links::node_links(const config& from, net::io_threads& io, std::uint64_t boot)
    : settings_{from.cluster}, request_timeout_{from.pool.request_timeout}, schema_{from.schema}, io_{&io} {
  hello_ = {{}, settings_.name, name_of_this_node(settings_), boot, net::link::digest_of(*schema_)};
}

void node_links::open() {
  if (!dials() && !listens()) return;
  net::link::credential_files files{settings_.certificate, settings_.key, settings_.authority};
  identity_ = std::make_shared<net::link::credentials>(std::move(files), warn);
}

actors::link_supervisor_settings node_links::supervision(caf::actor_system& in) const {
  actors::link_supervisor_settings made;
  made.rule.least = milliseconds{100};
  made.rule.most = milliseconds{2'000};
  made.jitter = random_shares();
  made.log_warning = warn;
  made.log_info = inform;
  auto dial = net::link::make_dialer(*io_, {{}, hello_, schema_, identity_});
  // Half of the time is for another writer, when this one does not answer.
  auto patience = std::min<std::chrono::nanoseconds>(milliseconds{4'000}, request_timeout_ * 2 / 5);
  made.spawn = [&in, dial, patience](const std::string& address, actors::link_watcher watcher) {
    actors::node_link_settings of_link;
    of_link.address = address;
    of_link.dial = dial;
    of_link.patience = patience;
    return in.spawn(actors::run_node_link, std::move(of_link), std::move(watcher));
  };
  return made;
}

actors::link_hosts_settings node_links::hosting() const {
  actors::link_hosts_settings made;
  made.own = hello_;
  made.node = hello_.node;
  made.boot = hello_.boot;
  made.log_warning = warn;
  made.log_info = inform;
  return made;
}

void node_links::listen() {
  if (!listens()) return;
  door_ = std::make_shared<net::link::link_listener>(
      *io_,
      net::link::listener_settings{{}, settings_.listen->address, settings_.listen->port, schema_, identity_, warn});
}

void node_links::seek_writers(std::function<void(std::vector<std::string>)> changed) {
  net::link::membership_settings made;
  for (const auto& each : settings_.writers) made.names.push_back({each.host, each.port});
  made.period = settings_.writers_refresh;
  made.changed = std::move(changed);
  made.log_warning = warn;
  writers_ = std::make_shared<net::link::membership>(io_->first().context.get_executor(), std::move(made));
  writers_->start();
}

void node_links::close() {
  if (door_) door_->close();
}

void node_links::stop() {
  if (writers_) writers_->stop();
}

} // namespace goloca
