#pragma once
// A look into an actor, between two steps.

#include <caf/all.hpp>

namespace goloca::simulation {

/// What a living actor knows; null when it is dead.
template <class State, class Handle>
const State* state_of(const Handle& who) {
  if (!who) return nullptr;
  auto* actor = caf::actor_cast<caf::abstract_actor*>(who);
  if (actor->getf(caf::abstract_actor::is_terminated_flag)) return nullptr;
  return &dynamic_cast<typename Handle::template stateful_base<State>&>(*actor).state;
}

} // namespace goloca::simulation
