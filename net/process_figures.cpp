#include "net/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace goloca::net {

namespace {

/// The fields of /proc/self/stat behind the name, which may hold anything: [0] is the third of proc(5), the state.
std::vector<std::string> stat_fields() {
  std::ifstream file{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest{text.substr(end_of_name + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

/// Seconds since 1970 when the machine started.
double boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

std::uint64_t count_descriptors() {
  std::error_code failed;
  std::filesystem::directory_iterator each{"/proc/self/fd", failed};
  std::uint64_t count = 0;
  for (; !failed && each != std::filesystem::directory_iterator{}; each.increment(failed)) ++count;
  return count > 0 ? count - 1 : 0; // but the one that reads the folder
}

} // namespace

process_figures read_process_figures() {
  process_figures found;
  auto fields = stat_fields();
  if (fields.size() > 21) { // proc(5)'s numbers less 3
    auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    found.cpu_seconds = (std::stod(fields[11]) + std::stod(fields[12])) / ticks;
    found.threads = std::stoull(fields[17]);
    found.start_time = boot_time() + std::stod(fields[19]) / ticks;
    found.virtual_ = std::stoull(fields[20]);
    found.resident = std::stoull(fields[21]) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  found.open_fds = count_descriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) found.max_fds = limit.rlim_cur;
  return found;
}

} // namespace goloca::net
