#include "tests/support/link_ends.hpp"

#include "net/link/schema_digest.hpp"
#include "tests/support/ride_rows.hpp"

#include <algorithm>
#include <stdexcept>

namespace goloca::test {

namespace {

using namespace actors;

link_host::behavior_type run_fake_host(link_host::stateful_pointer<caf::unit_t> self, std::shared_ptr<host_log> log,
                                       host_port out) {
  return {
      [=](link_batch& batch) {
        std::size_t points = 0;
        for (const auto& range : batch.rows) points += range.count;
        link_result stored{batch.sequence, batch.digest, {{points, store::outcome::stored}, {}}};
        log->note([&] { log->batches.push_back(std::move(batch)); });
        if (log->answers_batches) out(std::move(stored));
      },
      [=](const link_find& asked) {
        log->note([&] { log->finds.push_back(asked); });
        out(link_found{asked.number, link_found::state::found, ride_range({asked.id}).block, {}});
      },
      [=](const link_gone&) {
        log->note([&] { ++log->gone; });
        self->quit();
      },
      [](const insert_reply&) {},
      [](const pool_changed&) {},
      [=](const drain&) { out(link_draining{}); },
      [](const dispatch_queued&) {},
      [](const tick&) {},
  };
}

} // namespace

link_hosts::behavior_type run_fake_hosts(link_hosts::stateful_pointer<caf::unit_t> self,
                                         std::shared_ptr<host_log> log) {
  self->set_exit_handler([](const caf::exit_msg&) {}); // a host's end is not ours; a kill is, whatever we say
  return {
      [](const host_report&) {},
      [=](const open_link& asked) {
        log->note([&] { log->asked.push_back(asked); });
        if (auto refusal = log->refuse ? log->refuse(asked.hello) : std::nullopt) {
          asked.out(link_refusal{*refusal});
        } else if (log->answers_hellos) {
          auto host = self->spawn<caf::linked>(run_fake_host, log, asked.out);
          log->note([&] { log->hosts.push_back(host); });
          asked.out(link_admitted{host, link_welcome{1, "fake writer", 77, 4, 500, 4 << 20, {true, "fake"}}});
        }
      },
      [](const pool_changed&) {},
      [](const drain&) { return all_left{}; },
      [](const hosts_query&) { return hosts_status{}; },
      [](const tick&) {},
  };
}

void ear_log::add(link_event what) {
  std::lock_guard lock{mutex_};
  events_.push_back(std::move(what));
}

std::size_t ear_log::count() const {
  std::lock_guard lock{mutex_};
  return events_.size();
}

std::string ear_log::end() const {
  return heard<link_closed>() ? all<link_closed>().front().reason : "(no end)";
}

link_ends::actor_settings::actor_settings() {
  add_message_types<caf::id_block::goloca>();
  set("scheduler.max-threads", std::size_t{2});
}

link_ends::link_ends(net::link::link_settings bounds)
    : bounds_{bounds}, service_{store::rides_schema(), net::net_settings{}, std::size_t{1} << 20, 1},
      edge_identity_{identity("edge")}, parent_{actors_.spawn(run_fake_hosts, hosts_)} {
  threads_.start();
}

link_ends::~link_ends() {
  stop();
  caf::anon_send_exit(parent_, caf::exit_reason::kill); // and its hosts end with it
  std::lock_guard lock{hosts_->mutex};
  hosts_->hosts.clear();
  hosts_->asked.clear();
}

void link_ends::stop() {
  threads_.stop();
}

std::function<void(const std::string&)> link_ends::log() const {
  return [to = warnings_](const std::string& line) {
    std::lock_guard lock{to->mutex};
    to->lines.push_back(line);
  };
}

void link_ends::listen(const std::string& address) {
  listener_ = std::make_shared<net::link::link_listener>(
      threads_, net::link::listener_settings{bounds_, address, 0, service_.schema, identity("writer"), log()});
  listener_->serve(parent_);
}

link_hello link_ends::hello() const {
  return {{}, "test", "the edge", 42, net::link::digest_of(*service_.schema)};
}

edge_end link_ends::dial(const std::string& address) const {
  return dial(address, edge_identity_);
}

edge_end link_ends::dial(const std::string& address, std::shared_ptr<net::link::credentials> identity) const {
  auto& threads = const_cast<net::io_threads&>(threads_); // a turn of theirs
  auto dialer = net::link::make_dialer(threads, {bounds_, hello(), service_.schema, std::move(identity)});
  auto ear = std::make_shared<ear_log>();
  auto port = dialer(address, [ear](link_event what) { ear->add(std::move(what)); });
  return {ear, port};
}

edge_end link_ends::linked() const {
  auto made = dial();
  if (!made.ear->heard<link_welcome>()) throw std::runtime_error{"no link: " + made.ear->end()};
  return made;
}

std::shared_ptr<net::link::credentials> link_ends::identity(const std::string& name, validity good) {
  return std::make_shared<net::link::credentials>(authority_.issue(folder(), name, good), log());
}

std::shared_ptr<net::link::credentials> link_ends::foreign_identity(const std::string& name) {
  auto files = certificate_authority{"a foreign authority"}.issue(folder(), name);
  files.authority = authority_.issue(folder(), name + ".ours").authority; // it trusts ours
  return std::make_shared<net::link::credentials>(files, log());
}

std::vector<std::string> link_ends::warnings() const {
  std::lock_guard lock{warnings_->mutex};
  return warnings_->lines;
}

bool link_ends::warned(const std::string& of) const {
  return eventually([&] {
    auto lines = warnings();
    return std::ranges::any_of(lines, [&](const auto& each) { return each.find(of) != std::string::npos; });
  });
}

link_batch batch_of(std::uint64_t sequence, std::int64_t first_id, std::uint32_t count, std::size_t padding) {
  rows_of rows;
  for (std::uint32_t i = 0; i < count; ++i) rows.point(first_id + i, std::string(padding, 'u'));
  return {sequence, sequence * 31, std::chrono::milliseconds{4'000}, {rows.range()}};
}

net::link::link_settings short_times() {
  net::link::link_settings made;
  made.connect_timeout = std::chrono::milliseconds{500};
  made.handshake_timeout = std::chrono::milliseconds{1'000};
  made.ping_interval = std::chrono::milliseconds{100};
  made.silence = std::chrono::milliseconds{1'000};
  made.farewell = std::chrono::milliseconds{300};
  return made;
}

} // namespace goloca::test
