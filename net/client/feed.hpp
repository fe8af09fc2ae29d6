#pragma once
// Reads points ahead on a thread of its own, so that a slow pipe never keeps replies waiting.

#include "net/client/point_source.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace goloca::net::client {

/// One thread (the one that made it) calls the functions. The source is the feed's thread's alone.
class feed {
public:
  /// \param ahead     items that may wait here, 1 or more.
  /// \param on_ready  called on the feed's thread when items came to be, or the end; never after the destructor began.
  feed(std::unique_ptr<point_source> from, std::size_t ahead, std::function<void()> on_ready);

  /// Stops reading. A thread that is stuck in a read of the stream for longer than a moment is left behind.
  ~feed();

  feed(const feed&) = delete;
  feed& operator=(const feed&) = delete;

  /// The next item, if one is there now. A stream that failed ends with an item that has that as its fault.
  std::optional<item> poll();

  /// Nothing is here and nothing will come.
  [[nodiscard]] bool ended() const;

  [[nodiscard]] std::uint64_t consumed() const; // bytes read

private:
  struct shared;
  static void run(const std::shared_ptr<shared>& with);

  std::shared_ptr<shared> shared_; // with the thread, which may outlive us
};

} // namespace goloca::net::client
