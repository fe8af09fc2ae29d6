#pragma once
// The queue between connections and writers: admission, group commit without a timer, re-dispatch, expiry. Spawned and
// watched by the node supervisor; it watches the writers that the writer supervisor sends it.

#include "actors/writer_pool_state.hpp"

namespace goloca::actors {

/// \param incarnation  tells this pool's batches from those of one that died; never used twice.
writer_pool::behavior_type run_writer_pool(writer_pool::stateful_pointer<writer_pool_state> self,
                                           writer_pool_settings settings, std::uint64_t incarnation);

} // namespace goloca::actors
