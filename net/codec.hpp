#pragma once
// Bytes to rows, and verdicts to bytes: the one room that knows JSON, CBOR and MessagePack. Pure: no socket, no clock.
// The schema's fields drive both ways.

#include "net/status.hpp"
#include "store/point_id.hpp"
#include "store/row.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net {

enum class format : std::uint8_t { json, ndjson, cbor, msgpack };

/// What a request's Content-Type says of its body, per endpoint; nothing: 415. `parameters` such as charset=utf-8 are
/// read, another charset is refused. An absent one (empty) is JSON, as are the types that browsers and curl put on what
/// they send.
std::optional<format> format_of_point(std::string_view content_type);  // /add_datapoint
std::optional<format> format_of_points(std::string_view content_type); // /datapoints: ndjson too

/// The Content-Type of a reply in that format (ndjson: as json).
std::string_view content_type_of(format as);

/// What the top level of a text may be.
enum class shape : std::uint8_t { object, array, either };

/// The most items of one text; with more it is invalid as a whole. An item costs memory even when it is as small as
/// `0`, so the limit on bodies is no bound by itself.
inline constexpr std::uint32_t most_items = 100'000;

/// What one text became: `count` rows were appended, of which some may be invalid. A text that could not be read at all
/// is one invalid row and no array.
struct decoded {
  std::uint32_t count = 0;
  bool array = false; // the reply is an array (or the bulk object) too
};

class point_reader;

/// Reads texts into blocks. Holds no state between texts but buffers; one per thread.
class decoder {
public:
  decoder(std::shared_ptr<const store::schema> of, bool reject_unknown_members, store::point_id_source& ids);
  ~decoder();
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;

  /// Appends one row per item of `text` to `to` (a block of the same schema). An item that is wrong gets an invalid row
  /// with its fault; a point without id gets one. A syntax error anywhere makes the whole text one invalid row; in
  /// ndjson it makes its line one invalid row. Never throws for what a text can hold; no recursion deeper than 512.
  decoded decode(format as, std::string_view text, shape expected, store::row_block& to);

private:
  std::shared_ptr<const store::schema> schema_;
  std::unique_ptr<point_reader> reader_; // kept for its memory
};

/// The answer to one point, or to a request without one.
struct answer {
  ending what = ending::stored;
  std::string_view id = {};     // empty: null
  std::string_view error = {};  // empty: status_of(what).error
  std::string_view member = {}; // empty: left out
};

/// {"status":"success","error":null,"id":"132516"}, or failed with code, member, retry_after_ms; duplicate: true for a
/// duplicate. Appended to `out` in that format (ndjson: as json).
void encode(format as, const answer& one, std::string& out);

/// [ … ]: the reply to a WebSocket message that was an array.
void encode_array(format as, const std::vector<answer>& all, std::string& out);

/// {"stored":n,"duplicates":n,"failed":n,"results":[…]}: the reply to a bulk request.
void encode_bulk(format as, const std::vector<answer>& all, std::string& out);

/// The HTTP code of a bulk reply: 200 when all are stored or duplicates (also when there is none), the one code that
/// all share, else 207.
unsigned bulk_code(const std::vector<answer>& all);

/// A stored point as it may be sent again: members in the schema's order, null ones left out, the id as a string.
void encode_row(format as, store::row_view row, std::string& out);

} // namespace goloca::net
