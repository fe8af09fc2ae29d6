#include "net/client/bench.hpp"

#include "net/client/load/dial.hpp"
#include "net/client/load/id_plan.hpp"
#include "net/client/load/report.hpp"
#include "net/client/url.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <ostream>

namespace goloca::net {

namespace {

bench_options with_defaults(bench_options options) {
  if (options.window == 0) options.window = default_window(options);
  if (options.first_id == 0) options.first_id = load::first_id_by_clock(std::chrono::system_clock::now());
  return options;
}

/// The soft limit of open files is often 1,024; the hard one takes 10,000 connections.
void use_all_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit); // if it does not work: a connection that is one too many says so
}

/// Opens all, or as many as go before one takes too long: those behind it would too.
std::vector<load::line> open_lines(const bench_options& options, const client::url& to, const load::wire& speaks,
                                   std::ostream& err) {
  std::vector<load::line> open;
  load::dialer phone{to, options.connect_timeout};
  while (open.size() < options.connections) {
    auto made = phone.dial(speaks);
    if (auto* fault = std::get_if<std::string>(&made)) {
      err << "goloca bench: " << open.size() << " of " << options.connections << " connections are open: " << *fault
          << std::endl;
      break;
    }
    open.push_back(std::move(std::get<load::line>(made)));
  }
  return open;
}

void tell_what_broke(const load::load_run& done, std::ostream& err) {
  std::map<std::string, std::size_t> reasons;
  for (const auto& one : done.connections())
    if (!one.ended_by().empty()) ++reasons[one.ended_by()];
  for (const auto& [why, count] : reasons)
    err << "goloca bench: " << count << " of " << done.connections().size() << " connections broke: " << why << '\n';
}

/// False when it could not be written whole.
bool write_acked(const load::load_run& done, std::ofstream& file) {
  for (const auto& one : done.connections()) one.talk().acked().write(file);
  return static_cast<bool>(file.flush());
}

} // namespace

std::size_t default_window(const bench_options& options) {
  if (!options.websocket) return 1;
  return options.rate > 0 ? 1'024 : 64;
}

int run_bench(const bench_options& options, std::ostream& out, std::ostream& err) {
  auto complain = [&](const std::string& what) {
    err << "goloca bench: " << what << std::endl;
    return bench_usage;
  };
  auto complete = with_defaults(options);
  auto read = client::read_url(complete.url);
  if (auto* fault = std::get_if<std::string>(&read)) return complain(*fault);
  std::ofstream acked;
  if (!complete.acked.empty()) acked.open(complete.acked, std::ios::trunc);
  if (!acked) return complain(complete.acked + ": " + std::strerror(errno));

  const auto& to = std::get<client::url>(read);
  auto arrays = complete.array > 1;
  auto speaks = complete.websocket ? load::speak_websocket(to, arrays) : load::speak_http(to, arrays);
  use_all_descriptors();
  auto lines = open_lines(complete, to, *speaks, err);
  if (lines.empty()) return bench_no_connection;
  load::load_run load{complete, *speaks, std::move(lines)};
  load.run();

  tell_what_broke(load, err);
  out << (complete.json ? load::json_report(complete, load) : load::text_report(complete, load)) << std::flush;
  auto kept = complete.acked.empty() || write_acked(load, acked);
  if (!kept) err << "goloca bench: " << complete.acked << ": could not be written whole" << std::endl;
  return kept && load::went_well(complete, load) ? bench_done : bench_failures;
}

} // namespace goloca::net
