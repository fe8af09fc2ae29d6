#pragma once
// PostgreSQL's programs on this machine, and a fresh database cluster, made once and then copied for each run.

#include "net/client/drill/workplace.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace goloca::net::drill {

/// The folder of the newest server's programs; nothing when there is none.
std::optional<std::filesystem::path> find_postgres_programs();

/// Superuser "drill"; a role "goloca" and a database of that name that it owns. Any thread.
class postgres_cluster {
public:
  postgres_cluster(std::filesystem::path programs, std::filesystem::path folder)
      : programs_{std::move(programs)}, folder_{std::move(folder)} {}

  /// A copy of it, at a path where nothing is yet. The first call makes the cluster, which takes some seconds.
  void copy_to(const std::filesystem::path& data);

  [[nodiscard]] const std::filesystem::path& programs() const { return programs_; }

private:
  void make();

  std::filesystem::path programs_;
  std::filesystem::path folder_;
  std::mutex lock_;
  bool made_ = false;
};

} // namespace goloca::net::drill
