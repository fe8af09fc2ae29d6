#pragma once
// One run against a cluster that is up: a load on every edge, a fault, its cure, and what the database has in the end.

#include "net/client/drill/cluster/cluster.hpp"
#include "net/client/drill/run.hpp"

namespace goloca::net::drill {

/// As perform(), but on nodes that are there before and after. The table is emptied first. \throw interrupted
run_result perform_on(const cluster& nodes, const row& which, const setup& with);

} // namespace goloca::net::drill
