#pragma once
// `goloca bench`: a load client that is lean, so that what it measures is the service.

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace goloca::net {

struct bench_options {
  std::string url = {};  // http://host:port, and a path in front of ours where a proxy wants one
  bool websocket = true; // --via websocket; else HTTP
  std::size_t connections = 8;
  std::size_t window = 0; // messages in flight per connection; 0: default_window()
  std::size_t array = 1;  // points in a message; 1: a lone object, more: an array
  double rate = 0;        // points/s over all connections, on a fixed schedule; 0: as fast as the windows allow
  std::chrono::milliseconds duration{5'000}; // of what is counted
  std::chrono::milliseconds warmup{0};       // before it; sent, not counted
  std::uint64_t points = 0;                  // stop after so many, warm-up included; 0: no such end
  double replays = 0;                        // 0 to 1: the share of messages that resend acked points
  std::uint64_t first_id = 0;                // 1 to 2^62, so that no id of a day's run is too great; 0: from the clock
  std::string acked = {};                    // a file for every acked id, one a line; empty: none
  bool json = false;                         // the report as one JSON object
  std::chrono::milliseconds connect_timeout{10'000}; // of one connection, handshake included
  std::chrono::milliseconds drain_timeout{15'000};   // for what is in flight when the sending is over
};

/// Exit codes of run_bench (sysexits.h where it has one).
enum bench_exit : int {
  bench_done = 0,     // every point was answered as stored or duplicate, on all connections that were asked for
  bench_failures = 1, // some were not
  bench_usage = 64,   // bad URL, a file that cannot be written: nothing was sent
  bench_no_connection = 69
};

/// How many messages may be in flight on a connection when nothing is said: 64 over WebSocket, or 1,024 at a fixed
/// rate, where the window only bounds memory; 1 over HTTP (more is pipelining).
std::size_t default_window(const bench_options& options);

/// Opens the connections, sends rides for the duration, waits for what is in flight and reports.
///
/// Ids are consecutive on a connection and each connection has its own range, so no two runs meet that do not start in
/// the same moment; for those there is first_id. The ride of an id is always the same: sending it again is a duplicate.
/// At a fixed rate every message has its intended time, and its latency counts from there: a stall delays the messages
/// behind it, and is seen in them.
/// \param out  gets the report.
/// \param err  gets what went wrong, one line each.
/// Blocks; one thread. Needs no more memory than windows and a file descriptor a connection.
int run_bench(const bench_options& options, std::ostream& out, std::ostream& err);

} // namespace goloca::net
