#include "tests/support/temporary_postgres.hpp"

#include "tests/support/free_port.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

namespace goloca::test {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Whom the server runs as: nobody else when we are not root.
struct server_user {
  uid_t uid;
  gid_t gid;
};

std::optional<server_user> find_server_user() {
  if (::geteuid() != 0) return std::nullopt;
  const auto* found = ::getpwnam("postgres");
  if (found == nullptr) throw std::runtime_error{"no user postgres: is the package postgresql installed?"};
  return server_user{found->pw_uid, found->pw_gid};
}

/// The newest server's programs: Debian keeps them out of PATH.
fs::path find_programs() {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", none}) {
    if (fs::exists(version.path() / "bin/initdb") && fs::exists(version.path() / "bin/postgres")) {
      found.push_back(version.path() / "bin");
    }
  }
  std::ranges::sort(found, {}, [](const fs::path& each) { return std::stod(each.parent_path().filename().string()); });
  if (found.empty())
    throw std::runtime_error{"no initdb under /usr/lib/postgresql: is the package postgresql installed?"};
  return found.back();
}

/// Starts a program as the server's user, its output in a file. It is killed when we die.
pid_t spawn(const std::vector<std::string>& command, const fs::path& log) {
  auto user = find_server_user();
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  auto parent = ::getpid();
  auto child = ::fork();
  if (child != 0) return child;
  // Only system calls from here on: another thread may have held any lock.
  if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent) ::_exit(126);
  ::setpgid(0, 0); // a Ctrl-C is the test's
  int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void run(const std::vector<std::string>& command, const fs::path& log) {
  auto child = spawn(command, log);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return;
  std::ifstream output{log};
  throw std::runtime_error{command[0] + " failed: " + std::string{std::istreambuf_iterator<char>{output}, {}}};
}

fs::path make_own_folder(const char* name) {
  auto pattern = (fs::temp_directory_path() / (std::string{name} + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"cannot make " + pattern};
  if (auto user = find_server_user(); user && ::chown(pattern.c_str(), user->uid, user->gid) != 0) {
    throw std::runtime_error{"cannot give " + pattern + " to postgres"};
  }
  fs::permissions(pattern, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  return pattern;
}

/// A fresh database cluster, made once a program and then copied.
class cluster_template {
public:
  cluster_template() : folder_{make_own_folder("goloca-initdb")} {
    // Without sync: nothing here is to outlive a crash. The servers themselves run with fsync on.
    run({find_programs() / "initdb", "--no-sync", "--no-instructions", "--wal-segsize=1", "--auth=trust",
         "--username=goloca", "--encoding=UTF8", "--locale=C", "--pgdata=" + data().string()},
        folder_ / "log");
  }
  ~cluster_template() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  cluster_template(const cluster_template&) = delete;
  cluster_template& operator=(const cluster_template&) = delete;

  [[nodiscard]] fs::path data() const { return folder_ / "data"; }

private:
  fs::path folder_;
};

template <class Condition>
bool wait_until(std::chrono::milliseconds patience, Condition holds) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

} // namespace

temporary_postgres::temporary_postgres(const temporary_postgres_options& options)
    : folder_{make_own_folder("goloca-postgres")} {
  static cluster_template cluster;
  run({"/bin/cp", "-a", cluster.data().string(), (folder_ / "data").string()}, folder_ / "log");
  port_ = options.tcp ? free_port() : 5432;
  if (options.tls) {
    run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=localhost", "-days", "2", "-keyout", (folder_ / "data/server.key").string(), "-out",
         (folder_ / "data/server.crt").string()},
        folder_ / "log");
  }
  configure(options);
  start();
}

temporary_postgres::~temporary_postgres() {
  if (pid_ > 0) {
    signal_all(SIGCONT);
    ::kill(pid_, SIGQUIT);
    int status = 0;
    bool gone = wait_until(10s, [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
    if (!gone) ::kill(pid_, SIGKILL), ::waitpid(pid_, &status, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void temporary_postgres::configure(const temporary_postgres_options& options) {
  std::ofstream settings{folder_ / "data/postgresql.conf", std::ios::app};
  settings << "unix_socket_directories = '" << folder_.string() << "'\n"
           << "port = " << port_ << "\nlisten_addresses = '" << (options.tcp ? "127.0.0.1" : "") << "'\n"
           << "max_connections = 20\nshared_buffers = 16MB\nmax_wal_size = 256MB\nfsync = on\n";
  if (options.tls) settings << "ssl = on\n";
  for (const auto& line : options.settings) settings << line << '\n';
  std::ofstream hosts{folder_ / "data/pg_hba.conf", std::ios::trunc};
  hosts << "local all,replication all trust\nhost all all 127.0.0.1/32 " << options.host_authentication << '\n';
  if (!settings.flush() || !hosts.flush()) throw std::runtime_error{"cannot write the server's settings"};
}

void temporary_postgres::start() {
  pid_ = spawn({find_programs() / "postgres", "-D", (folder_ / "data").string()}, folder_ / "log");
  auto target = conninfo();
  int status = 0;
  bool died = false;
  bool answers = wait_until(60s, [&] {
    died = ::waitpid(pid_, &status, WNOHANG) == pid_;
    return died || PQping(target.c_str()) == PQPING_OK;
  });
  if (died) pid_ = -1;
  if (died || !answers) throw std::runtime_error{"PostgreSQL does not start: " + log_end()};
}

void temporary_postgres::end(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  int status = 0;
  if (!wait_until(30s, [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
    throw std::runtime_error{"PostgreSQL does not stop: " + log_end()};
  }
  pid_ = -1;
}

void temporary_postgres::stop() {
  end(SIGINT);
}

void temporary_postgres::crash() {
  end(SIGQUIT);
}

void temporary_postgres::restart() {
  stop();
  start();
}

void temporary_postgres::reload() const {
  ::kill(pid_, SIGHUP);
}

void temporary_postgres::signal_all(int signal) const {
  auto id = std::to_string(pid_);
  std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
  ::kill(pid_, signal); // first: a stopped server starts no more children
  pid_t child = 0;
  while (children >> child) ::kill(child, signal);
}

void temporary_postgres::freeze() const {
  signal_all(SIGSTOP);
}

void temporary_postgres::thaw() const {
  signal_all(SIGCONT);
}

std::string temporary_postgres::conninfo() const {
  return "host=" + folder_.string() + " port=" + std::to_string(port_) + " user=goloca dbname=postgres";
}

std::string temporary_postgres::query(const std::string& sql, const std::string& database) const {
  auto target = conninfo() + " dbname=" + database;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(target.c_str()), &PQfinish};
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  std::unique_ptr<PGresult, decltype(&PQclear)> answer{PQexec(connection.get(), sql.c_str()), &PQclear};
  auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error{sql + ": " + PQerrorMessage(connection.get())};
  }
  return PQntuples(answer.get()) == 0 ? std::string{} : std::string{PQgetvalue(answer.get(), 0, 0)};
}

std::string temporary_postgres::log_end() const {
  std::ifstream log{folder_ / "log"};
  std::string all{std::istreambuf_iterator<char>{log}, {}};
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

} // namespace goloca::test
