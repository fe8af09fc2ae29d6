#include "net/client/drill/small_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "net/client/load/descriptor.hpp"

namespace goloca::net::drill {

namespace fs = std::filesystem;

std::string have_own_mounts() {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return std::string{"a file system of its own wants root: "} + std::strerror(errno);
  return {};
}

small_disk::small_disk(fs::path at, std::size_t mebibytes) : path_{std::move(at)} {
  fs::create_directory(path_);
  auto options = "mode=0777,size=" + std::to_string(mebibytes) + "m";
  if (::mount("goloca-drill", path_.c_str(), "tmpfs", 0, options.c_str()) != 0)
    throw not_possible{std::string{"no file system of its own: "} + std::strerror(errno)};
}

small_disk::~small_disk() {
  ::umount2(path_.c_str(), MNT_DETACH);
}

void small_disk::fill() {
  load::descriptor ballast{::open((path_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  std::vector<char> block(64 << 10);
  for (auto size = block.size(); size > 0;) { // ever smaller pieces, until nothing fits
    if (::write(ballast.get(), block.data(), size) <= 0) size /= 2;
  }
}

void small_disk::free() {
  std::error_code gone;
  fs::remove(path_ / "ballast", gone);
}

void small_disk::make_read_only(bool whether) {
  unsigned long flags = MS_REMOUNT;
  if (whether) flags |= MS_RDONLY;
  auto done = wait_until(milliseconds{2'000},
                         [&] { return ::mount("goloca-drill", path_.c_str(), "tmpfs", flags, nullptr) == 0; });
  if (!done) throw drill_failure{std::string{"cannot remount: "} + std::strerror(errno)};
}

} // namespace goloca::net::drill
