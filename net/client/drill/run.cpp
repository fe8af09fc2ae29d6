#include "net/client/drill/run.hpp"

#include "net/client/drill/judgement.hpp"
#include "net/client/drill/load.hpp"
#include "net/client/drill/stage.hpp"
#include "net/client/verify/store_rows.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <sstream>
#include <utility>
#include <variant>

namespace goloca::net::drill {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds first_ack_patience{10'000};
constexpr milliseconds steady{700};         // before the fault
constexpr milliseconds beyond_limit{2'000}; // how long a recovery that is too late is waited for
constexpr milliseconds afterwards{700};     // after the recovery
constexpr milliseconds drain_patience{10'000};

std::string contents(const fs::path& file) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  return all.str();
}

/// \param what  "VmRSS:", or "VmHWM:" for its peak. In KiB.
std::uint64_t memory_of(pid_t pid, const std::string& what) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == what && file >> kib) return kib;
  }
  return 0;
}

/// A run's ids are unlike those of any other run, so that a ledger is never true by accident.
std::int64_t first_id_of(const std::string& name) {
  return static_cast<std::int64_t>(std::hash<std::string>{}(name) % 1'000'000) * 1'000'000 + 1;
}

/// From the steady load to the recovery from the fault.
void strike_and_cure(const fault& with, stage& on, const chronicle& heard_so_far, evidence& to) {
  auto& when = to.when;
  when.start = clock::now();
  if (!on.await(first_ack_patience, [&] { return heard_so_far.last_ack() > time_point{}; }))
    throw drill_failure{"no point is acked before the fault"};
  on.all().pause(steady);
  when.undisturbed = contents(on.all().goloca.log()).find(" warning ") == std::string::npos;
  to.memory_before_kib = memory_of(on.all().goloca.pid(), "VmRSS:");
  when.struck = clock::now();
  auto undo = with.strike(on.all());
  when.in_force = on.all().in_force.value_or(clock::now());
  on.all().pause(with.hold);
  if (on.all().goloca.running() && !with.deafens) to.before_the_cure = on.all().goloca.readiness();
  undo();
  when.cured = clock::now();
  on.await(allowed(with.recovery) + beyond_limit, [&] { return heard_so_far.last_ack() > when.cured; });
  on.all().pause(afterwards);
  when.end = clock::now();
}

/// Lets goloca end, and reads what it left.
void gather(stage& on, const fs::path& ledger, evidence& to) {
  auto& goloca = on.all().goloca;
  to.ready_at_the_end = on.await(milliseconds{2'000}, [&] { return goloca.ready(); });
  to.last_end = goloca.terminate(shutdown_timeout + milliseconds{3'000});
  to.crashes = goloca.crashes();
  to.unbalanced = contents(goloca.log()).find("does not balance") != std::string::npos;
  auto read = client::read_ledger(ledger, *store::rides_schema());
  if (auto* fault = std::get_if<std::string>(&read)) throw drill_failure{*fault};
  to.ledger = std::move(std::get<client::ledger_contents>(read).book);
  auto found = client::all_rows_of_store(on.to_read(), store::rides_schema());
  if (auto* fault = std::get_if<std::string>(&found)) throw drill_failure{"the store cannot be read: " + *fault};
  to.found = std::get<client::found_rows>(std::move(found));
}

void drive(const row& which, const setup& with, const fs::path& folder, run_result& to) {
  stage on{which, with, folder};
  auto ledger = on.all().folder / "ledger";
  chronicle all_heard;
  evidence seen;
  {
    load_of_a_run load{{.to = {"127.0.0.1", std::to_string(on.all().goloca.port()), {}},
                        .websocket = which.over == transport::websocket,
                        .rate = with.rate,
                        .first_id = first_id_of(to.name()),
                        .ledger = ledger,
                        .name = to.name()},
                       all_heard};
    strike_and_cure(*which.what, on, all_heard, seen);
    load.dry_up();
    on.await(drain_patience, [&] { return load.over(); });
    seen.undrained = load.end();
    seen.lone = load.lone().points();
    to.slowest_answer = load.lone().slowest();
  }
  to.peak_memory_kib = memory_of(on.all().goloca.pid(), "VmHWM:");
  seen.notes = all_heard.notes();
  gather(on, ledger, seen);
  judge(*which.what, seen, to);
}

/// The logs and the ledger, for whoever looks into it.
void keep_what_it_left(const fs::path& from, const fs::path& to) {
  std::error_code ignored; // the table is what counts
  fs::create_directories(to, ignored);
  for (const auto* name : {"goloca.log", "postgres.log", "ledger"})
    fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing, ignored);
}

} // namespace

run_result result_of(const row& which, const std::function<void(run_result&)>& performed) {
  auto start = clock::now();
  run_result made;
  made.fault = which.what->name;
  made.what = which.what->what;
  made.over = which.over;
  made.on = which.on;
  made.recovery_limit = allowed(which.what->recovery);
  made.because = which.what->because;
  try {
    performed(made);
  } catch (const interrupted&) {
    throw;
  } catch (const not_possible& why) {
    made.skipped = why.what();
  } catch (const promise_broken& how) {
    made.broken.emplace_back(how.what());
  } catch (const std::exception& failure) { // drill_failure above all; in any case it says nothing of the service
    made.broken.push_back(std::string{"the drill could not do its part: "} + failure.what());
  }
  made.took = std::chrono::duration_cast<milliseconds>(clock::now() - start);
  return made;
}

std::optional<fs::path> to_be_kept(const run_result& of, const setup& with) {
  if (!of.failed() || with.keep.empty()) return std::nullopt;
  auto name = of.name();
  std::ranges::replace(name, '/', '-');
  return with.keep / name;
}

run_result perform(const row& which, const setup& with) {
  static std::atomic<unsigned> count{0};
  auto folder =
      with.folder / std::to_string(++count); // a short name: a socket's path in it has a hundred bytes at most
  auto made = result_of(which, [&](run_result& to) { drive(which, with, folder, to); });
  if (auto kept = to_be_kept(made, with)) keep_what_it_left(folder, *kept);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return made;
}

} // namespace goloca::net::drill
