#include "tests/support/stepped_store.hpp"

#include <poll.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace goloca::test {

namespace {

constexpr auto deadline = std::chrono::minutes{1}; // of one wait: the insert's own clock is shorter

class stepped_store final : public store::data_point_store {
public:
  explicit stepped_store(std::unique_ptr<store::data_point_store> of) : store_{std::move(of)} {}

  store::result<store::durability> prepare() override { return store_->prepare(); }
  store::result<std::shared_ptr<const store::row_block>> find(std::int64_t id) override { return store_->find(id); }
  std::optional<store::store_error> probe() override { return store_->probe(); }

  store::result<store::insert_result> insert(std::span<const store::row_view> points) override {
    auto* steps = store_->in_steps();
    if (steps == nullptr || !steps->begin(points)) throw std::logic_error{"this store cannot insert in steps"};
    for (;;) {
      auto step = steps->proceed();
      if (auto* done = std::get_if<store::insert_result>(&step)) return std::move(*done);
      if (auto* failed = std::get_if<store::store_error>(&step)) return std::move(*failed);
      if (std::holds_alternative<store::needs_thread>(step)) return steps->finish();
      wait(steps->socket(), std::get<store::socket_event>(step));
    }
  }

private:
  static void wait(int socket, store::socket_event event) {
    pollfd one{socket, static_cast<short>(event == store::socket_event::readable ? POLLIN : POLLOUT), 0};
    if (::poll(&one, 1, static_cast<int>(std::chrono::milliseconds{deadline}.count())) != 1) {
      throw std::runtime_error{"the socket never became ready"};
    }
  }

  std::unique_ptr<store::data_point_store> store_;
};

} // namespace

std::unique_ptr<store::data_point_store> stepped(std::unique_ptr<store::data_point_store> of) {
  return std::make_unique<stepped_store>(std::move(of));
}

} // namespace goloca::test
