#include "net/client/load/acked_ids.hpp"

#include <ostream>

namespace goloca::net::load {

void acked_ids::write(std::ostream& to) const {
  for (const auto& one : ranges_)
    for (auto id = one.first; id != one.end; ++id) to << id << '\n';
}

} // namespace goloca::net::load
