#pragma once
// Which points a running service has: GET /datapoints/{id} over a few connections.

#include "net/client/url.hpp"
#include "net/client/verify/verdict.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net::client {

/// \param ids       each asked for once it is out of flight there: at most `patience` is waited for that, and for a
///                  service that is away or overloaded.
/// \return the rows of these ids that it has, or why nobody can tell. Blocks.
std::variant<found_rows, std::string> rows_of_service(const url& service, const std::vector<std::int64_t>& ids,
                                                      const std::shared_ptr<const store::schema>& of,
                                                      std::chrono::milliseconds patience);

} // namespace goloca::net::client
