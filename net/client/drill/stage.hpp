#pragma once
// The parts of one run, as its fault wants them.

#include "net/client/drill/run.hpp"

#include "store/open_store.hpp"

#include <memory>
#include <optional>

namespace goloca::net::drill {

/// Set up by the constructor, goloca included, and taken down by the destructor.
class stage {
public:
  /// \throw not_possible, drill_failure, interrupted
  stage(const row& which, const setup& with, std::filesystem::path folder);

  [[nodiscard]] scene& all() { return *scene_; }

  /// Waits, and looks after goloca meanwhile. False when the condition does not come to hold in time.
  template <class Condition>
  bool await(milliseconds patience, Condition holds) {
    return wait_until(patience, [&] {
      goloca_->look_after();
      return holds();
    });
  }

  /// The store as goloca's successor would find it: with PostgreSQL as its superuser.
  [[nodiscard]] store::store_settings to_read() const;

private:
  void set_up_postgres(const setup& with);
  [[nodiscard]] environment settings_of_goloca() const;
  [[nodiscard]] std::filesystem::path home_of_the_store() const { return disk_ ? disk_->path() : folder_; }

  std::filesystem::path folder_;
  staging wanted_;
  std::unique_ptr<small_disk> disk_;
  std::unique_ptr<postgres_server> postgres_;
  std::unique_ptr<gate> way_;
  std::unique_ptr<service> goloca_;
  std::optional<scene> scene_;
};

} // namespace goloca::net::drill
