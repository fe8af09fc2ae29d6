#pragma once
// Storing points without a thread that waits for it: for a store that knows which socket it waits for.

#include "store/data_point_store.hpp"

#include <cstdint>
#include <span>
#include <variant>

namespace goloca::store {

/// What a socket is to be waited for.
enum class socket_event : std::uint8_t { readable, writable };

/// The rest takes questions that wait for their answers: finish() asks them, on a thread that may.
struct needs_thread {};

/// How far an insert is: it goes on once the socket is ready, it wants finish(), or this came of it.
using insert_step = std::variant<socket_event, needs_thread, insert_result, store_error>;

/// The other way into a data_point_store: one insert cut where it would block. Calls come one at a time, whatever their
/// threads, and never while a call of the store itself runs. The clock of an insert is begin's: when its time is up,
/// the socket becomes ready and proceed() returns the error.
class stepwise_insert {
public:
  virtual ~stepwise_insert() = default;

  /// What to watch: one number as long as the store lives. -1: it never waits.
  [[nodiscard]] virtual int socket() const = 0;

  /// Begins what data_point_store::insert does. It keeps the views; their blocks must stay until the end.
  /// \return false: not possible now, nothing was begun; insert() can.
  [[nodiscard]] virtual bool begin(std::span<const row_view> points) = 0;

  /// After begin, and again whenever the socket is ready, as long as it returns a socket_event. Never waits.
  [[nodiscard]] virtual insert_step proceed() = 0;

  /// After needs_thread. Blocks as data_point_store::insert does, with a clock of its own.
  [[nodiscard]] virtual result<insert_result> finish() = 0;
};

} // namespace goloca::store
