#include "net/client/csv_reader.hpp"

namespace goloca::net::client {

bool csv_reader::read(csv_record& into) {
  do {
    if (bytes_.peek() == byte_reader::end) return false;
    into.line = bytes_.line();
    into.fields.clear();
    into.raw.clear();
    into.fault.clear();
    while (read_field(into)) {
    }
  } while (into.raw.empty());
  return true;
}

/// The next byte, kept in `raw` too. A record that grows too long is read on, so that the next one is found, but not
/// kept.
int csv_reader::take(csv_record& into) {
  auto byte = bytes_.get();
  if (byte == byte_reader::end) return byte;
  if (into.raw.size() < longest_record) {
    into.raw += static_cast<char>(byte);
  } else if (into.fault.empty()) {
    into.fault = "the record is longer than " + std::to_string(longest_record) + " bytes";
  }
  return byte;
}

/// Whether `byte`, which was taken, ends the record; its line end is not part of `raw`.
bool csv_reader::ends_here(csv_record& into, int byte) {
  if (byte == byte_reader::end) return true;
  if (byte != '\n' && (byte != '\r' || bytes_.peek() != '\n')) return false;
  if (byte == '\r') bytes_.get();
  if (!into.raw.empty() && into.raw.back() == static_cast<char>(byte)) into.raw.pop_back();
  return true;
}

/// True when another field follows in this record.
bool csv_reader::read_field(csv_record& into) {
  auto& field = into.fields.emplace_back();
  auto quoted = bytes_.peek() == '"';
  if (quoted) read_quoted(into, field);
  for (;;) {
    auto byte = take(into);
    if (ends_here(into, byte)) return false;
    if (byte == ',') return true;
    if (quoted && into.fault.empty()) into.fault = "text follows a closing quote";
    if (into.fault.empty()) field += static_cast<char>(byte);
  }
}

void csv_reader::read_quoted(csv_record& into, std::string& field) {
  auto opened = bytes_.line();
  take(into);
  for (;;) {
    auto byte = take(into);
    if (byte == byte_reader::end) {
      into.fault = "the quote opened in line " + std::to_string(opened) + " is never closed";
      return;
    }
    if (byte == '"') {
      if (bytes_.peek() != '"') return;
      take(into);
    }
    if (into.fault.empty()) field += static_cast<char>(byte);
  }
}

} // namespace goloca::net::client
