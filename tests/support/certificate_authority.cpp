#include "tests/support/certificate_authority.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace goloca::test {

namespace {

void must(bool done) {
  if (!done) throw std::runtime_error{"OpenSSL makes no certificate"};
}

X509* certificate_of(EVP_PKEY* key, const std::string& name, validity good, X509* issuer, EVP_PKEY* issuer_key) {
  static std::atomic<long> serial{std::time(nullptr)};
  auto* made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), good.from.count());
  X509_gmtime_adj(X509_getm_notAfter(made), good.until.count());
  X509_set_pubkey(made, key);
  auto* subject = X509_get_subject_name(made);
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytes, -1, -1, 0);
  X509_set_issuer_name(made, issuer != nullptr ? X509_get_subject_name(issuer) : subject);
  auto* constraints =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, issuer != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
  X509_add_ext(made, constraints, -1);
  X509_EXTENSION_free(constraints);
  must(X509_sign(made, issuer_key, EVP_sha256()) > 0);
  return made;
}

template <class Write>
void write_file(const std::filesystem::path& path, Write write) {
  auto* file = std::fopen(path.c_str(), "w");
  must(file != nullptr);
  auto written = write(file);
  must(std::fclose(file) == 0 && written == 1);
}

} // namespace

certificate_authority::certificate_authority(const std::string& name)
    : key_{EVP_EC_gen("P-256"), EVP_PKEY_free}, certificate_{certificate_of(key_.get(), name, {}, nullptr, key_.get()),
                                                             X509_free} {}

net::link::credential_files certificate_authority::issue(const std::filesystem::path& folder, const std::string& name,
                                                         validity good) const {
  owned<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  owned<X509> certificate{certificate_of(key.get(), name, good, certificate_.get(), key_.get()), X509_free};
  net::link::credential_files made{folder / (name + ".crt"), folder / (name + ".key"), folder / (name + ".ca")};
  write_file(made.certificate, [&](auto* to) { return PEM_write_X509(to, certificate.get()); });
  write_file(made.key,
             [&](auto* to) { return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  write_file(made.authority, [&](auto* to) { return PEM_write_X509(to, certificate_.get()); });
  return made;
}

} // namespace goloca::test
