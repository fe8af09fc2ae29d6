#pragma once

#include "store/schema.hpp"

#include <string>

namespace goloca::net::link {

/// What tells two schemas apart, for machines: SHA-256 over table, fields, types and rules, as 64 hexadecimal digits.
/// Two nodes with one digest read each other's rows, and take the same points. Descriptions do not count.
[[nodiscard]] std::string digest_of(const store::schema& of);

} // namespace goloca::net::link
