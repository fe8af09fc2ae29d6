#pragma once
// Transports of links that carry nothing: what an actor sends is kept, and what it hears is what the test says.

#include "actors/messages.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace goloca::test {

/// An edge's.
struct fake_line {
  std::string address;
  actors::link_ear hear; // says it to the link
  std::vector<actors::link_batch> batches{};
  std::vector<actors::link_find> finds{};
  int closes = 0;
};

/// \return how to dial; each line that is dialled is added to `lines`.
[[nodiscard]] actors::link_dialer fake_dialer(std::vector<std::shared_ptr<fake_line>>& lines);

/// What a writer would say to a batch of which each point has the same outcome.
[[nodiscard]] actors::link_result result_for(const actors::link_batch& batch,
                                             store::outcome what = store::outcome::stored);

/// A writer's.
struct fake_port {
  std::vector<actors::link_admitted> admitted{};
  std::vector<std::string> refusals{};
  std::vector<actors::link_result> results{};
  std::vector<actors::link_found> found{};
  int draining = 0;
};

[[nodiscard]] actors::host_port port_of(std::shared_ptr<fake_port> log);

/// A batch as an edge would send it.
[[nodiscard]] actors::link_batch batch_of(std::uint64_t sequence, const store::row_range& rows);

/// An edge's dialler that is wired to the hosts `of` an address, without a transport: what the one sends the other
/// hears, at once.
[[nodiscard]] actors::link_dialer direct_dialer(std::function<actors::link_hosts(const std::string& address)> of,
                                                actors::link_hello hello);

} // namespace goloca::test
