#pragma once
// A member of a reply, which may be there or not and may be anything.

#include <nlohmann/json.hpp>

#include <string>

namespace goloca::net::client {

/// Empty when it is not there or no string: json::value() throws for the latter.
/// \param object  an object
inline std::string text_of(const nlohmann::json& object, const char* member) {
  auto at = object.find(member);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

} // namespace goloca::net::client
