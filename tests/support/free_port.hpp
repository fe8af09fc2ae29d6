#pragma once
// Ports for servers of a test.

#include <cstdint>

namespace goloca::test {

/// A port of 127.0.0.1 that nothing listens on at the moment, below those that the kernel gives to whoever asks for
/// any, and out of a block that no other process of ours takes ports from (tests run side by side): so until the server
/// binds it, and while a server that was killed is away, it is nobody's by chance. One thread.
[[nodiscard]] std::uint16_t free_port();

} // namespace goloca::test
