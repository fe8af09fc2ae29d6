#pragma once
// CBOR and MessagePack have the same laws: the fuzz target of each names its format.

#include "net/codec.hpp"

#include <cstddef>

namespace goloca::fuzz {

void check_binary(net::format as, const unsigned char* data, std::size_t size);

} // namespace goloca::fuzz
