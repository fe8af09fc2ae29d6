#pragma once
// The supervisor of a writer, as far as a writer sees it: it keeps what it is told.

#include "actors/db_writer.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace goloca::test {

struct writer_log {
  std::vector<actors::writer_ready> ready{};
};

inline actors::writer_watcher::behavior_type run_writer_log(actors::writer_watcher::stateful_pointer<caf::unit_t>,
                                                            std::shared_ptr<writer_log> log) {
  return {[log](actors::writer_ready& ready) { log->ready.push_back(std::move(ready)); }};
}

} // namespace goloca::test
