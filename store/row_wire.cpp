#include "store/row_wire.hpp"

#include "store/wire_bytes.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace goloca::store {

namespace {

constexpr std::uint8_t assigned_bit = 1;
constexpr std::size_t most_reserved = 1'000; // rows that a count is believed at once

std::size_t present_bytes(const schema& of) {
  return (of.size() + 7) / 8;
}

void append_present(std::string& to, row_view row) {
  auto fields = row.of().size();
  for (std::size_t first = 0; first < fields; first += 8) {
    std::uint8_t bits = 0;
    for (std::size_t i = first; i < std::min(first + 8, fields); ++i) {
      if (!row.is_null(i)) bits |= static_cast<std::uint8_t>(1U << (i - first));
    }
    put(to, bits);
  }
}

bool fits(std::int64_t value, column_type type) {
  switch (type) {
  case column_type::smallint:
    return value >= std::numeric_limits<std::int16_t>::min() && value <= std::numeric_limits<std::int16_t>::max();
  case column_type::integer:
    return value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
  default:
    return true;
  }
}

/// Reads one value into the open row. \return false: it does not fit.
bool read_value(wire_reader& from, row_block& to, std::size_t field, column_type type) {
  switch (type) {
  case column_type::text:
    to.set_text(field, from.take_text());
    return true;
  case column_type::boolean: {
    auto value = from.take<std::uint8_t>();
    to.set_boolean(field, value != 0);
    return value <= 1;
  }
  case column_type::double_precision:
    to.set_real(field, std::bit_cast<double>(from.take<std::uint64_t>()));
    return true;
  default: {
    auto value = static_cast<std::int64_t>(from.take<std::uint64_t>());
    to.set_integer(field, value);
    return fits(value, type);
  }
  }
}

/// \return what is wrong with the row; null: nothing.
const char* read_row(wire_reader& from, row_block& to) {
  const auto& of = to.of();
  to.begin_row();
  auto flags = from.take<std::uint8_t>();
  auto present = from.take_bytes(present_bytes(of));
  if (!from.ok()) return "it ends within a row";
  if (flags > assigned_bit) return "a row has unknown flags";
  if (of.size() % 8 != 0 && static_cast<std::uint8_t>(present.back()) >> (of.size() % 8) != 0)
    return "a row has more fields than the schema";
  for (std::size_t i = 0; i < of.size(); ++i) {
    if ((static_cast<std::uint8_t>(present[i / 8]) >> (i % 8) & 1) == 0) continue;
    if (!read_value(from, to, i, of.fields()[i].type)) return "a value does not fit its type";
  }
  if (!from.ok()) return "it ends within a row";
  auto id = to[to.size() - 1].id();
  if (id < 1) return "a row has no id";
  if (flags == assigned_bit) to.assign_id(id);
  return nullptr;
}

} // namespace

std::size_t wire_size(row_view row) {
  const auto& of = row.of();
  std::size_t bytes = 1 + present_bytes(of);
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (row.is_null(i)) continue;
    auto type = of.fields()[i].type;
    bytes += type == column_type::text      ? sizeof(std::uint32_t) + row.text(i).size()
             : type == column_type::boolean ? 1
                                            : sizeof(std::uint64_t);
  }
  return bytes;
}

void append_wire(std::string& to, row_view row) {
  const auto& of = row.of();
  put(to, row.id_assigned() ? assigned_bit : std::uint8_t{0});
  append_present(to, row);
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (row.is_null(i)) continue;
    switch (of.fields()[i].type) {
    case column_type::text:
      put_text(to, row.text(i));
      break;
    case column_type::boolean:
      put(to, static_cast<std::uint8_t>(row.boolean(i)));
      break;
    case column_type::double_precision:
      put(to, std::bit_cast<std::uint64_t>(row.real(i)));
      break;
    default:
      put(to, static_cast<std::uint64_t>(row.integer(i)));
      break;
    }
  }
}

std::variant<std::shared_ptr<const row_block>, std::string> read_wire(std::string_view bytes, std::uint32_t count,
                                                                      const std::shared_ptr<const schema>& of) {
  auto block = std::make_shared<row_block>(of);
  block->reserve(std::min<std::size_t>(count, most_reserved));
  wire_reader from{bytes};
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const auto* wrong = read_row(from, *block)) return wrong;
  }
  if (!from.at_end()) return "more bytes than rows";
  return std::shared_ptr<const row_block>{std::move(block)};
}

} // namespace goloca::store
