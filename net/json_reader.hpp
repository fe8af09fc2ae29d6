#pragma once
// JSON (RFC 8259, strict) to the events of point_reader. Of our own, and not nlohmann's: that one takes a NUL byte for
// the end, cannot go on after a number beyond a double (1e400 in one item would cost the whole array), and is four
// times slower.

#include "net/point_reader.hpp"

#include <string_view>

namespace goloca::net {

/// Reads one text to its end. False when to.failed(). No recursion; no memory but for strings with escapes.
bool read_json(std::string_view text, point_reader& to);

} // namespace goloca::net
