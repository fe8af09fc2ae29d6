#pragma once
// The service's replies, read without building a document: they are small, flat and come by the hundred thousand.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace goloca::net::load {

/// What a reply says of one point.
struct point_verdict {
  enum class kind : std::uint8_t { unknown, stored, duplicate, failed };
  kind what = kind::unknown;
  std::uint64_t id = 0;       // 0: it names none
  std::string_view code = {}; // failed: why, as the service's `code` has it; may be empty
};

/// Knows three shapes: one reply, an array of replies, and HTTP bulk's object with an array `results`. Members may come
/// in any order. What is not flat or has escapes goes through nlohmann's parser: slower, same answer for all that is
/// JSON. Of what is none, some is taken: control characters in a string, and words and numbers that mean nothing to us.
class reply_scanner {
public:
  enum class shape : std::uint8_t { unreadable, one, many };

  /// What verdicts() has afterwards lives until the next scan, and as long as `text`.
  shape scan(std::string_view text);

  [[nodiscard]] const std::vector<point_verdict>& verdicts() const { return verdicts_; }

private:
  shape scan_quickly(std::string_view text);
  shape parse(std::string_view text);
  bool take(const nlohmann::json& reply);

  std::vector<point_verdict> verdicts_;
  nlohmann::json parsed_; // what the verdicts of parse() point into
};

} // namespace goloca::net::load
