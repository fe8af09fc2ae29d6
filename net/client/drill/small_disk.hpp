#pragma once
// A file system of a run's own that can be filled: in memory, of a fixed size, seen by this process and its children
// alone. Gone with them, however they end.

#include "net/client/drill/workplace.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace goloca::net::drill {

/// Gives this thread, and all that start from it, mounts of their own: what we mount nobody else sees. To be called
/// before other threads are. \return why it cannot be (no root, a container that forbids it); then empty.
std::string have_own_mounts();

class small_disk {
public:
  /// \throw not_possible
  small_disk(std::filesystem::path at, std::size_t mebibytes);
  ~small_disk();
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  void fill();                       // to the last byte
  void free();                       // what fill() took
  void make_read_only(bool whether); // nothing on it may be open for writing

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace goloca::net::drill
