#pragma once
// The SQL that both databases speak, made from a schema.

#include "store/schema.hpp"

#include <string>
#include <string_view>

namespace goloca::store {

/// An identifier between double quotes: its case counts, and no word is reserved.
[[nodiscard]] std::string quote_name(std::string_view name);

/// One line for a message: line breaks become spaces, the end is trimmed.
[[nodiscard]] std::string one_line(std::string_view text);

/// "id", "user_id", …: the columns in the schema's order.
[[nodiscard]] std::string column_list(const schema& of);

/// CREATE TABLE IF NOT EXISTS for the schema.
/// \param key_type  what follows the key's name: "BIGINT PRIMARY KEY".
[[nodiscard]] std::string create_table(const schema& of, std::string_view key_type);

} // namespace goloca::store
