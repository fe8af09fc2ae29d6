#pragma once
// Certificates of a test's own, made in milliseconds.

#include "net/link/credentials.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace goloca::test {

/// How long a certificate is good for, seen from now.
struct validity {
  std::chrono::seconds from = std::chrono::hours{-1};
  std::chrono::seconds until = std::chrono::hours{1};
};

class certificate_authority {
public:
  explicit certificate_authority(const std::string& name = "the test's authority");

  /// Writes a certificate, its key and this authority's certificate into `folder`: NAME.crt, NAME.key, NAME.ca.
  /// Files of these names are replaced.
  net::link::credential_files issue(const std::filesystem::path& folder, const std::string& name,
                                    validity good = {}) const;

private:
  template <class T>
  using owned = std::unique_ptr<T, void (*)(T*)>;
  owned<EVP_PKEY> key_;
  owned<X509> certificate_;
};

} // namespace goloca::test
