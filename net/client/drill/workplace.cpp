#include "net/client/drill/workplace.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace goloca::net::drill {

namespace fs = std::filesystem;

std::optional<account> postgres_account() {
  if (::geteuid() != 0) return std::nullopt;
  const auto* found = ::getpwnam("postgres");
  if (found == nullptr) throw not_possible{"there is no user postgres, and as root PostgreSQL does not run"};
  return account{found->pw_uid, found->pw_gid};
}

workplace::workplace() {
  auto pattern = (fs::temp_directory_path() / "goloca-drill-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw drill_failure{"cannot make " + pattern};
  path_ = pattern;
  fs::permissions(path_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
}

workplace::~workplace() {
  std::error_code ignored; // nothing that could be done about it
  fs::remove_all(path_, ignored);
}

void make_folder(const fs::path& path, const std::optional<account>& owner) {
  fs::create_directory(path);
  if (owner && ::chown(path.c_str(), owner->user, owner->group) != 0)
    throw drill_failure{"cannot give " + path.string() + " to postgres"};
}

} // namespace goloca::net::drill
