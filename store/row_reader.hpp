#pragma once
// Reads the stored rows beside a running service, for who checks on it.

#include "store/data_point_store.hpp"
#include "store/open_store.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace goloca::store {

/// Used by one thread. Every call blocks, statement_timeout at most. Changes nothing and locks nothing: the service may
/// write meanwhile: what was committed before a call began is seen by it, what comes later may be. After an error it is
/// of no further use.
class row_reader {
public:
  using rows = result<std::shared_ptr<const row_block>>;

  virtual ~row_reader() = default;

  /// The rows of those ids that there are, in any order. \param ids  each once
  virtual rows find(std::span<const std::int64_t> ids) = 0;

  /// The next rows in the order of their ids, past this one: a thousand or fewer, and none at the end of the table.
  virtual rows after(std::int64_t id) = 0;
};

/// \error unavailable  no such file, no such server
/// \error unfit        no such table or column, wrong settings
result<std::unique_ptr<row_reader>> open_reader(const store_settings& settings, std::shared_ptr<const schema> of);

} // namespace goloca::store
