#pragma once
// The answers to questions: is the node ready, what became of a point.

#include "actors/messages.hpp"
#include "net/codec.hpp"

#include <string>
#include <string_view>

namespace goloca::net {

/// Appends the body of /readyz; returns its code: 200 when a point sent now would be stored, else 503.
unsigned encode_readiness(const actors::readiness& now, std::string& out);

/// The body of /readyz while the node drains.
std::string_view draining_body();

/// Appends the body of GET /datapoints/{id}; returns its code: 200 with the point, 202 while it is in flight here, 404,
/// 503, 504.
unsigned encode_found(format as, const actors::find_result& found, std::string& out);

} // namespace goloca::net
