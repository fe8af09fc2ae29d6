#pragma once
// What goes over a link, in wire versions 1 and 2: frames of a head (the body's length in four bytes, little-endian,
// and a byte for the kind) and a body. Version 2 has one kind more: a result that gives points up. Who sends anything
// else is cut off.

#include "actors/link_messages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace goloca::net::link {

/// Are you there? The pong repeats the number.
struct ping {
  std::uint64_t number = 0;
};
struct pong {
  std::uint64_t number = 0;
};

using frame =
    std::variant<actors::link_hello, actors::link_batch, actors::link_find, actors::link_welcome, actors::link_refusal,
                 actors::link_result, actors::link_found, actors::link_draining, ping, pong>;

inline constexpr std::size_t head_size = 5;
inline constexpr std::size_t most_before_hello = 4u << 10; // bytes of a body, from whom nothing is known yet
inline constexpr std::size_t most_body = 64u << 20;        // and from a member

struct frame_head {
  std::uint32_t size; // of the body
  std::uint8_t kind;
};
[[nodiscard]] frame_head read_head(const std::array<char, head_size>& bytes);

/// Appends head and body.
void append(std::string& to, const frame& what);

/// Reads one body. Bytes that are left over make it wrong.
/// \return the frame, or what is wrong with it.
[[nodiscard]] std::variant<frame, std::string> read_body(std::uint8_t kind, std::string_view body,
                                                         const std::shared_ptr<const store::schema>& schema);

} // namespace goloca::net::link
