#include "tests/support/child_process.hpp"

#include "tests/support/raw_client.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace goloca::test {

namespace {

std::string contents(const std::filesystem::path& file) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  return all.str();
}

std::vector<std::string> variables_of(const environment& given) {
  environment all;
  for (const auto* name : {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "ASAN_SYMBOLIZER_PATH", "UBSAN_OPTIONS",
                           "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const auto* value = std::getenv(name)) all[name] = value;
  }
  for (const auto& [name, value] : given) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// What the child does between fork and exec: only calls that are safe there.
struct before_exec {
  const char* program;
  char** arguments;
  char** variables;
  const char* folder;
  const char* out;
  const char* err;
  int input; // -1: none

  [[noreturn]] void run() const {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that crashes leaves nothing behind
    auto in = input >= 0 ? input : open("/dev/null", O_RDONLY);
    auto to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    auto log = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(in, STDIN_FILENO);
    dup2(to, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (chdir(folder) == 0) execve(program, arguments, variables);
    _exit(127);
  }
};

} // namespace

std::string goloca_binary() {
  const auto* another = std::getenv("GOLOCA_BINARY");
  return another != nullptr ? another : GOLOCA_BINARY;
}

child_process::child_process(const std::string& program, options with) {
  if (access(program.c_str(), X_OK) != 0) throw std::runtime_error(program + " cannot be run");
  start(program, with);
}

void child_process::start(const std::string& program, const options& with) {
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), with.arguments.begin(), with.arguments.end());
  auto variables = variables_of(with.variables);
  auto argument_pointers = pointers_to(arguments);
  auto variable_pointers = pointers_to(variables);
  auto folder = with.folder.empty() ? scratch_.path().string() : with.folder.string();
  auto out = (scratch_.path() / "out").string();
  auto err = (scratch_.path() / "err").string();
  int ends[2]{-1, -1}; // a socket, not a pipe: writing to one that is closed can be told not to raise SIGPIPE
  if (with.piped_input && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("socketpair failed");
  }
  before_exec child{
      program.c_str(), argument_pointers.data(), variable_pointers.data(), folder.c_str(), out.c_str(), err.c_str(),
      ends[1]};
  pid_ = fork();
  if (pid_ == 0) child.run();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (ends[1] >= 0) ::close(ends[1]);
  input_ = ends[0];
  pid_handle_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)); // glibc 2.36 declares it for C only
}

child_process::~child_process() {
  signal(SIGKILL);
  wait();
  close_input();
  if (pid_handle_ >= 0) ::close(pid_handle_);
}

void child_process::signal(int number) const {
  if (!ended_) ::kill(pid_, number); // not yet waited for, so the number is still its own
}

std::optional<int> child_process::wait(std::chrono::milliseconds patience) {
  if (ended_) return ended_;
  pollfd over{pid_handle_, POLLIN, 0};
  if (poll(&over, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended_;
}

std::string child_process::out() const {
  return contents(scratch_.path() / "out");
}

std::string child_process::err() const {
  return contents(scratch_.path() / "err");
}

bool child_process::write_input(std::string_view text) const {
  while (!text.empty()) {
    auto taken = ::send(input_, text.data(), text.size(), MSG_NOSIGNAL);
    if (taken <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
  return true;
}

void child_process::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

running_goloca::running_goloca(std::string program, environment settings)
    : program_{std::move(program)}, settings_{std::move(settings)}, port_{free_port()}, admin_port_{free_port()} {
  settings_.try_emplace("PORT", std::to_string(port_));
  settings_.try_emplace("LISTEN_ADDRESS", "127.0.0.1");
  settings_.try_emplace("ADMIN_ADDRESS", "127.0.0.1:" + std::to_string(admin_port_));
  if (!settings_.contains("STORE")) settings_["STORE"] = "sqlite";
  if (settings_["STORE"] == "sqlite") settings_.try_emplace("SQLITE_PATH", sqlite_path());
  start();
}

void running_goloca::start() {
  process_ = std::make_unique<child_process>(
      program_, child_process::options{.arguments = {"serve"}, .variables = settings_, .folder = folder_.path()});
  await_ready();
}

void running_goloca::await_ready() {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!ready()) {
    auto over = process_->wait(std::chrono::milliseconds{10}); // also the pause between two questions
    if (over) throw std::runtime_error("goloca ended with " + std::to_string(*over) + ":\n" + log());
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("goloca does not get ready:\n" + log());
  }
}

bool running_goloca::ready() const {
  try {
    auto role = settings_.find("ROLE");
    auto has_clients = role == settings_.end() || role->second != "writer";
    return raw_client{has_clients ? port_ : admin_port_, std::chrono::seconds{5}}.get("/readyz").status == 200;
  } catch (const std::exception&) { // nothing listens (yet, or any more)
    return false;
  }
}

void running_goloca::terminate() {
  process_->signal(SIGTERM);
}

void running_goloca::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

} // namespace goloca::test
