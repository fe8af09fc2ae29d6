#pragma once
// The two ends of links on real sockets and threads: a writer node's port with hosts that a test scripts, and edges
// whose ears take notes.

#include "actors/messages.hpp"
#include "net/io_threads.hpp"
#include "net/link/dialer.hpp"
#include "net/link/link_listener.hpp"
#include "tests/support/certificate_authority.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch_folder.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace goloca::test {

/// What the fake hosts have seen, and what they do. Thread-safe but for the script, which is set before anybody comes.
struct host_log {
  // -- the script: nothing set, every hello is welcome and every batch is stored
  std::function<std::optional<std::string>(const actors::link_hello&)> refuse{};
  std::atomic<bool> answers_hellos = true;
  std::atomic<bool> answers_batches = true;

  // -- the notes
  mutable std::mutex mutex{};
  std::vector<actors::open_link> asked{};
  std::vector<actors::link_host> hosts{};
  std::vector<actors::link_batch> batches{};
  std::vector<actors::link_find> finds{};
  std::size_t gone = 0; // hosts whose edge went

  template <class Write>
  void note(Write what) {
    std::lock_guard lock{mutex};
    what();
  }
  template <class Look>
  auto look(Look at) const {
    std::lock_guard lock{mutex};
    return at(*this);
  }
};

actors::link_hosts::behavior_type run_fake_hosts(actors::link_hosts::stateful_pointer<caf::unit_t> self,
                                                 std::shared_ptr<host_log> log);

/// What an edge has heard. Thread-safe.
class ear_log {
public:
  void add(actors::link_event what);

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::lock_guard lock{mutex_};
    std::vector<Event> found;
    for (const auto& each : events_) {
      if (const auto* of_kind = std::get_if<Event>(&each)) found.push_back(*of_kind);
    }
    return found;
  }
  [[nodiscard]] std::size_t count() const;

  /// Waits for that many events of the kind. \return whether they came.
  template <class Event>
  [[nodiscard]] bool heard(std::size_t many = 1) const {
    return eventually([&] { return all<Event>().size() >= many; });
  }

  /// Waits for the end. \return its reason; "(no end)" when none comes.
  [[nodiscard]] std::string end() const;

private:
  mutable std::mutex mutex_;
  std::vector<actors::link_event> events_;
};

struct edge_end {
  std::shared_ptr<ear_log> ear;
  actors::link_port send;
};

class link_ends {
public:
  explicit link_ends(net::link::link_settings bounds = {});
  ~link_ends();
  link_ends(const link_ends&) = delete;
  link_ends& operator=(const link_ends&) = delete;

  /// Opens the writer's port; without a call there is none.
  void listen(const std::string& address = "127.0.0.1");

  [[nodiscard]] edge_end dial(const std::string& address) const;
  [[nodiscard]] edge_end dial() const { return dial("127.0.0.1:" + std::to_string(port())); }
  /// Dials with other credentials.
  [[nodiscard]] edge_end dial(const std::string& address, std::shared_ptr<net::link::credentials> identity) const;

  /// A link that is up; throws when it does not come.
  [[nodiscard]] edge_end linked() const;

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  [[nodiscard]] net::link::link_listener& listener() { return *listener_; }
  [[nodiscard]] net::io_threads& threads() { return threads_; }
  [[nodiscard]] host_log& hosts() { return *hosts_; }
  [[nodiscard]] const certificate_authority& authority() const { return authority_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] actors::link_hello hello() const;

  /// An identity with a certificate of the authority, or of another one.
  [[nodiscard]] std::shared_ptr<net::link::credentials> identity(const std::string& name, validity good = {});
  [[nodiscard]] std::shared_ptr<net::link::credentials> foreign_identity(const std::string& name);

  [[nodiscard]] std::vector<std::string> warnings() const;
  /// Waits until a warning contains that.
  [[nodiscard]] bool warned(const std::string& of) const;

  void stop(); // the threads, as at a node's end

private:
  struct actor_settings : caf::actor_system_config {
    actor_settings();
  };
  struct warning_list {
    std::mutex mutex;
    std::vector<std::string> lines;
  };
  [[nodiscard]] std::function<void(const std::string&)> log() const;

  net::link::link_settings bounds_;
  scratch_folder folder_;
  certificate_authority authority_;
  std::shared_ptr<warning_list> warnings_ = std::make_shared<warning_list>();
  std::shared_ptr<host_log> hosts_ = std::make_shared<host_log>();
  net::service service_;
  net::io_threads threads_{service_, 2};
  std::shared_ptr<net::link::link_listener> listener_;
  std::shared_ptr<net::link::credentials> edge_identity_;
  actor_settings for_actors_;
  caf::actor_system actors_{for_actors_};
  actors::link_hosts parent_;
};

/// A batch of rides with these ids, `padding` bytes of text in each.
[[nodiscard]] actors::link_batch batch_of(std::uint64_t sequence, std::int64_t first_id, std::uint32_t count,
                                          std::size_t padding = 5);

/// Times of a test that waits for their end.
[[nodiscard]] net::link::link_settings short_times();

} // namespace goloca::test
