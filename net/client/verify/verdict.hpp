#pragma once
// What became of the points of a ledger: a pure function of what the ledger expects and of what was found.

#include "net/client/ledger/ledger_book.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net::client {

/// The rows that were found, by id. No digest: the row is no valid point of the schema, so it says what nobody sent.
using found_rows = std::map<std::int64_t, std::optional<content_digest>>;

/// How many of one kind, and some of their ids.
struct verdict_class {
  std::uint64_t count = 0;
  std::vector<std::int64_t> ids; // the first `most_named`
  void add(std::int64_t id);
};
inline constexpr std::size_t most_named = 20;

/// Every point of the ledger is in exactly one of the first seven; two of one id that say different things are two
/// points.
struct verdict {
  verdict_class kept;            // acked, and there, saying the same; once, for the id is the table's key
  verdict_class lost;            // acked, and not there
  verdict_class altered;         // there, but saying something else: acked, or the only one sent under that id and open
  verdict_class refused_present; // answered invalid, conflict or too large, and there all the same
  verdict_class refused_absent;
  verdict_class unknown_present; // sent, without a final answer
  verdict_class unknown_absent;
  std::optional<verdict_class> never_sent; // rows whose id the ledger does not have; nothing: nobody looked

  [[nodiscard]] bool kept_promise() const { return lost.count == 0 && altered.count == 0; }
};

/// \param whole  `found` is all rows of the table, and not just those asked for.
verdict judge(const ledger_book& expected, const found_rows& found, bool whole);

std::string to_text(const verdict& one); // a line each class, offending ids named
std::string to_json(const verdict& one); // one object, one line

} // namespace goloca::net::client
