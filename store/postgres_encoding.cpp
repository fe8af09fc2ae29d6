#include "store/postgres_encoding.hpp"

#include "store/sql_text.hpp"

#include <array>
#include <bit>
#include <concepts>

namespace goloca::store {

namespace {

constexpr std::uint32_t oid_bool = 16;
constexpr std::uint32_t oid_int8 = 20;
constexpr std::uint32_t oid_int2 = 21;
constexpr std::uint32_t oid_int4 = 23;
constexpr std::uint32_t oid_text = 25;
constexpr std::uint32_t oid_float8 = 701;
constexpr std::uint32_t null_length = 0xffffffff;

/// What travels is in network order. Shifts, not a swap: the compiler makes one instruction of them.
template <std::unsigned_integral T>
void put(std::string& to, T value) {
  std::array<char, sizeof(T)> bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)) & 0xff);
  }
  to.append(bytes.data(), bytes.size());
}

template <std::unsigned_integral T>
T take(const char* from) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(from[i]));
  }
  return value;
}

std::uint32_t element_oid(column_type type) {
  switch (type) {
  case column_type::smallint:
    return oid_int2;
  case column_type::integer:
    return oid_int4;
  case column_type::bigint:
    return oid_int8;
  case column_type::double_precision:
    return oid_float8;
  case column_type::boolean:
    return oid_bool;
  case column_type::text:
    return oid_text;
  }
  return oid_text;
}

/// A value with its length before it, as arrays and COPY want it.
void put_element(std::string& to, row_view row, std::size_t field, column_type type) {
  if (row.is_null(field)) return put(to, null_length);
  switch (type) {
  case column_type::smallint:
    put(to, std::uint32_t{2});
    return put(to, static_cast<std::uint16_t>(row.integer(field)));
  case column_type::integer:
    put(to, std::uint32_t{4});
    return put(to, static_cast<std::uint32_t>(row.integer(field)));
  case column_type::bigint:
    put(to, std::uint32_t{8});
    return put(to, static_cast<std::uint64_t>(row.integer(field)));
  case column_type::double_precision:
    put(to, std::uint32_t{8});
    return put(to, std::bit_cast<std::uint64_t>(row.real(field)));
  case column_type::boolean:
    put(to, std::uint32_t{1});
    to += static_cast<char>(row.boolean(field));
    return;
  case column_type::text:
    put(to, static_cast<std::uint32_t>(row.text(field).size()));
    to += row.text(field);
    return;
  }
}

void put_array_head(std::string& to, std::uint32_t element, std::size_t size, bool has_null) {
  put(to, std::uint32_t{1}); // dimensions
  put(to, std::uint32_t{has_null});
  put(to, element);
  put(to, static_cast<std::uint32_t>(size));
  put(to, std::uint32_t{1}); // the first index
}

} // namespace

std::string_view postgres_type(column_type type) {
  switch (type) {
  case column_type::smallint:
    return "int2";
  case column_type::integer:
    return "int4";
  case column_type::bigint:
    return "int8";
  case column_type::double_precision:
    return "float8";
  case column_type::boolean:
    return "bool";
  case column_type::text:
    return "text";
  }
  return "text";
}

std::string_view postgres_result_type(column_type type) {
  bool integer = type == column_type::smallint || type == column_type::integer;
  return postgres_type(integer ? column_type::bigint : type);
}

std::string result_column_list(const schema& of) {
  std::string list;
  for (const auto& each : of.fields()) {
    list += (list.empty() ? "" : ", ") + quote_name(each.column) + "::";
    list += postgres_result_type(each.type);
  }
  return list;
}

void binary_parameters::begin() {
  bytes_.clear();
  extents_.clear();
}

void binary_parameters::end_parameter(std::size_t begin, bool null) {
  extents_.push_back({begin, bytes_.size(), null});
}

void binary_parameters::finish() {
  values_.clear();
  lengths_.clear();
  formats_.assign(extents_.size(), 1);
  for (const auto& each : extents_) {
    values_.push_back(each.null ? nullptr : bytes_.data() + each.begin);
    lengths_.push_back(static_cast<int>(each.end - each.begin));
  }
}

void binary_parameters::fill_row(row_view row) {
  begin();
  const auto& fields = row.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto start = bytes_.size() + sizeof(std::uint32_t); // a parameter's length travels apart: step over it
    put_element(bytes_, row, i, fields[i].type);
    end_parameter(start, row.is_null(i));
  }
  finish();
}

void binary_parameters::array(std::span<const row_view> rows, std::size_t field) {
  auto type = rows[0].of().fields()[field].type;
  auto start = bytes_.size();
  bool has_null = false;
  for (const auto& row : rows) has_null = has_null || row.is_null(field);
  put_array_head(bytes_, element_oid(type), rows.size(), has_null);
  for (const auto& row : rows) put_element(bytes_, row, field, type);
  end_parameter(start, false);
}

void binary_parameters::fill_arrays(std::span<const row_view> rows) {
  begin();
  for (std::size_t i = 0; i < rows[0].of().size(); ++i) array(rows, i);
  finish();
}

void binary_parameters::fill_ids(std::span<const std::int64_t> ids) {
  begin();
  put_array_head(bytes_, oid_int8, ids.size(), false);
  for (auto id : ids) {
    put(bytes_, std::uint32_t{8});
    put(bytes_, static_cast<std::uint64_t>(id));
  }
  end_parameter(0, false);
  finish();
}

void encode_copy(std::span<const row_view> rows, std::string& to) {
  using namespace std::string_view_literals;
  to.assign("PGCOPY\n\377\r\n\0"sv);
  put(to, std::uint32_t{0}); // flags
  put(to, std::uint32_t{0}); // of the header's extension
  const auto& fields = rows[0].of().fields();
  for (const auto& row : rows) {
    put(to, static_cast<std::uint16_t>(fields.size()));
    for (std::size_t i = 0; i < fields.size(); ++i) put_element(to, row, i, fields[i].type);
  }
  put(to, std::uint16_t{0xffff}); // the end
}

std::int64_t read_int8(const PGresult* result, int row, int column) {
  return static_cast<std::int64_t>(take<std::uint64_t>(PQgetvalue(result, row, column)));
}

void append_result_row(row_block& to, const PGresult* result, int row) {
  to.begin_row();
  const auto& fields = to.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto column = static_cast<int>(i);
    if (PQgetisnull(result, row, column) != 0) continue;
    const auto* value = PQgetvalue(result, row, column);
    switch (fields[i].type) {
    case column_type::text:
      to.set_text(i, {value, static_cast<std::size_t>(PQgetlength(result, row, column))});
      break;
    case column_type::double_precision:
      to.set_real(i, std::bit_cast<double>(take<std::uint64_t>(value)));
      break;
    case column_type::boolean:
      to.set_boolean(i, value[0] != 0);
      break;
    default:
      to.set_integer(i, read_int8(result, row, column));
      break;
    }
  }
}

} // namespace goloca::store
