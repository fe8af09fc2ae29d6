#pragma once
// MessagePack to the events of point_reader, by nlohmann's reader.

#include "net/point_reader.hpp"

#include <string_view>

namespace goloca::net {

/// Reads one value, which must be all of `bytes`. False when to.failed(). A member's name that is no string, a string
/// that is not UTF-8 and malformed bytes fail the whole. Binary and extension values are what no member takes.
bool read_msgpack(std::string_view bytes, point_reader& to);

} // namespace goloca::net
