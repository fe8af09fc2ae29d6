#include "net/msgpack_reader.hpp"

#include "net/utf8.hpp"

#include <nlohmann/json.hpp>

namespace goloca::net {

namespace {

using nlohmann::json;

/// nlohmann's events on their way, with what its reader leaves unchecked.
class msgpack_events {
public:
  explicit msgpack_events(point_reader& to) : to_{&to} {}

  bool null() { return to_->null(); }
  bool boolean(bool value) { return to_->boolean(value); }
  bool number_integer(std::int64_t value) { return to_->number_integer(value); }
  bool number_unsigned(std::uint64_t value) { return to_->number_unsigned(value); }
  bool number_float(double value, const std::string&) { return to_->number_float(value, {}); }
  bool string(std::string& value) { return utf8(value) && to_->string(value); }
  bool binary(json::binary_t&) { return to_->foreign("a binary value"); }
  bool start_object(std::size_t) { return to_->start_object(); }
  bool key(std::string& name) { return utf8(name) && to_->key(name); }
  bool end_object() { return to_->end_object(); }
  bool start_array(std::size_t) { return to_->start_array(); }
  bool end_array() { return to_->end_array(); }

  /// what(): "[json.exception.parse_error.110] parse error at byte 5: syntax error while parsing MessagePack string:
  /// …".
  bool parse_error(std::size_t position, const std::string&, const json::exception& fault) {
    std::string_view what = fault.what();
    auto cause = what.find("MessagePack ");
    auto said =
        cause == std::string_view::npos ? "malformed" : excerpt(what.substr(cause + std::strlen("MessagePack ")));
    return to_->fail("not MessagePack: " + said + " at byte " + std::to_string(position));
  }

private:
  bool utf8(std::string_view text) {
    return valid_utf8_prefix(text) == text.size() || to_->fail("not MessagePack: a string that is not UTF-8");
  }

  point_reader* to_;
};

} // namespace

bool read_msgpack(std::string_view bytes, point_reader& to) {
  msgpack_events events{to};
  return json::sax_parse(bytes.data(), bytes.data() + bytes.size(), &events, json::input_format_t::msgpack) &&
         !to.failed();
}

} // namespace goloca::net
