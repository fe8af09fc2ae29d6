#pragma once
// `goloca send`: reads points from a file and sends them until the service has answered each one for good.

#include "store/schema.hpp"

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>

namespace goloca::net {

struct send_options {
  std::string file;       // a path, or "-" for `input`
  std::string url;        // http://host:port, and a path in front of ours where a proxy wants one
  bool websocket = false; // --via websocket: one connection, many messages in flight; else HTTP bulk, a few connections
  std::size_t window = 0; // points read but not answered for good; 0: 512
  std::size_t batch = 0;  // points in one request or message; 0: 100
  std::string rejects;    // a file for the refused points, one JSON object a line; empty: none
  std::string ledger; // a file that keeps what was sent and answered, and that a resumed sending goes on from; or ""
  bool ledger_sync = false;                          // it survives a power cut too, not just a kill
  std::shared_ptr<const store::schema> schema;       // null: the rides
  bool progress = false;                             // `err` is a terminal: a bar; else plain lines
  std::chrono::milliseconds give_up_after{0};        // without one final answer in all this time; 0: five minutes
  std::chrono::milliseconds connect_timeout{10'000}; // of one attempt to connect, handshake included
  std::chrono::milliseconds reply_timeout{30'000};   // of one request; must be more than the service's REQUEST_TIMEOUT
};

/// Exit codes of run_send (sysexits.h where it has one).
enum send_exit : int {
  send_done = 0,       // every point is stored, now or before
  send_refused = 1,    // some were refused; all others are stored
  send_usage = 64,     // bad URL, unreadable file, header that does not fit: nothing was sent
  send_no_answer = 69, // gave up: some points have no answer
  send_no_ledger = 74  // gave up: the ledger cannot be written
};

/// Sends every point of the file and waits for its final answer: stored, duplicate or refused, each point exactly once.
/// Answers that may be resent, and lost connections, are retried with the same id: it is safe to be killed and started
/// again, as far as the points have ids of their own, or there is a ledger. With one, points that it says were
/// acknowledged are not sent again, wherever in the input they stand now, and points without an id get the id again
/// that they had; nothing is on the wire before it is in the ledger.
/// \param input  read when file is "-". Must live until the process ends when reading it may block for ever
///               (std::cin): a reader that is stuck there when run_send gives up is left behind.
/// \param out    gets the summary line.
/// \param err    gets progress and errors.
/// Blocks; memory is bounded by the window, not by the file.
int run_send(const send_options& options, std::istream& input, std::ostream& out, std::ostream& err);

} // namespace goloca::net
