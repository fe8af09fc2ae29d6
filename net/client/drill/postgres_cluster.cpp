#include "net/client/drill/postgres_cluster.hpp"

#include "net/client/drill/postgres_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace goloca::net::drill {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds patience{120'000}; // initdb on a busy disk

void run(const std::string& program, std::vector<std::string> arguments, const fs::path& folder) {
  auto log = folder / "initdb.log";
  auto code = run_to_end(
      program, {.arguments = std::move(arguments), .folder = folder, .log = log, .as = postgres_account()}, patience);
  if (code == 0) return;
  std::ifstream said{log};
  throw drill_failure{program + " failed: " + std::string{std::istreambuf_iterator<char>{said}, {}}};
}

} // namespace

std::optional<fs::path> find_postgres_programs() {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", none}) { // Debian keeps them out of PATH
    auto programs = version.path() / "bin";
    if (fs::exists(programs / "initdb") && fs::exists(programs / "postgres") && fs::exists(programs / "psql"))
      found.push_back(programs);
  }
  if (found.empty()) return std::nullopt;
  return *std::ranges::max_element(
      found, {}, [](const fs::path& each) { return std::atof(each.parent_path().filename().c_str()); });
}

void postgres_cluster::copy_to(const fs::path& data) {
  {
    std::scoped_lock held{lock_};
    if (!made_) make();
    made_ = true;
  }
  run("/bin/cp", {"-a", (folder_ / "template").string(), data.string()}, folder_);
}

void postgres_cluster::make() {
  make_folder(folder_, postgres_account());
  auto data = folder_ / "template";
  // Without sync: nothing here is to outlive a crash. The servers themselves run with fsync on.
  run(programs_ / "initdb",
      {"--no-sync", "--no-instructions", "--wal-segsize=1", "--auth=trust", "--username=drill", "--encoding=UTF8",
       "--locale=C", "--pgdata=" + data.string()},
      folder_);
  postgres_server server{programs_, folder_, data, {}};
  server.start();
  server.ask("CREATE ROLE goloca LOGIN", "postgres");
  server.ask("CREATE DATABASE goloca OWNER goloca", "postgres");
  server.stop();
}

} // namespace goloca::net::drill
