#pragma once
// One run: a store, a goloca on it, a load, a fault, its cure, and what is left in the end.

#include "net/client/drill/postgres_cluster.hpp"
#include "net/client/drill/result.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace goloca::net::drill {

struct row {
  const fault* what;
  transport over;
  store_kind on;
};

/// What all runs share.
struct setup {
  std::string program;          // goloca
  std::filesystem::path folder; // each run makes one in it
  postgres_cluster* cluster;    // null: there is no PostgreSQL here
  std::string no_mounts;        // why no file system of its own can be had; empty: it can
  std::filesystem::path keep;   // where the logs of failed runs go; empty: nowhere
  double rate = 400;            // points/s
};

/// A run's result, filled in by what performs it; what that throws is told in it. \throw interrupted
run_result result_of(const row& which, const std::function<void(run_result&)>& performed);

/// Where the logs and the ledger of a run that failed go; nothing when they are not wanted, or it kept every promise.
std::optional<std::filesystem::path> to_be_kept(const run_result& of, const setup& with);

/// Blocks for some seconds; bounded in time. One thread for its whole length: its children live as long as that.
/// \throw interrupted
run_result perform(const row& which, const setup& with);

} // namespace goloca::net::drill
