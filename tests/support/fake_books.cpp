#include "tests/support/fake_books.hpp"

namespace goloca::test {

actors::node_books::behavior_type run_fake_books(actors::node_books::stateful_pointer<caf::unit_t>,
                                                 std::shared_ptr<actors::account_book> book) {
  return {
      [book](const actors::account_report& told) { book->add(told); },
      [book](const actors::status_query& asked) {
        auto found = std::make_shared<actors::node_status>();
        book->copy_to(*found);
        return actors::status_told{asked.number, found, {}};
      },
      [book](const actors::pool_ended& end) { book->pools.end(end.last); },
      [book](const actors::writers_ended& end) { book->writers.end(end.last); },
  };
}

} // namespace goloca::test
