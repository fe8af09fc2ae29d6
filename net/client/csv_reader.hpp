#pragma once
// CSV as RFC 4180 has it, record by record: quotes, doubled quotes, line ends within quotes, LF or CRLF.

#include "net/client/byte_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace goloca::net::client {

struct csv_record {
  std::uint64_t line = 0; // where it begins
  std::vector<std::string> fields;
  std::string raw;   // as it stood, without its line end
  std::string fault; // what is wrong with it; empty when it was read well
};

class csv_reader {
public:
  explicit csv_reader(byte_reader bytes) : bytes_{bytes} {}

  /// Reads the next record that is not a blank line. False at the end of the input.
  bool read(csv_record& into);

  [[nodiscard]] std::uint64_t consumed() const { return bytes_.consumed(); }

private:
  int take(csv_record& into);
  bool read_field(csv_record& into);
  void read_quoted(csv_record& into, std::string& field);
  bool ends_here(csv_record& into, int byte);

  byte_reader bytes_;
};

} // namespace goloca::net::client
