#pragma once
// Somebody else's socket in an I/O thread's loop: who uses it is told when it is ready.

#include "actors/stepwise_writer.hpp"
#include "net/answer_bell.hpp"
#include "net/executor.hpp"

namespace goloca::net {

/// \param socket  stays open as long as the watch lives, which watches a duplicate of it.
/// \param bell    of that thread; outlives the watch.
/// \return null when no descriptor is left.
[[nodiscard]] actors::socket_watch watch_socket(const executor& on, answer_bell& bell, int socket);

} // namespace goloca::net
