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
  std::filesystem::path key;         // PEM
  std::filesystem::path authority;   // PEM: used for nothing else
};

/// The files, read again when they change: what is there at a handshake counts, and while a new set is not whole (no
/// file, a key that does not fit) the last good one stays. TLS 1.3 only. Thread-safe.
class credentials {
public:
  /// \throw std::runtime_error  they cannot be used, and why.
  credentials(credential_files files, std::function<void(const std::string&)> log_warning);

  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current();

private:
  struct stamp; // of the files: times, sizes, inodes
  credential_files files_;
  std::function<void(const std::string&)> log_warning_;
  std::mutex mutex_;
  std::shared_ptr<stamp> seen_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

} // namespace goloca::net::link
