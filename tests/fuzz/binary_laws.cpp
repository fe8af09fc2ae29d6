#include "tests/fuzz/binary_laws.hpp"

#include "tests/fuzz/law.hpp"
#include "tests/fuzz/row_laws.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace goloca::fuzz {

namespace {

using net::format;
using net::shape;
using nlohmann::json;

/// Counts what a document would lose silently: members that come twice, values that JSON has not.
struct census {
  std::size_t keys = 0;
  bool foreign = false;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(std::int64_t) { return true; }
  bool number_unsigned(std::uint64_t) { return true; }
  bool number_float(double value, const std::string&) { return foreign |= !(value - value == 0), true; }
  bool string(std::string&) { return true; }
  bool binary(json::binary_t&) { return foreign = true; }
  bool start_object(std::size_t) { return true; }
  bool key(std::string&) { return ++keys, true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return true; }
  bool end_array() { return true; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }
};

std::size_t keys_of(const json& from) {
  std::size_t count = from.is_object() ? from.size() : 0;
  for (const auto& each : from) count += each.is_structured() ? keys_of(each) : 0;
  return count;
}

/// nlohmann reads CBOR's integers below -2^63 as others that 64 bits can hold: nothing to compare where one may be.
bool may_hold_a_huge_negative(format as, std::string_view bytes) {
  for (auto at = bytes.find('\x3b'); at != std::string_view::npos; at = bytes.find('\x3b', at + 1)) {
    if (as == format::cbor && at + 1 < bytes.size() && (bytes[at + 1] & 0x80) != 0) return true;
  }
  return false;
}

/// The same document as JSON text, where nlohmann can read it and JSON can say it.
std::optional<std::string> in_json(format as, std::string_view bytes) {
  if (may_hold_a_huge_negative(as, bytes)) return std::nullopt;
  census seen;
  auto format_of = as == format::cbor ? json::input_format_t::cbor : json::input_format_t::msgpack;
  if (!json::sax_parse(bytes.begin(), bytes.end(), &seen, format_of) || seen.foreign) return std::nullopt;
  auto parsed = as == format::cbor ? json::from_cbor(bytes, true, false) : json::from_msgpack(bytes, true, false);
  if (parsed.is_discarded() || keys_of(parsed) != seen.keys) return std::nullopt;
  try {
    return parsed.dump();
  } catch (const json::type_error&) {
    return std::nullopt; // text that is not UTF-8: ours to refuse
  }
}

} // namespace

void check_binary(format as, const unsigned char* data, std::size_t size) {
  choices from{data, size};
  auto choice = from.byte();
  auto bytes = from.rest();
  auto of = schema_of(choice);
  bool strict = (choice & 2) != 0;

  auto got = read(as, bytes, shape::either, of, strict);
  check_rows(got);
  check_same(got, read(as, bytes, shape::either, of, strict), "bytes are read as they were before");
  auto one = read(as, bytes, shape::object, of, strict);
  check_rows(one);
  require(!one.result.array, "an array is no object");

  auto text = in_json(as, bytes);
  if (!text) return;
  auto said = read(format::json, *text, shape::either, of, strict);
  check_same(got, said, "the same document is read the same in every format");
}

} // namespace goloca::fuzz
