#pragma once
// What a PostgreSQL server says of itself and of our table. Knows the catalogue, changes nothing.

#include "store/postgres_connection.hpp"
#include "store/table_check.hpp"

#include <optional>
#include <string>

namespace goloca::store {

/// The settings that decide what a commit is worth. They can change while we are connected.
struct server_settings {
  std::string version;
  std::string fsync;
  std::string full_page_writes;
  std::string synchronous_commit;
  std::string synchronous_standby_names;
  bool read_only = false;       // a standby, or told so
  bool standby_missing = false; // a commit of this user waits for one, longer than a call may take
};

/// Within the clock of a call.
[[nodiscard]] result<server_settings> read_server_settings(postgres_connection& from);

/// What those settings promise. Its statement says which of them is too weak.
/// \param of_a_cluster  another server may take over: what it has not got by the commit is lost then.
[[nodiscard]] durability durability_of(const server_settings& settings, bool of_a_cluster);

struct catalogue_entry {
  existing_table table;
  std::string unusable;    // why no table of that name will do ("is a view"); empty when it will
  bool unlogged = false;   // a crash of the server empties it
  bool takes_copy = false; // a binary COPY of the schema's rows into it does what an INSERT would
  std::string lacks_grant; // the privileges that we do not have on it: "INSERT, SELECT"
};

/// The table of that name on the search_path; nothing when there is none.
[[nodiscard]] std::optional<catalogue_entry> read_table(pqxx_session& from, const schema& of);

/// PostgreSQL's types and what they hold.
[[nodiscard]] dialect postgres_dialect();

} // namespace goloca::store
