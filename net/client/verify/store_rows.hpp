#pragma once
// Which points a store has, read straight from its table.

#include "net/client/verify/verdict.hpp"
#include "store/open_store.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net::client {

/// The rows of these ids that it has, or why it cannot be read. Blocks.
std::variant<found_rows, std::string> rows_of_store(const store::store_settings& from,
                                                    const std::vector<std::int64_t>& ids,
                                                    const std::shared_ptr<const store::schema>& of);

/// All of its rows.
std::variant<found_rows, std::string> all_rows_of_store(const store::store_settings& from,
                                                        const std::shared_ptr<const store::schema>& of);

} // namespace goloca::net::client
