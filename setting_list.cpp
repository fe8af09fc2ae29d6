#include "setting.hpp"

#include "config.hpp"
#include "setting_kinds.hpp"

#include <algorithm>
#include <utility>

namespace goloca {

namespace {

using namespace setting_kinds;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// -- the settings with a type of their own ---------------------------------------------------------

setting listen_address() {
  auto read = [](config& made, std::string_view value) -> std::optional<std::string> {
    auto address = parse_address(value);
    if (!address) return "must be an IPv4 or IPv6 address, or localhost; 0.0.0.0 and :: are all interfaces";
    made.listen.address = *address;
    return std::nullopt;
  };
  return {"LISTEN_ADDRESS", "an IP address, or localhost",
          "The interface clients come by; 0.0.0.0 and :: are all of them", read,
          [](const config& made) { return made.listen.address; }};
}

setting admin_address() {
  auto read = [](config& made, std::string_view value) -> std::optional<std::string> {
    bool off = value.empty() || lower_case(value) == "off";
    auto address = parse_endpoint(value);
    if (!off && !address) return "must be address:port, such as 127.0.0.1:9180 or [::1]:9180, or off";
    made.listen.admin = off ? std::nullopt : address;
    return std::nullopt;
  };
  auto show = [](const config& made) {
    return made.listen.admin ? show_endpoint(*made.listen.admin) : std::string{"off"};
  };
  return {"ADMIN_ADDRESS", "address:port, or off",
          "The operators' listener (/metrics, /healthz, /readyz); port 0 takes any free one", read, show};
}

setting link_address() {
  auto read = [](config& made, std::string_view value) -> std::optional<std::string> {
    bool off = lower_case(value) == "off";
    auto address = parse_endpoint(value);
    if (!off && !address) return "must be address:port, such as 0.0.0.0:7420 or [::]:7420, or off";
    made.cluster.listen = off ? std::nullopt : address;
    return std::nullopt;
  };
  auto show = [](const config& made) {
    return made.cluster.listen ? show_endpoint(*made.cluster.listen) : std::string{"off"};
  };
  return {"LINK_ADDRESS", "address:port, or off",
          "Where edges come in by mutual TLS; not set: 0.0.0.0:7420 with ROLE=writer, else off", read, show};
}

setting writers_to_dial() {
  auto read = [](config& made, std::string_view value) -> std::optional<std::string> {
    auto hosts = parse_hosts(value);
    if (!hosts) return "must be host:port, several with commas, none twice";
    made.cluster.writers = std::move(*hosts);
    return std::nullopt;
  };
  return with_sample({"WRITERS", "host:port, several with commas",
                      "The writer nodes; every address behind a name is one", read,
                      [](const config& made) { return show_hosts(made.cluster.writers); }},
                     "writer-1:7420,writer-2:7420");
}

/// A wrong one often is a whole URL, with the password in it.
setting database_host() {
  auto one = libpq("DATABASE_HOST", "host", "a host, several with commas, or a socket's folder",
                   "PostgreSQL's host; in docker-compose it is database");
  one.read = [set = one.read](config& made, std::string_view value) -> std::optional<std::string> {
    if (value.find("://") != std::string_view::npos || value.find('@') != std::string_view::npos)
      return "must be a host name or address alone; a URL goes into DATABASE_URL";
    return set(made, value);
  };
  one.sample = "localhost";
  return one;
}

setting database_port() {
  auto one = libpq("DATABASE_PORT", "port", "1 to 65535, several with commas",
                   "PostgreSQL's port; one for all hosts, or one for each");
  one.read = [set = one.read](config& made, std::string_view value) -> std::optional<std::string> {
    for (std::size_t start = 0; start <= value.size();) {
      auto end = std::min(value.find(',', start), value.size());
      auto port = parse_integer(value.substr(start, end - start));
      if (value.substr(0, 6) == "tcp://")
        return "must be 1 to 65535; Kubernetes sets this for a Service named database: rename it, or "
               "enableServiceLinks: false";
      if (!port || *port < 1 || *port > 65'535) return "must be 1 to 65535, or several of these with commas between";
      start = end + 1;
    }
    return set(made, value);
  };
  one.sample = "5432";
  return one;
}

// -- the list --------------------------------------------------------------------------------------

std::vector<setting> listening() {
  return {
      number("PORT", at(&config::listen, &listen_settings::port), 0, 65'535,
             "The port clients come by; 0 takes any free one"),
      listen_address(),
      admin_address(),
      number("IO_THREADS", at(&config::listen, &listen_settings::io_threads), 0, 256,
             "Threads for sockets; 0: half as many as there are cores"),
      number("IO_POLL_MICROSECONDS", at(&config::listen, &listen_settings::io_poll_us), 0, 10'000,
             "How long such a thread, where it is the only one, looks out for work before it sleeps, if waits are "
             "short; 0: never"),
  };
}

std::vector<setting> data_points() {
  return {
      with_sample(text("SCHEMA", at(&config::schema_file), "a JSON Schema file",
                       "What a data point is; not set: the rides, compiled in"),
                  "rides.schema.json"),
      choice<bool>("UNKNOWN_MEMBERS", at(&config::reject_unknown_members), {{"ignore", false}, {"reject", true}},
                   "What happens to a point with members that the schema does not name"),
  };
}

std::vector<setting> any_store() {
  using store::store_settings;
  return {
      choice<store::backend>(
          "STORE", at(&config::store, &store_settings::kind),
          {{"sqlite", store::backend::sqlite}, {"postgres", store::backend::postgres}, {"null", store::backend::null}},
          "Where points are kept (null: nowhere, for measuring); not set: postgres when any "
          "POSTGRES_* or DATABASE_* is"),
      boolean("ALLOW_WEAK_DURABILITY", at(&config::store, &store_settings::allow_weak_durability),
              "Run also when the store may lose acknowledged points in a power cut; /readyz says so"),
      number("MAX_DB_CONNECTION_ATTEMPTS", at(&config::supervision, &supervision_settings::first_attempts), 1,
             1'000'000, "Attempts to reach the store at the start, before exit code 69; later it tries for ever"),
      duration("DB_CONNECTION_RETRY_INTERVAL", at(&config::supervision, &supervision_settings::first_interval),
               milliseconds{10}, hours{1}, "Time between these attempts"),
      duration("DB_CONNECT_TIMEOUT", at(&config::store, &store_settings::connect_timeout), milliseconds{10},
               minutes{10}, "How long one attempt may take, all hosts together"),
      duration("DB_STATEMENT_TIMEOUT", at(&config::store, &store_settings::statement_timeout), milliseconds{10},
               minutes{10}, "How long one transaction may take; not set: never more than half of REQUEST_TIMEOUT"),
  };
}

std::vector<setting> sqlite_store() {
  using store::store_settings;
  return {
      text("SQLITE_PATH", at(&config::store, &store_settings::sqlite_path), "a file",
           "The database's file; made when there is none"),
      choice<std::string>("SQLITE_SYNCHRONOUS", at(&config::store, &store_settings::sqlite_synchronous),
                          {{"off", "off"}, {"normal", "normal"}, {"full", "full"}, {"extra", "extra"}},
                          "SQLite's PRAGMA synchronous; less than full may lose acknowledged points"),
  };
}

std::vector<setting> postgres_store() {
  auto url = at(&config::store, &store::store_settings::database_url);
  return {
      with_sample(libpq("POSTGRES_USER", "user", "a role", "PostgreSQL's role"), "goloca"),
      with_sample(secret(libpq("POSTGRES_PASSWORD", "password", "a password",
                               "Its password; POSTGRES_PASSWORD_FILE keeps it out of sight")),
                  "goloca"),
      with_sample(libpq("POSTGRES_DB", "dbname", "a database", "PostgreSQL's database"), "goloca"),
      database_host(),
      database_port(),
      with_sample(secret(text("DATABASE_URL", url, "a libpq URI, or keyword=value pairs",
                              "All of the above in one, and wins over them")),
                  "postgresql://goloca@localhost:5432/goloca?target_session_attrs=read-write"),
  };
}

std::vector<setting> pool() {
  return {
      number("NUM_POOL_WORKERS", at(&config::pool, &pool_settings::writers), 1, 256,
             "Database writers, a connection each; SQLite has one"),
      number("MAX_JOB_QUEUE_LENGTH", at(&config::pool, &pool_settings::max_queued), 1, 10'000'000,
             "Points waiting for a writer; further ones are refused as overloaded"),
      number("MAX_BATCH", at(&config::pool, &pool_settings::max_batch), 1, 100'000,
             "Points in one transaction at most"),
      duration("REQUEST_TIMEOUT", at(&config::pool, &pool_settings::request_timeout), milliseconds{10}, hours{1},
               "Every point has its answer by then"),
  };
}

std::vector<setting> nodes() {
  using of = cluster_settings;
  auto file = [](const char* key, auto place, const char* help) { return text(key, place, "a PEM file", help); };
  return {
      choice<node_role>("ROLE", at(&config::cluster, &of::role),
                        {{"all", node_role::all}, {"edge", node_role::edge}, {"writer", node_role::writer}},
                        "What this node does: hold connections (edge), write to the store (writer), or both"),
      text("CLUSTER", at(&config::cluster, &of::name), "a word", "Nodes of one cluster have the same"),
      with_sample(text("NODE_NAME", at(&config::cluster, &of::node), "a word",
                       "How this node is called where people look; not set: the host's name"),
                  "edge-1"),
      writers_to_dial(),
      duration("WRITERS_REFRESH", at(&config::cluster, &of::writers_refresh), milliseconds{100}, hours{1},
               "How often the names in WRITERS are looked up"),
      link_address(),
      with_sample(file("LINK_CERTIFICATE", at(&config::cluster, &of::certificate),
                       "This node's certificate for links, with its chain; read again when it changes"),
                  "/etc/goloca/link/tls.crt"),
      with_sample(file("LINK_KEY", at(&config::cluster, &of::key), "Its private key"), "/etc/goloca/link/tls.key"),
      with_sample(file("LINK_AUTHORITY", at(&config::cluster, &of::authority),
                       "The authority of the cluster's certificates, used for nothing else: it makes members"),
                  "/etc/goloca/link/ca.crt"),
  };
}

std::vector<setting> limits() {
  using of = session_limits;
  constexpr std::int64_t kib = 1 << 10, mib = 1 << 20, gib = 1 << 30;
  return {
      number("MAX_CONNECTIONS", at(&config::limits, &of::max_connections), 1, 1'000'000,
             "Connections at once; further ones get 503"),
      number("MAX_ADMIN_CONNECTIONS", at(&config::limits, &of::max_admin_connections), 1, 100'000,
             "The same for ADMIN_ADDRESS"),
      number("MAX_IN_FLIGHT", at(&config::limits, &of::max_in_flight), 1, 1'000'000,
             "Points of one connection without an answer yet; then it is not read from"),
      size("MAX_BODY_SIZE", at(&config::limits, &of::max_body_size), 64, gib, "An HTTP body; 413 beyond"),
      size("MAX_MESSAGE_SIZE", at(&config::limits, &of::max_message_size), 64, gib,
           "A WebSocket message; closed with 1009 beyond"),
      size("MAX_HEADER_SIZE", at(&config::limits, &of::max_header_size), 256, mib,
           "A request's line and headers; 431 beyond"),
      size("MAX_BUFFERED_BYTES", at(&config::limits, &of::max_buffered_bytes), 64 * kib, 256 * gib,
           "What all connections together may hold in memory; beyond, only small points are taken"),
  };
}

std::vector<setting> timeouts() {
  using of = session_timeouts;
  milliseconds least{10};
  return {
      duration("HEADER_TIMEOUT", at(&config::timeouts, &of::header), least, hours{1},
               "A request's headers must be there by then; 408"),
      duration("BODY_TIMEOUT", at(&config::timeouts, &of::body), least, hours{1},
               "Its body must be there by then; 408"),
      duration("IDLE_TIMEOUT", at(&config::timeouts, &of::idle), least, hours{24},
               "A connection without a request is closed after it"),
      duration("WRITE_TIMEOUT", at(&config::timeouts, &of::write), least, hours{1},
               "A client that does not read its replies is closed after it"),
      duration("PING_INTERVAL", at(&config::timeouts, &of::ping_interval), milliseconds{0}, hours{1},
               "A silent WebSocket is pinged after it, and closed after another; 0: never"),
  };
}

std::vector<setting> ending() {
  return {
      duration("SHUTDOWN_TIMEOUT", at(&config::drain, &drain_settings::timeout), milliseconds{10}, hours{1},
               "From SIGTERM to the end, whatever is still open"),
      duration("DRAIN_DELAY", at(&config::drain, &drain_settings::delay), milliseconds{0}, hours{1},
               "From /readyz 503 to the closed listener, for load balancers to notice"),
      number("RESTART_INTENSITY", at(&config::supervision, &supervision_settings::restart_intensity), 0, 1'000,
             "Crashed writers within RESTART_WINDOW that are restarted; one more is escalated"),
      duration("RESTART_WINDOW", at(&config::supervision, &supervision_settings::restart_window), seconds{1}, hours{24},
               "See RESTART_INTENSITY"),
  };
}

std::vector<setting> fault_injection() {
  auto read = [](config& made, std::string_view value) -> std::optional<std::string> {
    auto plans = parse_faults(value);
    if (auto* wrong = std::get_if<std::string>(&plans)) return "must be faults with their options: " + *wrong;
    made.faults.text = value;
    made.faults.plans = std::get<std::vector<faults::planned>>(std::move(plans));
    return std::nullopt;
  };
  setting faults{"FAULTS", "name:option=value,…;…", "For tests: what goes wrong on purpose from the start on", read,
                 [](const config& made) { return made.faults.text; }};
  return {
      boolean("FAULT_INJECTION", at(&config::faults, &fault_settings::injection),
              "For tests: operators may switch faults on (PUT /faults/{name})"),
      with_sample(std::move(faults), "store.slow:delay=200ms,probability=0.5;writer.crash:count=1"),
  };
}

std::vector<setting> logging() {
  return {
      choice<log_level>("LOG_LEVEL", at(&config::log, &log_settings::level),
                        {{"trace", log_level::trace},
                         {"debug", log_level::debug},
                         {"info", log_level::info},
                         {"warn", log_level::warn},
                         {"error", log_level::error},
                         {"off", log_level::off}},
                        "What is logged, to stderr"),
      choice<log_format>("LOG_FORMAT", at(&config::log, &log_settings::format),
                         {{"text", log_format::text}, {"json", log_format::json}},
                         "For people, or a JSON object a line"),
  };
}

std::vector<setting> make_list() {
  std::vector<setting> all;
  const config defaults;
  auto add = [&](const char* group, std::vector<setting> some) {
    for (auto& one : some) {
      one.group = group;
      one.initial = one.show(defaults);
      all.push_back(std::move(one));
    }
  };
  add("Listening", listening());
  add("Data points", data_points());
  add("Store", any_store());
  add("SQLite", sqlite_store());
  add("PostgreSQL", postgres_store());
  add("Queue and writers", pool());
  add("Several nodes", nodes());
  add("Limits", limits());
  add("Timeouts", timeouts());
  add("Ending and restarts", ending());
  add("Log", logging());
  add("Faults", fault_injection());
  return all;
}

} // namespace

std::string setting::flag() const {
  auto name = lower_case(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string setting::shown(std::string_view text, std::size_t most) const {
  auto scheme = text.find("://");
  bool has_password = scheme != std::string_view::npos && text.find('@', scheme) != std::string_view::npos;
  if (text.empty()) return {};
  return secret || has_password ? std::string{secret_mask} : printable(text, most);
}

const std::vector<setting>& declared_settings() {
  static const std::vector<setting> all = make_list();
  return all;
}

const setting* find_setting(std::string_view key) {
  const auto& all = declared_settings();
  auto found = std::find_if(all.begin(), all.end(), [&](const setting& one) { return one.key == key; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const auto& one : declared_settings()) keys.push_back(one.key);
  return keys;
}

} // namespace goloca
