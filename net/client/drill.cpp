#include "net/client/drill.hpp"

#include "net/client/drill/cluster/cluster_run.hpp"
#include "net/client/drill/matrix.hpp"
#include "net/client/drill/report/page.hpp"
#include "net/client/drill/report/table.hpp"

#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>
#include <utility>

namespace goloca::net {

namespace fs = std::filesystem;

namespace {

using namespace drill;

void on_signal(int) {
  asked_to_end() = true;
}

/// Performs all rows, some at once, and keeps the results in their order.
class drilling {
public:
  using performance = std::function<run_result(const row&)>;
  drilling(std::vector<row> rows, performance perform, std::ostream& err)
      : rows_{std::move(rows)}, perform_{std::move(perform)}, err_{&err}, results_(rows_.size()) {}

  void run(std::size_t at_once) {
    std::vector<std::thread> workers; // a run's children live as long as the thread that started them
    for (std::size_t i = 0; i < std::min(at_once, rows_.size()); ++i) workers.emplace_back([this] { work(); });
    for (auto& each : workers) each.join();
    if (broken_) std::rethrow_exception(broken_);
  }

  [[nodiscard]] std::vector<run_result> take() { return std::move(results_); }

private:
  void work() {
    try {
      for (auto mine = next_++; mine < rows_.size(); mine = next_++) {
        results_[mine] = perform_(rows_[mine]);
        tell(results_[mine]);
      }
    } catch (...) { // thrown on by run(), once the others have ended too
      std::scoped_lock held{lock_};
      broken_ = std::current_exception();
      asked_to_end() = true;
    }
  }

  void tell(const run_result& of) {
    std::scoped_lock held{lock_};
    ++done_;
    *err_ << '[' << done_ << '/' << rows_.size() << "] "
          << (of.failed()          ? "BROKEN "
              : of.skipped.empty() ? "kept "
                                   : "skipped ")
          << of.name() << " (" << of.took.count() / 1000 << '.' << of.took.count() / 100 % 10 << " s)\n";
    for (const auto& how : of.broken) *err_ << "  " << how << '\n';
    *err_ << std::flush;
  }

  std::vector<row> rows_;
  performance perform_;
  std::ostream* err_;
  std::vector<run_result> results_;
  std::atomic<std::size_t> next_{0};
  std::mutex lock_; // for all below
  std::size_t done_ = 0;
  std::exception_ptr broken_;
};

std::string this_program() {
  return fs::read_symlink("/proc/self/exe").string();
}

void list(const std::vector<row>& rows, std::ostream& out) {
  for (const auto& each : rows) out << name_of(each) << ": " << each.what->what << '\n';
}

bool write(const fs::path& file, const std::string& text) {
  std::ofstream to{file, std::ios::binary | std::ios::trunc};
  to << text;
  return static_cast<bool>(to.flush());
}

std::vector<run_result> perform_all(const drill_options& options, std::vector<row> rows, std::ostream& err) {
  setup with;
  with.program = options.program.empty() ? this_program() : options.program;
  with.no_mounts = have_own_mounts();
  workplace home;
  with.folder = home.path();
  with.keep = options.into;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  if (!options.cluster.empty()) {
    cluster nodes{options.cluster};
    drilling all{std::move(rows), [&](const row& each) { return perform_on(nodes, each, with); }, err};
    all.run(1);
    return all.take();
  }
  std::unique_ptr<postgres_cluster> databases;
  if (auto programs = find_postgres_programs()) {
    databases = std::make_unique<postgres_cluster>(*programs, home.path() / "cluster");
    with.cluster = databases.get();
  }
  drilling all{std::move(rows), [&](const row& each) { return perform(each, with); }, err};
  all.run(options.at_once);
  return all.take();
}

} // namespace

int run_drill(const drill_options& options, std::ostream& out, std::ostream& err) {
  auto complain = [&err](const std::string& what) {
    err << "goloca drill: " << what << std::endl;
    return drill_usage;
  };
  auto faults = options.cluster.empty() ? all_faults() : faults_of_a_cluster();
  auto rows = options.quick ? quick_matrix(faults) : whole_matrix(faults);
  try {
    if (!options.only.empty()) rows = matching(std::move(rows), std::regex{options.only});
  } catch (const std::regex_error&) {
    return complain(options.only + ": is no regular expression");
  }
  if (rows.empty()) return complain("no run has a name like that: goloca drill --list prints them");
  if (options.list) return list(rows, out), drill_kept;
  std::error_code failed;
  if (!options.into.empty()) fs::create_directories(options.into, failed);
  if (failed) return complain(options.into + ": " + failed.message());
  std::vector<run_result> runs;
  try {
    runs = perform_all(options, std::move(rows), err);
  } catch (const interrupted&) {
    err << "goloca drill: interrupted; everything it started is ended\n";
    return drill_interrupted;
  } catch (const drill_failure& failure) { // before the first run
    return complain(failure.what());
  }
  out << (options.json ? to_json(runs) : to_table(runs)) << std::flush;
  if (!options.into.empty()) {
    fs::path into{options.into};
    if (!write(into / "drill.html", to_page(runs)) || !write(into / "drill.json", to_json(runs)))
      return complain(options.into + ": the report cannot be written");
  }
  return all_kept(runs) ? drill_kept : drill_broken;
}

} // namespace goloca::net
