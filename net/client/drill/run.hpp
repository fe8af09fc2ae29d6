#pragma once
// One run: a store, a goloca on it, a load, a fault, its cure, and what is left in the end.

#include "net/client/drill/postgres_cluster.hpp"
#include "net/client/drill/result.hpp"

#include <filesystem>
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

/// Blocks for some seconds; bounded in time. One thread for its whole length: its children live as long as that.
/// \throw interrupted
run_result perform(const row& which, const setup& with);

} // namespace goloca::net::drill
