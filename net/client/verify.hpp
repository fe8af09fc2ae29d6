#pragma once
// `goloca verify`: whether the points of a ledger are where their acknowledgements say.

#include "store/open_store.hpp"
#include "store/schema.hpp"

#include <chrono>
#include <iosfwd>
#include <memory>
#include <string>

namespace goloca::net {

struct verify_options {
  std::string ledger;                          // that `goloca send --ledger` wrote
  std::string from;                            // http://host:port of a running service; empty: read the store itself
  store::store_settings store;                 // then
  bool all = false;                            // all rows of the store, for some may never have been sent
  bool json = false;                           // the verdict as one object
  std::shared_ptr<const store::schema> schema; // of the points; never null
  std::chrono::milliseconds patience{10'000};  // for one point: the service may be away, or still have it in flight
};

/// Exit codes of run_verify.
enum verify_exit : int {
  verify_kept = 0,      // nothing acknowledged is lost or altered
  verify_broken = 1,    // something is
  verify_usage = 64,    // no such ledger, or a bad URL
  verify_no_answer = 69 // the service or the store cannot be asked
};

/// Expects what the ledger says, from nothing else, and looks for each of its points. Points that are on their way
/// while it looks may be found or not.
/// \param out  gets the verdict. \param err  why there is none.
/// Blocks. Memory: about 100 bytes a point of the ledger, and as much for each row found.
int run_verify(const verify_options& options, std::ostream& out, std::ostream& err);

} // namespace goloca::net
