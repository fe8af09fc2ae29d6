#pragma once
// What the fuzz targets of both kinds of session share.

#include "tests/support/lone_session.hpp"
#include "tests/support/reply_stream.hpp"

#include <string>
#include <string_view>

namespace goloca::fuzz {

/// Bounds so small that inputs reach them.
net::net_settings small_bounds();

/// Sends the bytes in pieces whose sizes come from `seed` (0: in one), holds points back for some of them, and ends
/// with half a close.
void send_in_pieces(test::lone_session& to, std::string_view bytes, unsigned seed);

/// Every point has one end, and what was said to be stored is.
void check_account(test::lone_session& of, const std::vector<std::int64_t>& stored);

/// Without what depends on the clock: dates, and ids that the node gave.
std::string timeless(std::string_view text);

} // namespace goloca::fuzz
