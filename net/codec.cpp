#include "net/codec.hpp"

#include "net/cbor_reader.hpp"
#include "net/json_reader.hpp"
#include "net/msgpack_reader.hpp"
#include "net/point_reader.hpp"

#include <algorithm>

namespace goloca::net {

namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

decoded read_text(format as, std::string_view text, shape expected, point_reader& reader, store::row_block& to) {
  reader.begin(expected, to);
  switch (as) {
  case format::cbor:
    text.empty() ? reader.fail("empty: a point is expected") : read_cbor(text, reader);
    break;
  case format::msgpack:
    text.empty() ? reader.fail("empty: a point is expected") : read_msgpack(text, reader);
    break;
  default:
    is_blank(text) ? reader.fail("empty: a point is expected") : read_json(text, reader);
    break;
  }
  return reader.end();
}

/// One object a line. The reply is an array however many lines there are.
decoded read_lines(std::string_view text, point_reader& reader, store::row_block& to) {
  decoded all{0, true};
  auto first_row = to.size();
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (is_blank(line)) continue;
    if (all.count == most_items) {
      to.truncate(first_row);
      reader.begin(shape::either, to);
      reader.fail("more than " + std::to_string(most_items) + " lines: send them in several parts");
      return reader.end();
    }
    all.count += read_text(format::json, line, shape::object, reader, to).count;
  }
  return all;
}

} // namespace

decoder::decoder(std::shared_ptr<const store::schema> of, bool reject_unknown_members, store::point_id_source& ids)
    : schema_{std::move(of)}, reader_{std::make_unique<point_reader>(*schema_, reject_unknown_members, ids)} {}

decoder::~decoder() = default;

decoded decoder::decode(format as, std::string_view text, shape expected, store::row_block& to) {
  return as == format::ndjson ? read_lines(text, *reader_, to) : read_text(as, text, expected, *reader_, to);
}

} // namespace goloca::net
