#pragma once
// CBOR (RFC 8949) to the events of point_reader. Of our own, and not nlohmann's: 3.11's recurses without bound on
// nested chunked strings, and reads -2^64 as 0.

#include "net/point_reader.hpp"

#include <string_view>

namespace goloca::net {

/// Reads one data item, which must be all of `bytes`. False when to.failed(). Recursion ends at point_reader's depth; a
/// declared length costs no memory. A member's name that is no text, a text that is not UTF-8 and a malformed item fail
/// the whole. Tags, byte strings, undefined and other simple values are what no member takes.
bool read_cbor(std::string_view bytes, point_reader& to);

} // namespace goloca::net
