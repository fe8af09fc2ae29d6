#pragma once
// Small things that both kinds of lane say and send.

#include "net/client/outbox.hpp"
#include "net/client/url.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net::client {

/// Of a reply to one message: generous, but a service gone mad must not fill the memory.
inline constexpr std::size_t longest_reply = std::size_t{64} << 20;

std::string to_array(const batch& points); // the JSON array that is sent
std::vector<std::string_view> ids_of(const batch& points);

/// How trouble_of() ends where a connection lives and nothing comes.
inline constexpr std::string_view no_answer_in_time = " does not answer in time";

/// What went wrong with a connection, for a person.
std::string trouble_of(boost::system::error_code what, const url& with);

} // namespace goloca::net::client
