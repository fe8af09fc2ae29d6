// CBOR: the laws of the binary formats.

#include "tests/fuzz/binary_laws.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  goloca::fuzz::check_binary(goloca::net::format::cbor, data, size);
  return 0;
}
