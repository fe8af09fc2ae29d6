#pragma once
// The rides' table as it must be and as it is: read from the CSV, and from either database, apart from the code under
// test.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace goloca::test {

/// By column; every value in one way of writing, whichever side it is from: reals with 17 digits, booleans as 0 and 1,
/// dates in milliseconds.
using ride_row = std::map<std::string, std::optional<std::string>>;
using ride_table = std::map<std::string, ride_row>; // by id

// All of these throw std::runtime_error when they cannot read.

ride_table rides_of_csv(const std::string& path);
ride_table rides_in_sqlite(const std::string& path); // also checks that each value has its column's type
ride_table rides_in_postgres(const std::string& conninfo);
std::uint64_t count_in_sqlite(const std::string& path);

} // namespace goloca::test
