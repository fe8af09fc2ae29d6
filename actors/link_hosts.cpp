#include "actors/link_hosts.hpp"

#include <algorithm>
#include <utility>

namespace goloca::actors {

std::optional<std::string> line_limit::say(std::string what, time_point now) {
  if (said_ && now - *said_ < interval) {
    ++counted_;
    last_ = std::move(what);
    return std::nullopt;
  }
  said_ = now;
  return what;
}

std::optional<std::string> line_limit::rest(time_point now) {
  if (counted_ == 0 || now - *said_ < interval) return std::nullopt;
  said_ = now;
  return std::to_string(std::exchange(counted_, 0)) + " more refusals of links, the last: " + last_;
}

namespace {

std::uint16_t best_version(const wire_versions& ours, const wire_versions& theirs) {
  return std::min(ours.most, theirs.most);
}

std::string to_string(const wire_versions& which) {
  return std::to_string(which.least) + " to " + std::to_string(which.most);
}

} // namespace

std::optional<std::string> link_hosts_state::fault_of(const link_hello& hello) const {
  const auto& own = settings.own;
  if (draining) return "this node drains";
  if (hello.cluster != own.cluster)
    return "its cluster is \"" + hello.cluster + "\", this node's is \"" + own.cluster + "\": see CLUSTER";
  if (best_version(own.versions, hello.versions) < std::max(own.versions.least, hello.versions.least))
    return "no common wire version: it speaks " + to_string(hello.versions) + ", this node " + to_string(own.versions);
  if (hello.schema != own.schema)
    return "its schema is another (digest " + hello.schema + ", this node's " + own.schema +
           "): both nodes must have the same";
  auto clone = std::ranges::find_if(members, [&](const auto& each) { return each.second.boot == hello.boot; });
  if (hello.boot == settings.boot || clone != members.end()) {
    return "its boot id is that of " + (clone != members.end() ? "a link from " + clone->second.from : "this node") +
           ": it is linked by another address already, or it is a copy of a running process";
  }
  if (members.size() >= settings.most_links)
    return "there are " + std::to_string(members.size()) + " links already, which is the most";
  return std::nullopt;
}

link_welcome link_hosts_state::welcome_for(const link_hello& hello, const readiness& now) const {
  link_welcome made;
  made.version = best_version(settings.own.versions, hello.versions);
  made.node = settings.node;
  made.boot = settings.boot;
  made.credit = settings.credit;
  made.promise = {now.full_durability, now.durability};
  return made;
}

hosts_status link_hosts_state::status() const {
  hosts_status now{{}, refused, draining, {}};
  for (const auto& [address, each] : members) {
    const auto& report = each.report;
    now.hosts.push_back({each.node, each.from, report.in_flight, report.batches, report.points, each.since});
  }
  return now;
}

namespace {

using hosts_pointer = link_hosts::stateful_pointer<link_hosts_state>;

void warn(hosts_pointer self, std::string what) {
  auto& state = self->state;
  if (auto line = state.refusals.say(std::move(what), self->clock().now())) state.settings.log_warning(*line);
  if (state.refusals.has_rest() && !std::exchange(state.ticking, true)) {
    self->delayed_send(self, line_limit::interval, tick{});
  }
}

void refuse(hosts_pointer self, const open_link& asked, const std::string& reason) {
  ++self->state.refused;
  warn(self, "link from " + asked.from + " (" + asked.hello.node + ") refused: " + reason);
  asked.out(link_refusal{reason});
}

/// Things may have changed while the pool was asked.
void let_in(hosts_pointer self, const open_link& asked, const writer_pool& pool, const readiness& now) {
  auto& state = self->state;
  if (auto fault = state.fault_of(asked.hello)) return refuse(self, asked, *fault);
  if (now.writers == 0) return refuse(self, asked, "no writer is connected to the store: " + now.reason);
  auto welcome = state.welcome_for(asked.hello, now);
  link_host_settings each{welcome.version, welcome.credit, welcome.most_points, state.settings.readiness_interval};
  auto host = self->spawn<caf::monitored>(run_link_host, asked.out, each, host_parent{self}, pool);
  state.members.emplace(
      host.address(),
      link_hosts_state::member{host, asked.hello.node, asked.from, asked.hello.boot, self->clock().now(), {}});
  state.settings.log_info("link from " + asked.from + " (" + asked.hello.node + ") is up");
  asked.out(link_admitted{host, std::move(welcome)});
}

void open(hosts_pointer self, const open_link& asked, const writer_pool& pool) {
  if (auto fault = self->state.fault_of(asked.hello)) return refuse(self, asked, *fault);
  self->request(pool, caf::infinite, readiness_query{})
      .then([=](const readiness& now) { let_in(self, asked, pool, now); },
            [=](const caf::error&) { refuse(self, asked, "the writer pool is being restarted"); });
}

void report_if_empty(hosts_pointer self) {
  auto& state = self->state;
  if (!state.draining || !state.members.empty()) return;
  for (auto& each : std::exchange(state.waiting_for_the_end, {})) each.deliver(all_left{});
}

void leave(hosts_pointer self, const caf::down_msg& death) {
  auto& state = self->state;
  auto at = state.members.find(death.source);
  if (at == state.members.end()) return;
  auto which = "link from " + at->second.from + " (" + at->second.node + ") ended";
  state.members.erase(at);
  if (death.reason && death.reason != caf::exit_reason::user_shutdown)
    warn(self, which + ": " + reason_of(death.reason));
  else
    state.settings.log_info(which);
  report_if_empty(self);
}

} // namespace

link_hosts::behavior_type run_link_hosts(hosts_pointer self, link_hosts_settings settings, writer_pool pool) {
  self->state.settings = std::move(settings);
  auto current = std::make_shared<writer_pool>(std::move(pool));
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->set_down_handler([self](const caf::down_msg& death) { leave(self, death); });
  return {
      [self](const host_report& report) {
        auto at = self->state.members.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
        if (at != self->state.members.end()) at->second.report = report;
      },
      [=](const open_link& asked) { open(self, asked, *current); },
      [=](pool_changed& changed) {
        *current = changed.pool;
        for (const auto& [address, each] : self->state.members) self->send(each.handle, changed);
      },
      [self](const drain& order) -> caf::result<all_left> {
        self->state.draining = true;
        auto promise = self->make_response_promise<all_left>();
        self->state.waiting_for_the_end.push_back(promise);
        for (const auto& [address, each] : self->state.members) self->send(each.handle, order);
        report_if_empty(self);
        return promise;
      },
      [self](const hosts_query&) { return self->state.status(); },
      [self](const tick&) {
        self->state.ticking = false;
        if (auto line = self->state.refusals.rest(self->clock().now())) self->state.settings.log_warning(*line);
      },
  };
}

} // namespace goloca::actors
