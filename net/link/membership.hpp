#pragma once
// Which addresses the names of WRITERS mean now: asked again and again, because behind a name (Kubernetes' headless
// services) members come and go.

#include "net/executor.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace goloca::net::link {

struct member_name {
  std::string host; // a name, or a numeric address
  std::uint16_t port = 0;
};

struct membership_settings {
  std::vector<member_name> names;
  std::chrono::milliseconds period{5'000};
  std::function<void(std::vector<std::string>)> changed; // the addresses, host:port ([host]:port for IPv6), sorted,
                                                         // none twice: at first, and when they are others
  std::function<void(const std::string&)> log_warning;
};

/// A name that cannot be resolved keeps the addresses it had. All addresses of a name are members. Runs on the executor
/// from start() to stop() or its end; the asking is done off that thread.
class membership : public std::enable_shared_from_this<membership> {
public:
  membership(executor on, membership_settings with);
  ~membership();
  void start();
  void stop(); // any thread; `changed` may be called once more meanwhile

private:
  struct parts;
  std::shared_ptr<parts> parts_;
};

} // namespace goloca::net::link
