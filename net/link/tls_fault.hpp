#pragma once
// What went wrong between two ends of TLS, for a person: whose certificate, and why.

#include "net/executor.hpp"

#include <boost/asio/ssl/verify_context.hpp>

#include <string>

namespace goloca::net::link {

/// What is wrong with the certificate that OpenSSL looks at: "its certificate (CN = w2) is not accepted: certificate
/// has expired".
[[nodiscard]] std::string fault_of(asio::ssl::verify_context& looked_at);

/// The same for any error of a TLS stream: TLS's own, or the socket's below it.
[[nodiscard]] std::string describe(const error_code& ec);

} // namespace goloca::net::link
