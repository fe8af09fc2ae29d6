#pragma once
// One reading of the files of a certificate.

#include "net/link/credentials.hpp"

#include <memory>
#include <string>

namespace goloca::net::link {

struct credential_set {
  std::shared_ptr<boost::asio::ssl::context> context; // for both ends of TLS
  std::string doubt;                                  // what its owner should know of it; mostly empty
};

/// \throw std::runtime_error  they cannot be used; it names the file, and what is wrong with it.
[[nodiscard]] credential_set read_credentials(const credential_files& files);

} // namespace goloca::net::link
