#pragma once
// What the bench says at the end.

#include "net/client/load/load_run.hpp"

#include <string>

namespace goloca::net::load {

/// For a person: a few lines. \param options  with every default filled in.
std::string text_report(const bench_options& options, const load_run& done);

/// One JSON object on one line, for programs.
std::string json_report(const bench_options& options, const load_run& done);

/// Every point, also of the warm-up, was answered as stored or duplicate, and every connection was made.
bool went_well(const bench_options& options, const load_run& done);

} // namespace goloca::net::load
