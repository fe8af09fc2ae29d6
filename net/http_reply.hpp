#pragma once
// What an HTTP request is owed, from the request to the reply's bytes. No socket: a session says when.

#include "net/exchange.hpp"
#include "net/http_request.hpp"
#include "net/service.hpp"

#include <string>
#include <string_view>

namespace goloca::net {

/// Owes the reply to a request that was read whole: hands its points or its question on, or adds what is known at once.
/// An upgrade that comes here is one that the draining node does not take.
void owe_reply(const http_request& request, std::string_view body, const service& of, exchange& points);

/// `request.refused`, which must be there, as a reply that is ready to be sent.
/// \param then_close  also where the request itself would keep the connection.
[[nodiscard]] owed_reply refusal(const http_request& request, bool then_close);

/// Appends the response that a reply which is done() comes to.
void append_response(const owed_reply& owed, const service& of, bool keep_alive, reply_scratch& with, std::string& out);

} // namespace goloca::net
