#pragma once
// Little-endian numbers and texts, appended to a string and read from bytes that may be anything.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace goloca::store {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

template <std::unsigned_integral Number>
void put(std::string& to, Number value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Its length in four bytes, and its bytes.
inline void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

/// Takes from the front. Once something is missing all that follows is 0 or empty, and ok() false: look at the end.
class wire_reader {
public:
  explicit wire_reader(std::string_view bytes) : left_{bytes} {}

  template <std::unsigned_integral Number>
  Number take() {
    Number value = 0;
    auto bytes = take_bytes(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string_view take_text() { return take_bytes(take<std::uint32_t>()); }

  std::string_view take_bytes(std::size_t count) {
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    auto taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  std::string_view take_rest() { return take_bytes(left_.size()); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && left_.empty(); }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

private:
  std::string_view left_;
  bool ok_ = true;
};

} // namespace goloca::store
