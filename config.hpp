#pragma once
// All that can be set, as the parts need it. The defaults stand here and nowhere else; the names that people write,
// ranges and help are in setting_list.cpp; what must hold between settings is in config.cpp.

#include "log.hpp"
#include "setting_values.hpp"
#include "settings.hpp"
#include "store/open_store.hpp"
#include "store/schema.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca {

using std::chrono::milliseconds;

struct listen_settings {
  std::string address = "0.0.0.0";                              // LISTEN_ADDRESS: an IP address
  std::uint16_t port = 8080;                                    // PORT; 0: any free one
  std::optional<endpoint> admin = endpoint{"127.0.0.1", 9'180}; // ADMIN_ADDRESS; nothing: no second listener
  std::size_t io_threads = 0;                                   // IO_THREADS; 0: half as many as cores
  std::size_t io_poll_us = 200; // IO_POLL_MICROSECONDS; 0: never; of a single I/O thread
};

/// What a node of several does: an edge has the clients, a writer the database writers, `all` has both.
enum class node_role : std::uint8_t { all, edge, writer };

/// The links between nodes: an edge dials writers, and both show a certificate of the cluster's own authority.
struct cluster_settings {
  node_role role = node_role::all;     // ROLE
  std::string name = "goloca";         // CLUSTER
  std::string node;                    // NODE_NAME; empty: the host's
  std::vector<host_and_port> writers;  // WRITERS, to be dialled
  milliseconds writers_refresh{5'000}; // WRITERS_REFRESH: how often their names are looked up
  std::optional<endpoint> listen;      // LINK_ADDRESS: where edges come in; nothing: they do not
  std::string certificate;             // LINK_CERTIFICATE, LINK_KEY, LINK_AUTHORITY: PEM files
  std::string key;
  std::string authority;

  [[nodiscard]] bool has_clients() const { return role != node_role::writer; }
  [[nodiscard]] bool has_store() const { return role != node_role::edge; }
};

/// What clients may use up. Bytes and counts.
struct session_limits {
  std::size_t max_connections = 10'000;        // MAX_CONNECTIONS
  std::size_t max_admin_connections = 64;      // MAX_ADMIN_CONNECTIONS
  std::size_t max_in_flight = 1'024;           // MAX_IN_FLIGHT: points a connection
  std::size_t max_body_size = 8u << 20;        // MAX_BODY_SIZE
  std::size_t max_message_size = 1u << 20;     // MAX_MESSAGE_SIZE: WebSocket
  std::size_t max_header_size = 16u << 10;     // MAX_HEADER_SIZE
  std::size_t max_buffered_bytes = 256u << 20; // MAX_BUFFERED_BYTES: all connections together
};

/// How long a session waits for its client.
struct session_timeouts {
  milliseconds header{10'000};        // HEADER_TIMEOUT
  milliseconds body{30'000};          // BODY_TIMEOUT
  milliseconds idle{75'000};          // IDLE_TIMEOUT
  milliseconds write{30'000};         // WRITE_TIMEOUT
  milliseconds ping_interval{30'000}; // PING_INTERVAL: WebSocket; 0: no pings
};

struct pool_settings {
  std::size_t writers = 2;              // NUM_POOL_WORKERS; no more than the store can use
  std::size_t max_queued = 100'000;     // MAX_JOB_QUEUE_LENGTH: points
  std::size_t max_batch = 1'000;        // MAX_BATCH: points
  milliseconds request_timeout{10'000}; // REQUEST_TIMEOUT
};

struct supervision_settings {
  std::size_t first_attempts = 10;     // MAX_DB_CONNECTION_ATTEMPTS: at the first start only
  milliseconds first_interval{10'000}; // DB_CONNECTION_RETRY_INTERVAL
  std::size_t restart_intensity = 10;  // RESTART_INTENSITY: crashes in a window, before escalation
  milliseconds restart_window{60'000}; // RESTART_WINDOW
};

struct drain_settings {
  milliseconds delay{0};       // DRAIN_DELAY: from /readyz 503 to the closed listener
  milliseconds timeout{8'000}; // SHUTDOWN_TIMEOUT: all of it, the delay included
};

struct fault_settings {
  bool injection = false; // FAULT_INJECTION: operators may switch faults
  std::string text = {};  // FAULTS, as written
  std::vector<faults::planned> plans = {};
};

struct config {
  listen_settings listen;
  cluster_settings cluster;
  session_limits limits;
  session_timeouts timeouts;
  pool_settings pool;
  supervision_settings supervision;
  drain_settings drain;
  store::store_settings store;
  log_settings log;
  fault_settings faults;
  bool reject_unknown_members = false;                                 // UNKNOWN_MEMBERS
  std::string schema_file;                                             // SCHEMA; empty: the rides, compiled in
  std::shared_ptr<const store::schema> schema = store::rides_schema(); // as read from schema_file; never null

  // For people: where each value comes from, by key ("config.env:3", "environment", "--port", "default"), and what may
  // surprise.
  std::map<std::string, std::string, std::less<>> sources = {};
  std::vector<std::string> notes = {};
};

/// Checks every setting and what must hold between them. Reads no file but the SCHEMA, asks no server.
/// \return The config, or all faults, not the first.
std::variant<config, config_faults> make_config(const settings& from);

/// read_settings and make_config; the faults of both.
std::variant<config, config_faults> load_config(const setting_layers& layers);

/// `goloca check-config`: a config.env that would give this config, each line with its source; secrets masked.
std::string show_effective(const config& made);

/// The README's table of settings, in Markdown.
std::string show_markdown();

/// The config.env of the repository: every setting with its help and default, commented out.
std::string show_sample();

} // namespace goloca
