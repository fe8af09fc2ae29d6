#pragma once
// A chunked body (RFC 9112, 7.1), strict: a chunk line that two readers might read in two ways is refused.

#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::net {

/// Takes a body apart as its bytes come. Invariant: the body never grows above `most` bytes; extensions and trailers
/// together are bounded too, and are checked and dropped.
class chunk_decoder {
public:
  enum class state : std::uint8_t {
    need_more, // all bytes were taken
    done,      // the body is whole; what was not taken belongs to the next request
    too_large, // a chunk would bring the body above `most`: refused from its size line alone
    fault,     // why() says what is malformed
  };

  explicit chunk_decoder(std::size_t most) : most_{most} {}

  /// Takes the next bytes, appends what is data to `body` (the same one each time) and removes what it took from
  /// `bytes`. After any other state than need_more it is not to be called again.
  state feed(std::string_view& bytes, std::string& body);

  [[nodiscard]] std::string_view why() const { return why_; }

private:
  enum class expects : std::uint8_t { size_line, data, data_cr, data_lf, trailer_line };

  state take_line(std::string_view& bytes, const std::string& body);
  state size_line(std::string_view line, const std::string& body);
  state trailer_line(std::string_view line);
  state take_data(std::string_view& bytes, std::string& body);
  state take_byte(std::string_view& bytes, char wanted, expects then);
  state refuse(std::string_view why);

  std::size_t most_;
  expects expects_ = expects::size_line;
  std::uint64_t left_ = 0;   // of the chunk's data
  std::size_t overhead_ = 0; // bytes of extensions and trailers so far
  std::string line_;         // the part of a line that has come, CR included
  std::string_view why_;
};

} // namespace goloca::net
