#pragma once
// A point that is sent once and alone, without an id, and what became of it.

#include "net/client/drill/chronicle.hpp"
#include "net/client/ledger/content_digest.hpp"

#include <cstdint>
#include <string_view>

namespace goloca::net::drill {

struct lone_point {
  client::content_digest content;
  std::int64_t id = 0;  // that the service gave it; 0: it was not acked
  bool unknown = false; // it was not acked, and may be stored all the same
};

/// What the reply to a lone point means; fills in the point's end. Any bytes may come; a reply that acks without an id
/// is a misfit.
heard settle(lone_point& one, std::string_view reply);

} // namespace goloca::net::drill
