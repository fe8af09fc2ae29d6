#pragma once
// A folder of a test's own, gone when the test is.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace goloca::test {

class scratch_folder {
public:
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "goloca-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
    path_ = pattern;
  }
  ~scratch_folder() {
    std::error_code ignored; // nothing a test could do about it
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file of that name and returns its path.
  [[nodiscard]] std::string write(const std::string& name, std::string_view text) const {
    auto path = (path_ / name).string();
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }

private:
  std::filesystem::path path_;
};

} // namespace goloca::test
