#include "net/link/tls_fault.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

namespace goloca::net::link {

namespace {

constexpr std::size_t most_shown = 200; // of a subject: strangers choose it

/// In printable ASCII.
std::string subject_of(X509* certificate) {
  if (certificate == nullptr) return {};
  std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), BIO_free};
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  char* bytes = nullptr;
  auto length = BIO_get_mem_data(text.get(), &bytes);
  return " (" + std::string(bytes, std::min(most_shown, static_cast<std::size_t>(length))) + ")";
}

/// An alert is what the other end says of us (RFC 8446, 6.2); OpenSSL counts them from 1000.
std::string alert_of(int alert) {
  auto refused = [](const char* why) { return std::string{"TLS: it does not accept our certificate: "} + why; };
  switch (alert) {
  case SSL_AD_BAD_CERTIFICATE:
    return refused("it is damaged, or its signature is wrong");
  case SSL_AD_UNSUPPORTED_CERTIFICATE:
    return refused("it is of a kind, or for a purpose, that the other end does not take");
  case SSL_AD_CERTIFICATE_REVOKED:
    return refused("it was revoked");
  case SSL_AD_CERTIFICATE_EXPIRED:
    return refused("it has expired, or is not valid yet");
  case SSL_AD_CERTIFICATE_UNKNOWN:
    return refused("it gives no reason");
  case SSL_AD_UNKNOWN_CA:
    return refused("it is from an authority that the other end does not know");
  case SSL_AD_ACCESS_DENIED:
    return refused("access denied");
  case SSL_AD_CERTIFICATE_REQUIRED:
    return refused("we showed none");
  case SSL_AD_PROTOCOL_VERSION:
    return "TLS: the other end does not speak TLS 1.3";
  default:
    return std::string{"TLS: the other end ended it: "} + SSL_alert_desc_string_long(alert);
  }
}

std::string tls_fault(int reason, const error_code& ec) {
  switch (reason) {
  case SSL_R_HTTP_REQUEST:
    return "it speaks HTTP, not TLS";
  case SSL_R_WRONG_VERSION_NUMBER:
  case SSL_R_PACKET_LENGTH_TOO_LONG:
  case SSL_R_BAD_RECORD_TYPE:
    return "it does not speak TLS";
  case SSL_R_UNSUPPORTED_PROTOCOL:
    return "it does not speak TLS 1.3";
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    return "it showed no certificate";
  default:
    break;
  }
  if (reason >= SSL_AD_REASON_OFFSET) return alert_of(reason - SSL_AD_REASON_OFFSET);
  const auto* text = ERR_reason_error_string(static_cast<unsigned long>(ec.value()));
  return std::string{"TLS: "} + (text != nullptr ? text : ec.message());
}

} // namespace

std::string fault_of(asio::ssl::verify_context& looked_at) {
  auto* at = looked_at.native_handle();
  return "TLS: its certificate" + subject_of(X509_STORE_CTX_get_current_cert(at)) +
         " is not accepted: " + X509_verify_cert_error_string(X509_STORE_CTX_get_error(at));
}

std::string describe(const error_code& ec) {
  if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) return "it closed the connection";
  if (ec.category() == asio::error::get_ssl_category())
    return tls_fault(ERR_GET_REASON(static_cast<unsigned long>(ec.value())), ec);
  return "the connection broke: " + ec.message();
}

} // namespace goloca::net::link
