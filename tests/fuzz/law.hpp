#pragma once
// What a fuzz target holds its subject to, beside "does not crash".

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace goloca::fuzz {

/// Stops the run when a law is broken: libFuzzer then keeps the input.
inline void require(bool holds, std::string_view law, std::string_view seen = {}) {
  if (holds) return;
  std::fprintf(stderr, "LAW BROKEN: %.*s\n%.*s\n", static_cast<int>(law.size()), law.data(),
               static_cast<int>(seen.size()), seen.data());
  std::abort();
}

/// An input taken apart from the front: a few bytes choose, the rest is the text.
class choices {
public:
  choices(const unsigned char* data, std::size_t size) : rest_{reinterpret_cast<const char*>(data), size} {}

  /// The next byte; 0 when there is none.
  unsigned byte() {
    if (rest_.empty()) return 0;
    auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

} // namespace goloca::fuzz
