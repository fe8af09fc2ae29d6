#pragma once
// Requests byte by byte, and what their failures look like, for the tests of HTTP on the wire.

#include "tests/support/wire.hpp"

#include <string>

namespace goloca::test {

/// A POST with these header lines, each ended as it says, and the body as it is.
[[nodiscard]] std::string posted(const std::string& lines, const std::string& body,
                                 const std::string& target = "/add_datapoint");
[[nodiscard]] std::string with_length(const std::string& body);
[[nodiscard]] std::string chunked(const std::string& chunks);
[[nodiscard]] std::string as_chunk(const std::string& data);

/// The reply has that status and code, and all else that a failure says.
void expect_failure(const raw_response& reply, unsigned status, const std::string& code);
void expect_failure_and_close(raw_client& client, unsigned status, const std::string& code);

/// A new client's good point is stored.
void serves_again_over_http(const running_goloca& service);

} // namespace goloca::test
