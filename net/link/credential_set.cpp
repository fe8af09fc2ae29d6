#include "net/link/credential_set.hpp"

#include <boost/asio/buffer.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace goloca::net::link {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

[[noreturn]] void refuse(const std::string& what, const std::filesystem::path& file, const std::string& why) {
  ERR_clear_error();
  throw std::runtime_error{"the " + what + " " + file.string() + " " + why};
}

std::string text_of(const std::string& what, const std::filesystem::path& file) {
  errno = 0;
  std::ifstream from{file, std::ios::binary};
  std::ostringstream text;
  text << from.rdbuf();
  if (errno != 0) refuse(what, file, std::string{"cannot be read: "} + std::strerror(errno));
  if (text.str().empty()) refuse(what, file, "is empty");
  return text.str();
}

/// Our own chain, as a peer with our authority would look at it. \return what it would say; empty when it is content.
std::string doubt_of(SSL_CTX* context) {
  std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> look{X509_STORE_CTX_new(), X509_STORE_CTX_free};
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get_extra_chain_certs(context, &chain);
  auto* own = SSL_CTX_get0_certificate(context);
  X509_STORE_CTX_init(look.get(), SSL_CTX_get_cert_store(context), own, chain);
  bool fine = X509_verify_cert(look.get()) == 1;
  ERR_clear_error();
  return fine ? std::string{} : X509_verify_cert_error_string(X509_STORE_CTX_get_error(look.get()));
}

} // namespace

credential_set read_credentials(const credential_files& files) {
  auto certificate = text_of("certificate", files.certificate);
  auto key = text_of("key", files.key);
  auto authority = text_of("authority's certificate", files.authority);

  auto context = std::make_shared<ssl::context>(ssl::context::tlsv13);
  auto* native = context->native_handle();
  context->set_password_callback([](auto, auto) { return std::string{}; }); // else OpenSSL asks the terminal
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);

  error_code ec;
  context->use_certificate_chain(boost::asio::buffer(certificate), ec);
  if (ec) refuse("certificate", files.certificate, "is no certificate in PEM");
  context->use_private_key(boost::asio::buffer(key), ssl::context::pem, ec);
  if (ec && ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == X509_R_KEY_VALUES_MISMATCH)
    refuse("key", files.key, "does not fit the certificate " + files.certificate.string());
  if (ec) refuse("key", files.key, "is no key in PEM, or has a passphrase");
  if (SSL_CTX_check_private_key(native) != 1)
    refuse("key", files.key, "does not fit the certificate " + files.certificate.string());
  context->add_certificate_authority(boost::asio::buffer(authority), ec);
  if (ec) refuse("authority's certificate", files.authority, "is no certificate in PEM");

  auto doubt = doubt_of(native);
  if (!doubt.empty()) doubt = "peers may refuse the certificate " + files.certificate.string() + ": " + doubt;
  return {std::move(context), std::move(doubt)};
}

} // namespace goloca::net::link
