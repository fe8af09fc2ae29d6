#include "net/client/drill/child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace goloca::net::drill {

namespace {

std::vector<std::string> lines_of(const environment& given) {
  environment all;
  for (const auto* name : {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
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

/// What the child does between fork and exec: only system calls, for another thread may have held any lock.
struct before_exec {
  const char* program;
  char** arguments;
  char** variables;
  const child_options& with;
  int input; // -1: none
  pid_t parent;

  [[noreturn]] void run() const {
    if (with.as && (::setgroups(0, nullptr) != 0 || ::setgid(with.as->group) != 0 || ::setuid(with.as->user) != 0))
      ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, with.when_we_die);
    if (::getppid() != parent) ::_exit(126);
    ::setpgid(0, 0); // a Ctrl-C is the drill's, which ends its children in order
    auto in = input >= 0 ? input : ::open("/dev/null", O_RDONLY);
    auto out = ::open(with.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (in < 0 || out < 0) ::_exit(126);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); // what we have open is none of its business
    if (with.max_files > 0) { // not before: our own are open still, and the log might not find a number below it
      rlimit files{with.max_files, with.max_files};
      ::setrlimit(RLIMIT_NOFILE, &files);
    }
    if (::chdir(with.folder.c_str()) == 0) ::execve(program, arguments, variables);
    ::_exit(127);
  }
};

/// A pipe whose writing end only a child holds, until it runs its program.
class exec_signal {
public:
  exec_signal() {
    int ends[2]{-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw drill_failure{"pipe failed"};
    reading_ = load::descriptor{ends[0]}, writing_ = load::descriptor{ends[1]};
  }

  void wait() {
    writing_.close();
    char nothing = 0;
    while (::read(reading_.get(), &nothing, 1) < 0 && errno == EINTR) continue;
  }

private:
  load::descriptor reading_, writing_;
};

} // namespace

child::child(const std::string& program, const child_options& with) {
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), with.arguments.begin(), with.arguments.end());
  auto variables = lines_of(with.variables);
  auto argument_pointers = pointers_to(arguments);
  auto variable_pointers = pointers_to(variables);
  int ends[2]{-1, -1}; // a socket, not a pipe: writing to one that is closed can be told not to raise SIGPIPE
  if (with.piped_input && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw drill_failure{"socketpair failed"};
  load::descriptor ours{ends[0]}, theirs{ends[1]};
  before_exec born{program.c_str(), argument_pointers.data(), variable_pointers.data(), with, ends[1], ::getpid()};
  exec_signal runs;
  pid_ = ::fork();
  if (pid_ == 0) born.run();
  if (pid_ < 0) throw drill_failure{"fork failed"};
  runs.wait(); // a thread that ended before its child asked for a signal of that would be outlived by it
  input_ = std::move(ours);
}

child::~child() {
  if (!ended()) kill();
}

void child::signal(int number) {
  if (!ended()) ::kill(pid_, number);
}

std::optional<int> child::ended() {
  int status = 0;
  if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended_;
}

std::optional<int> child::wait(milliseconds patience) {
  wait_until(patience, [this] { return ended().has_value(); });
  return ended_;
}

void child::kill() {
  if (ended()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  ended_ = 128 + SIGKILL;
}

void child::write(std::string_view text) const {
  while (!text.empty()) {
    auto sent = ::send(input_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw drill_failure{"a child does not read what it is told"};
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

int run_to_end(const std::string& program, const child_options& with, milliseconds patience) {
  child one{program, with};
  auto code = one.wait(patience);
  if (!code) throw drill_failure{program + " does not end in time"};
  return *code;
}

} // namespace goloca::net::drill
