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

/// What a name is, when it is known; on the executor that asked. Empty `addresses`: why it is not known.
struct name_found {
  std::vector<asio::ip::address> addresses;
  std::string fault;
};
using name_lookup = std::function<void(const std::string& host, std::function<void(name_found)>)>;

/// By the system's resolver, off the thread. Names are looked up one after the other.
[[nodiscard]] name_lookup look_up_on(const executor& on);

struct membership_settings {
  std::vector<member_name> names;
  std::chrono::milliseconds period{5'000};
  std::function<void(std::vector<std::string>)> changed; // the addresses, host:port ([host]:port for IPv6), sorted,
                                                         // none twice: when the first are known, and when they are
                                                         // others
  std::function<void(const std::string&)> log_warning;
  name_lookup look_up = {}; // not set: look_up_on the executor
};

/// A name that cannot be resolved keeps the addresses it had; it holds up no other. All addresses of a name are
/// members. Runs on the executor from start() to stop() or its end.
class membership : public std::enable_shared_from_this<membership> {
public:
  membership(const executor& on, membership_settings with);

  void start(); // any thread
  void stop();  // any thread; `changed` may be called once more meanwhile

private:
  struct member {
    member_name name;
    std::vector<std::string> addresses = {}; // as last known
    std::string fault = {};                  // of the last lookup; empty: none
    bool asking = false;
  };
  void look();
  void learn(member& of, name_found found);
  void tell();

  executor on_;
  membership_settings with_;
  timer next_;
  std::vector<member> members_;
  std::vector<std::string> told_;
  bool stopped_ = false;
};

} // namespace goloca::net::link
