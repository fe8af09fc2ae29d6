#pragma once
// Mutual TLS for links: who has a certificate of the cluster's own authority is a member, and fully trusted.

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace goloca::net::link {

struct credential_files {
  std::filesystem::path certificate; // PEM, with the chain
  std::filesystem::path key;         // PEM, without a passphrase
  std::filesystem::path authority;   // PEM, one or more: used for nothing else
};

/// The files, read again when they change: what is there at a handshake counts, and while a new set is not whole (no
/// file, a key that does not fit) the last good one stays. A set whose certificate has expired, or that its own
/// authority did not issue, is used with a warning: what to make of it is the peers' to say. TLS 1.3 only, no
/// resumption: each handshake looks at the certificates. Thread-safe; reads three small files, and no more than looks
/// at their times when they are as they were.
class credentials {
public:
  /// \throw std::runtime_error  they cannot be used, and why.
  credentials(credential_files files, std::function<void(const std::string&)> log_warning);

  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current();

private:
  [[nodiscard]] std::string stamp() const; // of the files: times, sizes, inodes
  void warn(const std::string& what);

  credential_files files_;
  std::function<void(const std::string&)> log_warning_;
  std::mutex mutex_;
  std::string seen_;   // the stamp of what is in use
  std::string warned_; // of this, last
  std::shared_ptr<boost::asio::ssl::context> context_;
};

} // namespace goloca::net::link
