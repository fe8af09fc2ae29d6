#pragma once
// The bytes of an input stream one by one, with the line they are in: what every reader of points is built on.

#include <cstdint>
#include <istream>

namespace goloca::net::client {

/// The most bytes that one record or JSON item may have: the service takes messages of 1 MiB. What is longer is
/// skipped, never held in memory.
inline constexpr std::size_t longest_record = std::size_t{1} << 20;

class byte_reader {
public:
  static constexpr int end = std::istream::traits_type::eof();

  explicit byte_reader(std::istream& from) : from_{from.rdbuf()} {}

  int peek() { return from_->sgetc(); }
  int get() {
    auto byte = from_->sbumpc();
    if (byte == end) return end;
    ++consumed_;
    if (byte == '\n') ++line_;
    return byte;
  }

  /// Skips blanks, line ends between items.
  void skip_blank() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') get();
  }
  void skip_byte_order_mark() {
    if (consumed_ != 0 || peek() != 0xef) return;
    get();
    if (peek() == 0xbb) get();
    if (peek() == 0xbf) get();
  }

  [[nodiscard]] std::uint64_t line() const { return line_; } // of the next byte; the first is 1
  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }

private:
  std::streambuf* from_;
  std::uint64_t line_ = 1;
  std::uint64_t consumed_ = 0;
};

} // namespace goloca::net::client
