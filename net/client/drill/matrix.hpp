#pragma once
// Which runs there are, and which of them are wanted. Pure.

#include "net/client/drill/run.hpp"

#include <regex>
#include <string>
#include <vector>

namespace goloca::net::drill {

std::string name_of(const row& one); // "postgres.frozen/http/postgres"

/// Every fault over each of its transports on each of its stores. `from` must outlive them.
std::vector<row> whole_matrix(const std::vector<fault>& from);

/// Each fault once, the transports and stores in turn.
std::vector<row> quick_matrix(const std::vector<fault>& from);

/// Those in whose names the expression is found.
std::vector<row> matching(std::vector<row> all, const std::regex& wanted);

} // namespace goloca::net::drill
