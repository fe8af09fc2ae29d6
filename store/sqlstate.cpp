#include "store/sqlstate.hpp"

#include <array>

namespace goloca::store {

namespace {

struct rule {
  std::string_view prefix;
  sqlstate_class what;
};

// The first rule whose prefix fits decides. PostgreSQL's documentation, appendix A, names the codes.
constexpr std::array rules{
    rule{"22", sqlstate_class::data},        // data exception: out of range, not representable in the server's encoding
    rule{"23", sqlstate_class::data},        // integrity constraint violation
    rule{"08", sqlstate_class::unavailable}, // connection exception
    rule{"25006", sqlstate_class::unavailable}, // read-only: a standby, until it is promoted
    rule{"25P03", sqlstate_class::unavailable}, // the server tired of an idle transaction
    rule{"28", sqlstate_class::unavailable},    // credentials: a new database's users may still be being made
    rule{"3D000", sqlstate_class::unavailable}, // no such database: likewise
    rule{"40", sqlstate_class::unavailable},    // serialization failure, deadlock
    rule{"53", sqlstate_class::unavailable},    // disk full, out of memory, too many connections
    rule{"55006", sqlstate_class::unavailable}, // object in use
    rule{"55P03", sqlstate_class::unavailable}, // lock not available
    rule{"57", sqlstate_class::unavailable},    // shut down, starting up, cancelled by statement_timeout
    rule{"58", sqlstate_class::unavailable},    // the server's own disk or system failed it
    rule{"3F000", sqlstate_class::unfit},       // search_path names no schema
    rule{"42", sqlstate_class::unfit},          // no such table or column, no privilege
};

} // namespace

sqlstate_class classify_sqlstate(std::string_view sqlstate) {
  if (sqlstate.empty()) return sqlstate_class::unavailable; // nobody answered
  for (const auto& each : rules) {
    if (sqlstate.starts_with(each.prefix)) return each.what;
  }
  return sqlstate_class::unknown;
}

error_kind kind_of_sqlstate(std::string_view sqlstate) {
  switch (classify_sqlstate(sqlstate)) {
  case sqlstate_class::unavailable:
    return error_kind::unavailable;
  case sqlstate_class::unfit:
    return error_kind::unfit;
  case sqlstate_class::data:
  case sqlstate_class::unknown:
    break;
  }
  return error_kind::unknown;
}

} // namespace goloca::store
