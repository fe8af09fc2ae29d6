#pragma once
// Points out of a file, one at a time, as the JSON objects that will be sent.

#include "net/client/ledger/content_digest.hpp"
#include "store/point_id.hpp"
#include "store/schema.hpp"

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace goloca::net::client {

/// One point, or one record that could not be read as one (then `fault` says why and `text` is the record as it stood).
struct item {
  std::uint64_t line = 0; // where it begins, from 1
  std::string id;         // as it will come back in the reply
  std::string text;       // a JSON object, with an id
  std::string fault;
  std::size_t own_id_at = std::string::npos; // where in `text` the digits of an id stand that we gave; else npos
  content_digest content{};                  // where there is a ledger
};

class point_source {
public:
  virtual ~point_source() = default;

  /// The next item; nothing at the end. May block as long as the stream does. Throws only for a stream that fails.
  virtual std::optional<item> next() = 0;

  /// Bytes read so far, for the progress of a file whose size is known.
  [[nodiscard]] virtual std::uint64_t consumed() const = 0;
};

/// Reads enough of the stream to see what it holds: a JSON array when the first byte that is not blank is `[`, JSON
/// objects one a line when it is `{`, else CSV with a header. A point without id gets one from `ids` here, before it is
/// first sent: the service would give it a new one each time, so that a resend after an unknown answer would store it
/// twice. \return the source, or what is wrong with the header. `from`, `ids` must outlive the source.
std::variant<std::unique_ptr<point_source>, std::string>
open_source(std::istream& from, std::shared_ptr<const store::schema> of, store::point_id_source& ids);

} // namespace goloca::net::client
