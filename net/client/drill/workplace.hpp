#pragma once
// A folder of the drill's own under the system's for temporary files, gone when the drill is.

#include "net/client/drill/waiting.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace goloca::net::drill {

/// Whom PostgreSQL's programs run as: nobody else when we are not root, for whom they would not run.
struct account {
  uid_t user;
  gid_t group;
};
std::optional<account> postgres_account();

class workplace {
public:
  workplace();
  ~workplace();
  workplace(const workplace&) = delete;
  workplace& operator=(const workplace&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// A new folder, which is the account's when there is one.
void make_folder(const std::filesystem::path& path, const std::optional<account>& owner);

} // namespace goloca::net::drill
