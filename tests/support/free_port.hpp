#pragma once
// Ports for servers of a test.

#include <cstdint>

namespace goloca::test {

/// A port of 127.0.0.1 that nothing listens on at the moment, below those that the kernel gives to whoever asks for
/// any: until the server binds it, it is nobody's by chance.
[[nodiscard]] std::uint16_t free_port();

} // namespace goloca::test
