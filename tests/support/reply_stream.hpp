#pragma once
// What a server may send, read with no forgiveness: a byte that does not belong is a fault.

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace goloca::test {

struct seen_response {
  unsigned code = 0;
  std::vector<std::pair<std::string, std::string>> fields{}; // names in lower case
  std::string body{};                                        // without one: a HEAD's, or it is cut
  bool cut = false;                                          // the stream ends within it

  [[nodiscard]] std::string field(std::string_view name) const; // empty: there is none
  [[nodiscard]] std::optional<nlohmann::json> document() const; // the body, by its content type; nothing: it is broken
};

struct seen_responses {
  std::vector<seen_response> all{};
  std::string fault{}; // empty: all is well
  std::string rest{};  // what follows a 101
};

/// Reads HTTP/1.1 responses up to the end, or to a 101. A response whose body does not follow is a HEAD's.
seen_responses read_responses(std::string_view bytes);

struct seen_frame {
  unsigned opcode = 0;
  std::string payload{};
};

struct seen_frames {
  std::vector<seen_frame> all{};
  std::string fault{};
  bool cut = false; // the stream ends within a frame
};

/// Reads a server's WebSocket frames: whole messages, not masked, lengths in their shortest form, nothing after Close.
seen_frames read_frames(std::string_view bytes);

/// How many points are said to be stored (duplicates too) in the reply to a point, an array or a bulk.
std::size_t successes_in(const nlohmann::json& reply);

/// The ids of those.
std::vector<std::int64_t> stored_ids_in(const nlohmann::json& reply);

} // namespace goloca::test
