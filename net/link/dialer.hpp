#pragma once
// An edge's transport: dials a writer, says hello, and carries what the link's actor sends and hears.

#include "actors/link_messages.hpp"
#include "net/io_threads.hpp"
#include "net/link/credentials.hpp"
#include "net/link/link_settings.hpp"
#include "store/schema.hpp"

#include <memory>

namespace goloca::net::link {

struct dialer_settings {
  link_settings bounds;
  actors::link_hello hello;
  std::shared_ptr<const store::schema> schema;
  std::shared_ptr<credentials> identity;
};

/// \return how a link is dialled: each on one of the threads, in turn. The threads outlive it.
[[nodiscard]] actors::link_dialer make_dialer(io_threads& threads, dialer_settings with);

} // namespace goloca::net::link
