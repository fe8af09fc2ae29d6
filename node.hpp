#pragma once
// The composition root: names every part of a node and who watches it, starts them, and ends them in order.

#include "config.hpp"

#include <memory>

namespace goloca {

/// One node of the service. Exit codes (sysexits.h): 0 after a drain, 69 the store never came, 70 it could not go on,
/// 71 it could not listen, 78 the store does not fit the configuration.
class node {
public:
  explicit node(const config& from);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Serves until SIGTERM or SIGINT, or until it cannot go on; then drains. A second signal ends the process at once.
  int run();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace goloca
