#pragma once
// Points out of a JSON array or of JSON objects one a line (NDJSON), one item in memory at a time.

#include "net/client/byte_reader.hpp"
#include "net/client/point_source.hpp"

#include <optional>
#include <string>

namespace goloca::net::client {

class json_source final : public point_source {
public:
  enum class layout : std::uint8_t { array, lines };

  /// \param bytes  at the `[` of an array, or at the first object.
  json_source(byte_reader bytes, layout as, const store::schema& of, store::point_id_source& ids);

  std::optional<item> next() override;
  [[nodiscard]] std::uint64_t consumed() const override { return bytes_.consumed(); }

private:
  std::optional<item> next_line();
  std::optional<item> next_element();
  int read_element(item& into);
  void keep(item& into, int byte);
  item finish(item read);

  byte_reader bytes_;
  layout layout_;
  enum class place : std::uint8_t { before, within, after, done };
  place place_ = place::before; // in the array
  std::string key_;             // the member that is the id
  store::point_id_source* ids_;
};

} // namespace goloca::net::client
