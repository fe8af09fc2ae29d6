// What may happen to goloca's own process: signals, and limits that are reached.

#include "net/client/drill/fault.hpp"
#include "net/client/drill/hostile_clients.hpp"

#include <sys/resource.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace goloca::net::drill {

namespace {

fault killed() {
  return {.name = "goloca.killed",
          .what = "SIGKILL under load, and started again a moment later, as systemd does",
          .strike = [](scene& on) -> cure {
            on.goloca.kill();
            return [&on] { on.goloca.start(); };
          },
          .hold = milliseconds{200}};
}

fault frozen() {
  return {.name = "goloca.frozen",
          .what = "SIGSTOP, and SIGCONT later: its clock went on, its sockets stayed open",
          .strike = [](scene& on) -> cure {
            on.goloca.signal(SIGSTOP);
            return [&on] { on.goloca.signal(SIGCONT); };
          },
          .hold = milliseconds{1'500},
          .deafens = true};
}

fault terminated() {
  return {.name = "goloca.terminated",
          .what = "SIGTERM under load: it answers what it has read and ends with 0; then started again",
          .strike = [](scene& on) -> cure {
            auto code = on.goloca.terminate(shutdown_timeout + milliseconds{1'500});
            if (code != 0) throw promise_broken{"after SIGTERM goloca " + describe_ending(code)};
            return [&on] { on.goloca.start(); };
          },
          .hold = milliseconds{200}};
}

fault out_of_files() {
  return {.name = "goloca.out-of-files",
          .what = "more clients connect, and stay, than it may have file descriptors (RLIMIT_NOFILE)",
          .strike = [](scene& on) -> cure {
            // UBSan looks at memory by way of a pipe, and takes what it cannot look at for broken.
            if (sanitized) throw not_possible{"a sanitizer's build needs file descriptors for itself"};
            auto crowd = std::make_shared<hostile_clients>(on.goloca.port(), manner::idle, 200);
            return [crowd] { crowd->stop(); };
          },
          .stage = {.max_files = 64},
          .hold = milliseconds{1'500},
          .deafens = true};
}

/// What the process has mapped, in bytes.
std::size_t mapped_by(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/statm"};
  std::size_t pages = 0;
  file >> pages;
  return pages * 4096;
}

void limit_memory(const service& of, rlim_t bytes) {
  rlimit limit{bytes, RLIM_INFINITY};
  if (::prlimit(of.pid(), RLIMIT_AS, &limit, nullptr) != 0) throw not_possible{"RLIMIT_AS cannot be set"};
}

fault out_of_memory() {
  return {.name = "goloca.out-of-memory",
          .what = "it gets no further page from the system (RLIMIT_AS), while 40 clients send eight megabytes each",
          .strike = [](scene& on) -> cure {
            if (sanitized) throw not_possible{"a sanitizer's build needs all the address space there is"};
            limit_memory(on.goloca, mapped_by(on.goloca.pid()));
            auto crowd = std::make_shared<hostile_clients>(on.goloca.port(), manner::huge_body, 40);
            return [&on, crowd] {
              crowd->stop();
              if (on.goloca.running()) limit_memory(on.goloca, RLIM_INFINITY);
            };
          },
          .hold = milliseconds{1'500},
          .deafens = true,
          .may_end_it = true};
}

fault buffers_full() {
  return {
      .name = "goloca.buffers-full",
      .what = "150 clients send most of a large body each and stop, 45 MB in all: MAX_BUFFERED_BYTES is 2 MiB",
      .strike = [](scene& on) -> cure {
        auto crowd = std::make_shared<hostile_clients>(on.goloca.port(), manner::half_body, 150);
        return [crowd] { crowd->stop(); };
      },
      .stage = {.settings = {{"MAX_BODY_SIZE", "1MiB"}, {"MAX_MESSAGE_SIZE", "1MiB"}, {"MAX_BUFFERED_BYTES", "2MiB"}}},
      .hold = milliseconds{1'500},
      .growth_mebibytes = 24};
}

} // namespace

std::vector<fault> faults_of_the_process() {
  return {killed(), frozen(), terminated(), out_of_files(), out_of_memory(), buffers_full()};
}

} // namespace goloca::net::drill
