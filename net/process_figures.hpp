#pragma once
// What Linux tells of this process, as every exporter of Prometheus metrics does.

#include <cstdint>

namespace goloca::net {

struct process_figures {
  double cpu_seconds = 0;     // user and system
  double start_time = 0;      // seconds since 1970
  std::uint64_t resident = 0; // bytes
  std::uint64_t virtual_ = 0; // bytes
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0; // the soft limit
  std::uint64_t threads = 0;
};

/// Reads /proc/self. What cannot be read is 0. Any thread.
process_figures read_process_figures();

} // namespace goloca::net
