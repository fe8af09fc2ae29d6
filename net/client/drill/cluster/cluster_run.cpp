#include "net/client/drill/cluster/cluster_run.hpp"

#include "net/client/drill/judgement.hpp"
#include "net/client/drill/load.hpp"
#include "net/client/verify/store_rows.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

namespace goloca::net::drill {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds well_patience{120'000}; // of a database that was cut off, and follows again
constexpr milliseconds first_ack_patience{10'000};
constexpr milliseconds steady{1'500};
constexpr milliseconds beyond_limit{5'000};
constexpr milliseconds afterwards{1'000};
constexpr milliseconds drain_patience{20'000};
constexpr milliseconds point_patience{4'500}; // the nodes' own REQUEST_TIMEOUT of 3 s, and a busy machine
constexpr double rate_of_an_edge = 250;       // points/s: in REQUEST_TIMEOUT not more than MAX_IN_FLIGHT

std::uint64_t unbalanced_accounts(const cluster& of) {
  std::uint64_t count = 0;
  for (const auto& node : of.nodes()) {
    std::ifstream log{of.log_of(node)};
    for (std::string line; std::getline(log, line);) count += line.find("does not balance") != std::string::npos;
  }
  return count;
}

store::store_settings table_of(const cluster& nodes) {
  store::store_settings made;
  made.kind = store::backend::postgres;
  made.database_url = nodes.database() + "?target_session_attrs=read-write";
  made.statement_timeout = milliseconds{30'000};
  return made;
}

/// Rows of the runs before are nobody's here.
void empty_the_table(const cluster& nodes, const fs::path& folder) {
  auto programs = find_postgres_programs();
  if (!programs) throw not_possible{"no PostgreSQL is installed"};
  auto url = table_of(nodes).database_url;
  auto emptied = [&] {
    return run_to_end(*programs / "psql",
                      {.arguments = {url, "-qc", "TRUNCATE datapoint"}, .folder = folder, .log = folder / "psql.log"},
                      milliseconds{20'000}) == 0;
  };
  if (!wait_until(milliseconds{30'000}, emptied)) throw drill_failure{"the table cannot be emptied"};
}

/// A load on each edge.
class all_doors {
public:
  all_doors(const cluster& nodes, const row& which, const std::string& name, const fs::path& folder) {
    for (const auto& edge : nodes.nodes("edge")) {
      auto of_its_own = name + ' ' + edge;
      auto each = std::make_unique<one>();
      each->edge = edge;
      each->ledger = folder / ("ledger-" + edge);
      each->load.emplace(
          load_options{.to = nodes.door(edge),
                       .websocket = which.over == transport::websocket,
                       .rate = rate_of_an_edge,
                       .first_id =
                           static_cast<std::int64_t>(std::hash<std::string>{}(of_its_own) % 1'000'000) * 1'000'000 + 1,
                       .ledger = each->ledger,
                       .name = of_its_own,
                       .patience = point_patience},
          each->heard);
      doors_.push_back(std::move(each));
    }
  }

  [[nodiscard]] bool all_acked_since(time_point moment) const {
    return std::ranges::all_of(doors_, [&](const auto& each) { return each->heard.last_ack() > moment; });
  }
  void dry_up() {
    for (auto& each : doors_) each->load->dry_up();
  }
  [[nodiscard]] bool over() const {
    return std::ranges::all_of(doors_, [](const auto& each) { return each->load->over(); });
  }

  /// Ends them. \throw drill_failure
  void gather(const std::vector<std::string>& struck, evidence& to, run_result& result) {
    for (auto& each : doors_) {
      auto undrained = each->load->end();
      if (!undrained.empty()) to.undrained += (to.undrained.empty() ? "" : "; ") + each->edge + ": " + undrained;
      auto notes = each->heard.notes();
      to.notes.insert(to.notes.end(), notes.begin(), notes.end());
      to.doors.push_back({std::move(notes), std::ranges::find(struck, each->edge) != struck.end()});
      const auto& lone = each->load->lone();
      to.lone.insert(to.lone.end(), lone.points().begin(), lone.points().end());
      result.slowest_answer = std::max(result.slowest_answer, lone.slowest());
      auto read = client::read_ledger(each->ledger, *store::rides_schema());
      if (auto* fault = std::get_if<std::string>(&read)) throw drill_failure{*fault};
      to.ledger.add(std::get<client::ledger_contents>(read).book);
    }
    std::ranges::stable_sort(to.notes, {}, &note::at);
  }

private:
  struct one {
    std::string edge;
    fs::path ledger;
    chronicle heard;
    std::optional<load_of_a_run> load;
  };
  std::vector<std::unique_ptr<one>> doors_;
};

void pause(milliseconds time) {
  wait_until(time, [] { return false; });
}

void strike_and_cure(const fault& with, const cluster& nodes, const all_doors& doors, phases& when) {
  when.start = clock::now();
  if (!wait_until(first_ack_patience, [&] { return doors.all_acked_since({}); }))
    throw drill_failure{"no point is acked before the fault"};
  pause(steady);
  when.struck = clock::now();
  auto undo = with.strike_nodes(nodes);
  when.in_force = clock::now();
  pause(with.hold);
  undo();
  when.cured = clock::now();
  wait_until(with.recovery + beyond_limit, [&] { return doors.all_acked_since(when.cured); });
  pause(afterwards);
  when.end = clock::now();
}

void drive(const cluster& nodes, const row& which, const fs::path& folder, run_result& to) {
  if (!wait_until(well_patience, [&] { return nodes.well(); })) throw drill_failure{"the cluster does not get well"};
  empty_the_table(nodes, folder);
  auto unbalanced = unbalanced_accounts(nodes);
  evidence seen;
  {
    all_doors doors{nodes, which, to.name(), folder};
    strike_and_cure(*which.what, nodes, doors, seen.when);
    doors.dry_up();
    wait_until(drain_patience, [&] { return doors.over(); });
    doors.gather(which.what->struck_edges, seen, to);
  }
  seen.ready_at_the_end = wait_until(well_patience, [&] { return nodes.well(); });
  seen.unbalanced = unbalanced_accounts(nodes) != unbalanced;
  seen.last_end = 0; // the nodes live on
  auto found = client::all_rows_of_store(table_of(nodes), store::rides_schema());
  if (auto* fault = std::get_if<std::string>(&found)) throw drill_failure{"the table cannot be read: " + *fault};
  seen.found = std::get<client::found_rows>(std::move(found));
  judge(*which.what, seen, to);
}

void keep_what_it_left(const cluster& nodes, const fs::path& from, const fs::path& to) {
  std::error_code ignored; // the table is what counts
  fs::create_directories(to, ignored);
  fs::copy(from, to, fs::copy_options::overwrite_existing | fs::copy_options::recursive, ignored);
  for (const auto& node : nodes.nodes())
    fs::copy_file(nodes.log_of(node), to / (node + ".log"), fs::copy_options::overwrite_existing, ignored);
}

} // namespace

run_result perform_on(const cluster& nodes, const row& which, const setup& with) {
  workplace own;
  auto made = result_of(which, [&](run_result& to) { drive(nodes, which, own.path(), to); });
  if (auto kept = to_be_kept(made, with)) keep_what_it_left(nodes, own.path(), *kept);
  return made;
}

} // namespace goloca::net::drill
