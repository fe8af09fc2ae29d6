#pragma once
// SQLSTATE → what it means to us: the only table.

#include "store/data_point_store.hpp"

#include <string_view>

namespace goloca::store {

enum class sqlstate_class : std::uint8_t {
  data,        // this point can never be stored: its batch is halved until it stands alone
  unavailable, // error_kind::unavailable
  unfit,       // error_kind::unfit
  unknown,     // no rule: error_kind::unknown, retried
};

/// \param sqlstate  five characters as the server sent them, or empty when no server answered.
[[nodiscard]] sqlstate_class classify_sqlstate(std::string_view sqlstate);

/// The kind of a store_error with that SQLSTATE. A data fault that is not about one point is unknown: nothing that is
/// not understood is called permanent.
[[nodiscard]] error_kind kind_of_sqlstate(std::string_view sqlstate);

} // namespace goloca::store
