#pragma once
// What the actors of the tree tell of themselves, for operators: the parts of a node_status, which is their sum at one
// moment. Local to a node.

#include "actors/account.hpp"
#include "actors/histogram.hpp"

#include <caf/all.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace goloca::actors {

using time_point = caf::actor_clock::time_point; // steady; in tests virtual

/// Who comes in where: clients with points, operators with questions.
enum class entrance : std::uint8_t { clients, operators };
inline constexpr std::size_t entrances = 2;

/// Of one transport: its points, and how long they took from the reading to the answer.
struct point_counts {
  account points{};
  duration_histogram request_seconds{};

  point_counts& operator+=(const point_counts& other) {
    points += other.points;
    request_seconds += other.request_seconds;
    return *this;
  }
};

/// How something that was started again came to that.
struct failure_record {
  std::uint64_t count = 0; // since the node started
  std::string last{};      // a sentence for a person; empty: it never failed
  time_point at{};         // when that was

  void note(std::string why, time_point now) {
    ++count;
    last = std::move(why);
    at = now;
  }
};

/// A batch that a writer has.
struct batch_status {
  caf::actor_id writer = 0;
  std::uint64_t points = 0;
  time_point since{};
};

/// What the pools counted, each from its own beginning.
struct pool_counts {
  batch_histogram batch_points{};      // of each batch that came back
  duration_histogram commit_seconds{}; // from its dispatch to its result

  pool_counts& operator+=(const pool_counts& other) {
    batch_points += other.batch_points;
    commit_seconds += other.commit_seconds;
    return *this;
  }
};

struct pool_status {
  std::uint64_t queued = 0; // points
  std::uint64_t capacity = 0;
  std::vector<batch_status> batches{};
  pool_counts counts{};
  time_point::duration answered_after{}; // how long the question lay in its mailbox, there and back (also below)
};

struct writer_status {
  enum class state : std::uint8_t { connecting, connected, waiting };
  state what = state::waiting;
  caf::actor_id id = 0;      // 0: there is none
  time_point starts_at{};    // waiting: then it is started
  failure_record failures{}; // of all writers of this slot
};

struct writer_counts {
  std::uint64_t restarts = 0;   // writers that were started because another had ended
  std::uint64_t reconnects = 0; // connections to the store that took the place of a lost one

  writer_counts& operator+=(const writer_counts& other) {
    restarts += other.restarts;
    reconnects += other.reconnects;
    return *this;
  }
  friend bool operator==(const writer_counts&, const writer_counts&) = default;
};

struct writers_status {
  std::vector<writer_status> slots{};
  writer_counts counts{};
  time_point::duration answered_after{};
};

/// An edge's link to one address.
struct link_status {
  enum class state : std::uint8_t { connecting, connected, leaving, waiting };
  std::string address{};
  std::string node{}; // its name, as far as it was heard
  state what = state::waiting;
  caf::actor_id id = 0; // 0: there is none
  time_point starts_at{};
  failure_record failures{};
  std::chrono::nanoseconds round_trip{};
  std::chrono::nanoseconds batch_time{};
  std::uint64_t in_flight = 0; // batches
  std::uint64_t credit = 0;
};

struct links_status {
  std::vector<link_status> links{}; // by address
  std::uint64_t restarts = 0;       // links that were dialled again
  time_point::duration answered_after{};
};

/// A writer node's end of a link.
struct host_status {
  std::string node{};
  std::string from{};
  std::uint64_t in_flight = 0; // batches
  std::uint64_t batches = 0;   // that it answered
  std::uint64_t points = 0;    // of these
  time_point since{};
};

struct hosts_status {
  std::vector<host_status> hosts{};
  std::uint64_t refused = 0; // hellos
  bool draining = false;
  time_point::duration answered_after{};
};

struct connection_counts {
  std::uint64_t refused = 0; // clients that found the node full, or draining
  std::uint64_t crashed = 0; // connections that ended otherwise than by their client's or the node's will

  connection_counts& operator+=(const connection_counts& other) {
    refused += other.refused;
    crashed += other.crashed;
    return *this;
  }
};

struct connections_status {
  std::uint64_t open = 0;
  std::uint64_t websockets = 0; // of these
  std::uint64_t limit = 0;
  bool draining = false;
  failure_record crashes{}; // of connections
  connection_counts counts{};
  time_point::duration answered_after{};
};

/// The children of the node supervisor.
enum class node_part : std::uint8_t {
  writer_supervisor,
  writer_pool,
  client_connections,
  operator_connections,
  link_supervisor,
  link_hosts
};
inline constexpr std::size_t node_parts = 6;
std::string to_string(node_part what);

/// All of it at one moment. Counts are since the node started, of dead actors too. A part that did not answer in time
/// is missing; then its counts are those that were known last.
struct node_status {
  time_point at{};
  std::array<point_counts, transports> points{};
  std::optional<pool_status> pool{};
  std::optional<writers_status> writers{};
  std::array<std::optional<connections_status>, entrances> connections{};
  std::optional<links_status> links{};
  std::optional<hosts_status> hosts{};
  pool_counts of_pools{};
  writer_counts of_writers{};
  std::array<connection_counts, entrances> of_connections{};
  std::array<failure_record, node_parts> failures{}; // each was followed by a restart, but for the last of a node
  std::array<bool, node_parts> exists{true, true, true, true, false, false}; // an edge has no writer supervisor, ...
  bool draining = false;
};

// -- messages ------------------------------------------------------------------------------------

/// To a connection, and by it to the node supervisor: how is the node? Answered by a status_told of the same number.
struct status_query {
  std::uint64_t number = 0;
};

struct status_told {
  std::uint64_t number = 0;
  std::shared_ptr<const node_status> status{}; // null: nobody answered
  std::string reason{};                        // then: why
};

/// What happened to a connection's points since its last report (connection → node supervisor, which keeps the books).
struct account_report {
  transport by = transport::http;
  point_counts change{};
};

/// Report now (a connection's parent → connection), and that it is done.
struct report_account {};
struct account_reported {};

/// How are you? (node supervisor → its children). Connections are told to report, and have, when their parent answers.
struct pool_query {};
struct writers_query {};
struct connections_query {};
struct links_query {};
struct hosts_query {};

/// Last words to the node supervisor: what it counted, whatever it ended by.
struct pool_ended {
  pool_counts last{};
};
struct writers_ended {
  writer_counts last{};
};

} // namespace goloca::actors
