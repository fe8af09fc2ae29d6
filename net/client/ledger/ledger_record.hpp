#pragma once
// A ledger's lines. The first is "goloca-ledger 1 <the schema's digest>"; then
//   sent <id> <content>                    written before the point is first sent by this process
//   sent <id> <content> id-given           the same, of a point whose input has no id: `send` gave it this one
//   answer <id> <content> stored           or: duplicate, refused <code>, again <code>
// <content> is a content_digest. A line counts once its line end is there. The id is 0 when the input's is none.

#include "net/client/ledger/content_digest.hpp"
#include "net/client/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goloca::net::client {

/// Two points of one id are told apart by what they say.
struct point_key {
  std::int64_t id = 0;
  content_digest content;
  friend auto operator<=>(const point_key&, const point_key&) = default;
};

struct ledger_record {
  enum class kind : std::uint8_t { sent, answer };
  kind what = kind::sent;
  point_key point;
  bool id_given = false;                                      // of `sent`
  point_reply::verdict verdict = point_reply::verdict::again; // of `answer`
  std::string code = {};                                      // of `answer`, when refused or again: "conflict"
};

std::string first_line(const store::schema& of); // both without line end
std::string line_of(const ledger_record& one);

/// Nothing when it is no record.
std::optional<ledger_record> read_record(std::string_view line);

} // namespace goloca::net::client
