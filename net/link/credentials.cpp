#include "net/link/credentials.hpp"

#include "net/link/credential_set.hpp"

#include <stdexcept>
#include <utility>

#include <sys/stat.h>

namespace goloca::net::link {

credentials::credentials(credential_files files, std::function<void(const std::string&)> log_warning)
    : files_{std::move(files)}, log_warning_{std::move(log_warning)} {
  seen_ = stamp();
  auto read = read_credentials(files_);
  context_ = std::move(read.context);
  warn(read.doubt);
}

std::shared_ptr<boost::asio::ssl::context> credentials::current() {
  std::lock_guard lock{mutex_};
  auto before = stamp();
  if (before == seen_) return context_;
  try {
    auto read = read_credentials(files_);
    if (stamp() != before) return context_; // they are being replaced just now: the next handshake looks again
    context_ = std::move(read.context);
    seen_ = before;
    warn(read.doubt);
  } catch (const std::runtime_error& unfit) { // not seen: looked at anew each time, until they are a set
    warn(std::string{unfit.what()} + "; the certificate that was read before stays in use");
  }
  return context_;
}

/// Each once, until there is nothing to warn of, or something else.
void credentials::warn(const std::string& what) {
  if (std::exchange(warned_, what) != what && !what.empty()) log_warning_("links: " + what);
}

std::string credentials::stamp() const {
  std::string made;
  for (const auto* file : {&files_.certificate, &files_.key, &files_.authority}) {
    struct stat is {};
    if (stat(file->c_str(), &is) != 0) is = {};
    for (auto each :
         {static_cast<long long>(is.st_dev), static_cast<long long>(is.st_ino), static_cast<long long>(is.st_size),
          static_cast<long long>(is.st_mtim.tv_sec), static_cast<long long>(is.st_mtim.tv_nsec),
          static_cast<long long>(is.st_ctim.tv_sec), static_cast<long long>(is.st_ctim.tv_nsec)})
      made += std::to_string(each) + ' ';
  }
  return made;
}

} // namespace goloca::net::link
