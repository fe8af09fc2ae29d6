#include "tests/support/fake_pool.hpp"

#include <utility>

namespace goloca::test {

actors::writer_pool::behavior_type run_fake_pool(actors::writer_pool::stateful_pointer<caf::unit_t> self,
                                                 std::shared_ptr<fake_pool_log> log) {
  return {
      [=](actors::insert_request& request) {
        log->requests.push_back(std::move(request));
        log->clients.push_back(self->current_sender());
      },
      [=](const actors::find_request& asked) -> caf::result<actors::find_result> {
        if (log->find) return log->find(asked.id);
        return self->make_response_promise<actors::find_result>();
      },
      [=](const actors::readiness_query& asked) {
        auto reason = log->writers > 0 ? "" : "no route to the database";
        return actors::readiness{asked.number, log->writers, 0, 10, true, "fake", reason};
      },
      [=](const actors::writer_ready& ready) {
        log->ready.push_back(ready.writer);
        log->capacities.push_back(ready.capacity);
      },
      [=](const actors::writer_leaving& gone) { log->leaving.push_back(gone.writer); },
      [=](const actors::writers_missing& missing) { log->missing.push_back(missing.reason); },
      [](const actors::dispatch_queued&) {},
      [](const actors::gather_ended&) {},
      [](const actors::tick&) {},
      [](const actors::pool_query&) { return actors::pool_status{}; },
  };
}

} // namespace goloca::test
