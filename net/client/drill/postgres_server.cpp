#include "net/client/drill/postgres_server.hpp"

#include "net/client/drill/local_call.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace goloca::net::drill {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds start_patience{60'000};
constexpr milliseconds stop_patience{30'000};
constexpr milliseconds psql_patience{20'000};

std::string contents(const fs::path& file) {
  std::ifstream text{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{text}, {}};
}

} // namespace

postgres_server::postgres_server(fs::path programs, fs::path folder, fs::path data,
                                 const std::vector<std::string>& settings)
    : programs_{std::move(programs)}, folder_{std::move(folder)}, data_{std::move(data)}, port_{free_port()} {
  std::ofstream file{data_ / "postgresql.conf", std::ios::app};
  file << "unix_socket_directories = '" << folder_.string() << "'\nport = " << port_
       << "\nlisten_addresses = '127.0.0.1'\nmax_connections = 30\nshared_buffers = 16MB\nmax_wal_size = 64MB\n"
       << "min_wal_size = 2MB\nfsync = on\nlog_min_messages = warning\n";
  for (const auto& line : settings) file << line << '\n';
  if (!file.flush()) throw drill_failure{"cannot write the settings of PostgreSQL"};
}

postgres_server::~postgres_server() {
  if (!running()) return;
  signal_all(SIGCONT);
  process_->signal(SIGQUIT);
  // Killed it would leave its shared memory: it has a moment, whoever is in a hurry.
  for (auto until = clock::now() + milliseconds{5'000}; running() && clock::now() < until;)
    std::this_thread::sleep_for(milliseconds{5});
}

void postgres_server::start(const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"-D", data_.string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  std::error_code none;
  process_ = std::make_unique<child>(
      programs_ / "postgres",
      child_options{
          .arguments = arguments, .folder = folder_, .log = log(), .as = postgres_account(), .when_we_die = SIGQUIT});
  wait_until(start_patience, [this] { return !running() || takes_connections(); });
  if (running() && takes_connections()) return;
  auto said = contents(log());
  throw drill_failure{"PostgreSQL does not start: " +
                      said.substr(said.size() - std::min<std::size_t>(said.size(), 2000))};
}

/// The eighth line of postmaster.pid says how far it is, the first whose file it is.
bool postgres_server::takes_connections() const {
  std::istringstream file{contents(data_ / "postmaster.pid")};
  std::string line, first;
  for (int number = 1; number <= 8 && std::getline(file, line); ++number)
    if (number == 1) first = line;
  return line.starts_with("ready") && first == std::to_string(process_->pid());
}

bool postgres_server::accepts() const {
  try {
    return ask("SELECT 1") == "1";
  } catch (const drill_failure&) { // not yet
    return false;
  }
}

bool postgres_server::running() {
  return process_ && !process_->ended();
}

void postgres_server::end(int signal) {
  if (!running()) return;
  process_->signal(signal);
  if (!process_->wait(stop_patience)) throw drill_failure{"PostgreSQL does not stop"};
}

void postgres_server::stop() {
  end(SIGINT);
}

void postgres_server::crash() {
  end(SIGQUIT);
}

void postgres_server::signal_all(int number) const {
  auto id = std::to_string(process_->pid());
  std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
  process_->signal(number); // first: a stopped server starts no more children
  pid_t one = 0;
  while (children >> one) ::kill(one, number);
}

child_options postgres_server::psql(const std::string& user, const std::string& database) const {
  return {.arguments = {"-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder_.string(), "-p",
                        std::to_string(port_), "-U", user, "-d", database},
          .variables = {{"PGCONNECT_TIMEOUT", "5"}},
          .folder = folder_};
}

std::string postgres_server::ask(const std::string& sql, const std::string& database) const {
  auto with = psql("drill", database);
  with.arguments.insert(with.arguments.end(), {"-c", sql});
  with.log = folder_ / "psql.out";
  fs::remove(with.log);
  auto code = run_to_end(programs_ / "psql", with, psql_patience);
  auto said = contents(with.log);
  if (code != 0) throw drill_failure{"psql: " + sql + ": " + said};
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

std::unique_ptr<child> postgres_server::session(const std::string& user, const fs::path& log) const {
  auto with = psql(user, "goloca");
  with.log = log;
  with.piped_input = true;
  return std::make_unique<child>(programs_ / "psql", with);
}

std::string postgres_server::url() const {
  return "host=" + folder_.string() + " port=" + std::to_string(port_) + " user=goloca dbname=goloca";
}

std::string postgres_server::url(std::uint16_t port) const {
  return "host=127.0.0.1 port=" + std::to_string(port) + " user=goloca dbname=goloca";
}

} // namespace goloca::net::drill
