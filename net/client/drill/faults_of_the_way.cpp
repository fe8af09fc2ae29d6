// What may happen between goloca and its database, done by a gate that all bytes pass.

#include "net/client/drill/fault.hpp"

namespace goloca::net::drill {

namespace {

using kind = gate_mode::kind;

fault gate_fault(std::string name, std::string what, gate_mode mode) {
  return {.name = std::move(name),
          .what = std::move(what),
          .strike = [mode](scene& on) -> cure {
            on.way->set(mode);
            return [&on] { on.way->set({}); };
          },
          .stores = {store_kind::postgres},
          .stage = {.gate = true},
          .hold = milliseconds{1'500}};
}

} // namespace

std::vector<fault> faults_of_the_way() {
  auto cut = gate_fault("way.cut", "every connection is reset, new ones too", {kind::cut});
  auto dead = gate_fault("way.half-open", "everything stays connected, and nothing comes through", {kind::dead});
  auto late = gate_fault("way.delayed", "every piece comes 25 ms later, each way", {kind::delayed, milliseconds{25}});
  auto trickle = gate_fault("way.trickle", "ten bytes come each hundredth of a second", {kind::trickle, {}, 10});
  cut.blocks_commits = dead.blocks_commits = true;
  dead.hold = longer_than_patience;
  late.outage = milliseconds{1'500};
  return {cut, dead, late, trickle};
}

} // namespace goloca::net::drill
