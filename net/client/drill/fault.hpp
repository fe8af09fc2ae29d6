#pragma once
// What a fault is: a declared entry. The lists of them stand in faults_of_*.cpp.

#include "net/client/drill/gate.hpp"
#include "net/client/drill/postgres_server.hpp"
#include "net/client/drill/service.hpp"
#include "net/client/drill/small_disk.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace goloca::net::drill {

enum class store_kind : std::uint8_t { sqlite, postgres };
enum class transport : std::uint8_t { http, websocket };

/// What a fault can lay its hands on.
struct scene {
  service& goloca;
  postgres_server* postgres; // null: the store is SQLite
  gate* way;                 // null: none was staged
  small_disk* disk;          // null: none was staged
  std::filesystem::path sqlite_file;
  std::filesystem::path folder; // of the run
  transport over;
  std::function<void(milliseconds)> pause; // and look after goloca meanwhile
  std::optional<time_point> in_force = {}; // since when the fault surely is; nothing: when the blow is done
};

/// What must be so before the run begins.
struct staging {
  environment settings = {};              // of goloca
  std::vector<std::string> postgres = {}; // lines of postgresql.conf
  bool gate = false;                      // between goloca and PostgreSQL
  std::size_t disk_mebibytes = 0;         // of a file system for the store alone; 0: none
  std::size_t max_files = 0;              // RLIMIT_NOFILE of goloca; 0: ours
};

/// A fault that lasts so long shows whether each point that waits has its answer by the deadline.
inline constexpr milliseconds longer_than_patience{2'500};
static_assert(longer_than_patience >= answer_patience + milliseconds{400});

/// Takes the cause of a fault away.
using cure = std::function<void()>;

class cluster;

struct fault {
  std::string name; // "postgres.frozen"
  std::string what; // in words
  std::function<cure(scene&)> strike = {};
  std::vector<store_kind> stores = {store_kind::sqlite, store_kind::postgres};
  std::vector<transport> transports = {transport::http, transport::websocket};
  staging stage = {};
  milliseconds hold{1'000};                         // from the blow to the cure
  milliseconds recovery{2'000};                     // from the cure to service as before, at most
  std::string because = {};                         // why, where that is more than 2 s
  std::optional<milliseconds> outage = {};          // at most; nothing: as long as the fault and the recovery
  std::optional<std::uint64_t> refusals = {};       // at most; nothing: as many as there are
  bool blocks_commits = false;                      // who acks a new point, or is ready, lies until the cure
  std::vector<std::string> shown = {};              // faults that /readyz must name meanwhile
  bool deafens = false;                             // goloca cannot hear or speak: a connection may be silent
  bool may_end_it = false;                          // goloca may end by itself, and is started again
  std::optional<std::size_t> growth_mebibytes = {}; // of goloca's memory, at most; nothing: not looked at
  bool may_refuse = false;                          // points may be refused for good that nothing is wrong with

  // Of a whole cluster, in place of `strike`: what is done to its nodes, and whose clients must bear it.
  std::function<cure(const cluster&)> strike_nodes = {};
  std::vector<std::string> struck_edges = {};
};

/// What a time may be in this build: the entry's, or, under a sanitizer, thrice that.
constexpr milliseconds allowed(milliseconds by_entry) {
  return sanitized ? 3 * by_entry : by_entry;
}

std::vector<fault> faults_of_postgres();
std::vector<fault> faults_of_the_way(); // between goloca and PostgreSQL
std::vector<fault> faults_of_sqlite();
std::vector<fault> faults_of_the_process();
std::vector<fault> faults_of_clients();
std::vector<fault> named_faults(); // in the binary, by PUT /faults

std::vector<fault> all_faults(); // of one node

std::vector<fault> faults_of_a_cluster(); // by deploy/cluster.sh; two edges and two writers at least

std::string to_string(store_kind one);
std::string to_string(transport one);

} // namespace goloca::net::drill
