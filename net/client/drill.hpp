#pragma once
// `goloca drill`: breaks a goloca of its own, and everything around it, in every way that is listed, and checks each
// time that every promise was kept.

#include <cstddef>
#include <iosfwd>
#include <string>

namespace goloca::net {

struct drill_options {
  std::string cluster;     // the deploy/cluster.sh that has one up; empty: a node of our own is drilled
  std::string program;     // goloca; empty: the program that runs
  bool quick = false;      // each fault once, not over each transport on each store
  std::string only;        // a regular expression for the runs' names: "postgres.frozen/http/postgres"; empty: all
  bool list = false;       // print the runs, and do nothing
  std::string into;        // a folder for the page, the JSON and the logs of failed runs; empty: none
  bool json = false;       // print JSON, not the table
  std::size_t at_once = 2; // runs, but on a cluster
};

/// Exit codes of run_drill.
enum drill_exit : int {
  drill_kept = 0,   // every promise, in every run that could be done
  drill_broken = 1, // at least one was broken
  drill_usage = 64, // no such runs, a folder that cannot be written
  drill_interrupted = 130
};

/// With a cluster: its nodes are broken and mended, and its table is emptied before each run, which go one at a time.
/// Else: starts processes, takes loopback ports and a folder under the system's for temporary files; all of that is
/// gone when it returns, also on SIGINT and SIGTERM, which it handles from its first call on. Blocks: some seconds a
/// run.
/// \param out  gets the table, or the JSON. \param err  a line as each run ends.
int run_drill(const drill_options& options, std::ostream& out, std::ostream& err);

} // namespace goloca::net
