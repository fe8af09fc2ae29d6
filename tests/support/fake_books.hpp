#pragma once
// The node supervisor as its children see it: it adds up what it is told, and answers every question with nothing.

#include "actors/account_book.hpp"
#include "actors/messages.hpp"

#include <memory>

namespace goloca::test {

actors::node_books::behavior_type run_fake_books(actors::node_books::stateful_pointer<caf::unit_t> self,
                                                 std::shared_ptr<actors::account_book> book);

} // namespace goloca::test
