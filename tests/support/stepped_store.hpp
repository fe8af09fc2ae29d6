#pragma once
// A store whose inserts go step by step, as a writer without a thread has them, behind the calls that tests make.

#include "store/stepwise_insert.hpp"

#include <memory>

namespace goloca::test {

/// \param of  prepared, and a store with in_steps().
[[nodiscard]] std::unique_ptr<store::data_point_store> stepped(std::unique_ptr<store::data_point_store> of);

} // namespace goloca::test
