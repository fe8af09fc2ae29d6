#pragma once
// The drill's result as a table for people and as JSON for programs. Pure.

#include "net/client/drill/result.hpp"

#include <string>
#include <vector>

namespace goloca::net::drill {

/// A line a run, then what was broken and what was left out, then one line that sums up.
std::string to_table(const std::vector<run_result>& runs);

std::string to_json(const std::vector<run_result>& runs); // one object, one line

bool all_kept(const std::vector<run_result>& runs); // every promise, in every run

} // namespace goloca::net::drill
