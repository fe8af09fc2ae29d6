#pragma once
// The drill's result as a page: one HTML file that needs nothing else, with a plot a run. Pure.

#include "net/client/drill/result.hpp"

#include <string>
#include <vector>

namespace goloca::net::drill {

std::string to_page(const std::vector<run_result>& runs);

/// Acked and refused points a second over time as an SVG, the fault's window shaded.
std::string to_plot(const timeline& of);

} // namespace goloca::net::drill
