#include "config.hpp"

#include "setting.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace goloca {

namespace {

/// A config on its way: what was written, what came of it, what was wrong.
struct making {
  const settings& from;
  config made = {};
  config_faults faults = {};
  std::set<std::string, std::less<>> wrong = {}; // keys whose value could not be used: no second fault for them

  [[nodiscard]] bool is_set(std::string_view key) const { return from.find(key) != from.end(); }

  [[nodiscard]] std::string source(std::string_view key) const {
    auto at = from.find(key);
    return at == from.end() ? "default" : at->second.where;
  }

  [[nodiscard]] std::string value(std::string_view key) const { return find_setting(key)->show(made); }

  void refuse(std::string_view key, std::string expected) {
    auto at = from.find(key);
    auto written = at == from.end() ? value(key) : at->second.text;
    faults.push_back({source(key), std::string{key}, find_setting(key)->shown(written), std::move(expected)});
    wrong.emplace(key);
  }

  [[nodiscard]] bool usable(std::string_view one, std::string_view other) const {
    return wrong.count(one) == 0 && wrong.count(other) == 0;
  }

  void note(std::string text) { made.notes.push_back(std::move(text)); }
};

void read_each(making& m) {
  for (const auto& one : declared_settings()) {
    m.made.sources[one.key] = m.source(one.key);
    auto written = m.from.find(one.key);
    if (written == m.from.end()) continue;
    if (auto expected = one.read(m.made, written->second.text)) m.refuse(one.key, std::move(*expected));
  }
}

// -- what follows from other settings --------------------------------------------------------------

/// The seed's file names a PostgreSQL and no STORE: it must never end in a local file, silently.
void choose_store(making& m) {
  if (m.is_set("STORE")) return;
  for (const auto& [key, value] : m.from) {
    if (key.rfind("POSTGRES_", 0) != 0 && key.rfind("DATABASE_", 0) != 0) continue;
    m.made.store.kind = store::backend::postgres;
    m.made.sources["STORE"] = "because " + key + " is set: " + value.where;
    return;
  }
}

/// Two statements fit into a request, so that a batch of a lost writer can be dispatched again.
void bound_statement_timeout(making& m) {
  auto& statement = m.made.store.statement_timeout;
  auto request = m.made.pool.request_timeout;
  if (!m.is_set("DB_STATEMENT_TIMEOUT")) {
    auto bound = std::max(request / 2, milliseconds{10});
    if (bound >= statement) return;
    statement = bound;
    m.made.sources["DB_STATEMENT_TIMEOUT"] = "default, half of REQUEST_TIMEOUT";
  } else if (statement > request && m.usable("DB_STATEMENT_TIMEOUT", "REQUEST_TIMEOUT")) {
    m.note("DB_STATEMENT_TIMEOUT is longer than REQUEST_TIMEOUT: points are answered `timeout` before the store is "
           "given up");
  }
}

void cap_writers(making& m) {
  auto most = store::most_writers(m.made.store);
  if (m.made.pool.writers <= most) return;
  m.made.pool.writers = most;
  m.made.sources["NUM_POOL_WORKERS"] += ", capped: the store takes no more writers";
  if (m.is_set("NUM_POOL_WORKERS"))
    m.note("NUM_POOL_WORKERS is more than the store takes: " + std::to_string(most) + " is used");
}

bool about_the_store(const setting& one) {
  return one.group == "Store" || one.group == "SQLite" || one.group == "PostgreSQL" || one.key == "NUM_POOL_WORKERS";
}

void note_unused(making& m) {
  auto kind = m.made.store.kind;
  for (const auto& one : declared_settings()) {
    if (!m.is_set(one.key)) continue;
    if (!m.made.cluster.has_store() && about_the_store(one)) {
      m.note(one.key + " is not used: an edge has no store");
      continue;
    }
    bool other_store = (one.group == "SQLite" && kind != store::backend::sqlite) ||
                       (one.group == "PostgreSQL" && kind != store::backend::postgres);
    bool under_url = one.group == "PostgreSQL" && one.key != "DATABASE_URL" && m.is_set("DATABASE_URL");
    if (other_store)
      m.note(one.key + " is not used: STORE is " + m.value("STORE"));
    else if (under_url)
      m.note(one.key + " is not used: DATABASE_URL is set, and wins");
  }
}

// -- what must hold between settings ---------------------------------------------------------------

/// `large` must be at least, or with `strictly` more than, `small`.
template <class Value>
void must_cover(making& m, std::string_view large, Value large_value, std::string_view small, Value small_value,
                bool strictly = false) {
  bool holds = strictly ? large_value > small_value : large_value >= small_value;
  if (holds || !m.usable(large, small)) return;
  m.refuse(large, std::string{strictly ? "must be more than " : "must be at least "} + std::string{small} +
                      ", which is " + m.value(small) + " (" + m.source(small) + ')');
}

/// The kernel refuses a second listener on a port also when one of them has all interfaces.
void check_listeners(making& m) {
  const auto& listen = m.made.listen;
  if (!listen.admin || listen.port == 0 || listen.port != listen.admin->port || !m.usable("PORT", "ADMIN_ADDRESS"))
    return;
  auto everywhere = [](const std::string& address) { return address == "0.0.0.0" || address == "::"; };
  if (listen.address != listen.admin->address && !everywhere(listen.address) && !everywhere(listen.admin->address))
    return;
  bool blame_admin = m.is_set("ADMIN_ADDRESS");
  m.refuse(blame_admin ? "ADMIN_ADDRESS" : "PORT",
           blame_admin ? "must have another port than PORT, which is " + m.value("PORT") + " (" + m.source("PORT") + ')'
                       : "must be another port than that of ADMIN_ADDRESS, which is " + m.value("ADMIN_ADDRESS") +
                             " (default)");
}

void fill_link_address(making& m) {
  auto& cluster = m.made.cluster;
  if (cluster.role != node_role::writer || m.is_set("LINK_ADDRESS")) return;
  cluster.listen = endpoint{"0.0.0.0", 7'420};
  m.made.sources["LINK_ADDRESS"] = "because ROLE is writer";
}

/// What a role needs, and what it has no use for.
void check_role(making& m) {
  const auto& cluster = m.made.cluster;
  if (m.wrong.count("ROLE") != 0) return;
  if (cluster.role == node_role::edge && cluster.writers.empty() && m.wrong.count("WRITERS") == 0)
    m.refuse("WRITERS", "must be set: an edge has no store of its own");
  if (cluster.role == node_role::writer && !cluster.listen && m.wrong.count("LINK_ADDRESS") == 0)
    m.refuse("LINK_ADDRESS", "must not be off: a writer's points come in there");
  if (cluster.role == node_role::writer && !cluster.writers.empty()) m.note("WRITERS is not used: ROLE is writer");
  if (cluster.role == node_role::edge && cluster.listen) m.note("LINK_ADDRESS is not used: ROLE is edge");
}

void check_credentials(making& m) {
  const auto& cluster = m.made.cluster;
  bool dials = cluster.has_clients() && !cluster.writers.empty();
  bool listens = cluster.has_store() && cluster.listen;
  if (!dials && !listens) return;
  for (const auto* key : {"LINK_CERTIFICATE", "LINK_KEY", "LINK_AUTHORITY"}) {
    if (m.value(key).empty() && m.wrong.count(key) == 0)
      m.refuse(key, "must be set: links between nodes are by mutual TLS");
  }
}

void check_hosts_and_ports(making& m) {
  auto parts = [&](std::string_view key) { return std::ranges::count(m.value(key), ',') + 1; };
  if (!m.is_set("DATABASE_PORT") || !m.usable("DATABASE_PORT", "DATABASE_HOST")) return;
  if (parts("DATABASE_PORT") != 1 && parts("DATABASE_PORT") != parts("DATABASE_HOST"))
    m.refuse("DATABASE_PORT", "must be one port, or one for each of the hosts in DATABASE_HOST");
}

/// What libpq can say of the settings without a server. It names the option at fault, and no value.
void check_store(making& m) {
  if (m.wrong.count("DATABASE_URL") != 0 || !m.made.cluster.has_store()) return;
  auto what = store::check(m.made.store);
  if (!what) return;
  for (const auto& one : declared_settings()) {
    auto prefix = one.key + ": ";
    if (what->rfind(prefix, 0) == 0) return m.refuse(one.key, what->substr(prefix.size()));
  }
  m.refuse(m.is_set("DATABASE_URL") ? "DATABASE_URL" : "STORE", *what);
}

void note_faults(making& m) {
  if (!m.made.faults.plans.empty()) m.note("FAULTS is set: things go wrong on purpose");
  if (m.made.faults.injection && !m.made.listen.admin)
    m.note("FAULT_INJECTION is on but ADMIN_ADDRESS is off: nobody can switch a fault");
}

void read_schema(making& m) {
  if (m.made.schema_file.empty()) return;
  auto read = store::read_schema_file(m.made.schema_file);
  if (auto* fault = std::get_if<store::schema_fault>(&read)) // the file is the setting's value: it is said already
    return m.refuse("SCHEMA", fault->member.empty() ? fault->why : fault->member + ": " + fault->why);
  m.made.schema = std::get<std::shared_ptr<const store::schema>>(read);
}

} // namespace

std::variant<config, config_faults> make_config(const settings& from) {
  making m{from};
  read_each(m);
  choose_store(m);
  bound_statement_timeout(m);
  cap_writers(m);
  fill_link_address(m);
  note_unused(m);
  note_faults(m);
  const auto& limits = m.made.limits;
  must_cover(m, "MAX_BUFFERED_BYTES", limits.max_buffered_bytes, "MAX_BODY_SIZE", limits.max_body_size);
  must_cover(m, "MAX_BUFFERED_BYTES", limits.max_buffered_bytes, "MAX_MESSAGE_SIZE", limits.max_message_size);
  must_cover(m, "MAX_BUFFERED_BYTES", limits.max_buffered_bytes, "MAX_HEADER_SIZE", limits.max_header_size);
  must_cover(m, "SHUTDOWN_TIMEOUT", m.made.drain.timeout, "DRAIN_DELAY", m.made.drain.delay, true);
  check_listeners(m);
  check_role(m);
  check_credentials(m);
  check_hosts_and_ports(m);
  check_store(m);
  read_schema(m);
  if (!m.faults.empty()) return std::move(m.faults);
  return std::move(m.made);
}

std::variant<config, config_faults> load_config(const setting_layers& layers) {
  config_faults faults;
  auto made = make_config(read_settings(layers, faults));
  if (auto* more = std::get_if<config_faults>(&made)) std::ranges::move(*more, std::back_inserter(faults));
  if (!faults.empty()) return faults;
  return made;
}

} // namespace goloca
