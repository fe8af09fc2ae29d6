#pragma once
// From settings to libpq's connection options: checks without asking a server, and never says a secret.

#include "store/open_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca::store {

/// libpq keywords and their values.
using conninfo = std::map<std::string, std::string>;

/// What the user gave, or what is wrong with it ("DATABASE_URL: 99999 is not a port (1 to 65535)").
[[nodiscard]] std::variant<conninfo, std::string> read_conninfo(const store_settings& settings);

/// Names it several hosts, so a cluster of which one is the primary?
[[nodiscard]] bool names_several_hosts(const conninfo& given);

/// One set of options per host to try, in order, with goloca's own options besides: the user's win, but for the
/// encoding. Hosts are tried by us and not by libpq, so that a host that is frozen leaves time for the next. Of several
/// only one that takes writes will do.
[[nodiscard]] std::vector<conninfo> attempts(const conninfo& given, const store_settings& settings);

/// "database:5432/rides", "first:5432,second:5432/rides", "[local]:5432/rides".
[[nodiscard]] std::string describe_target(const conninfo& given);

} // namespace goloca::store
