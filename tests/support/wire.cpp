#include "tests/support/wire.hpp"

#include "tests/support/ride_table.hpp"

#include <chrono>
#include <stdexcept>

namespace goloca::test {

nlohmann::json point(std::int64_t id) {
  return {{"id", std::to_string(id)}, {"user_id", "22177"}, {"vehicle_model_id", "28"}, {"from_lat", 12.92415}};
}

std::string next_point() {
  static std::int64_t id = 9'000'000;
  return point(++id).dump();
}

std::string bytes_of(const std::vector<std::uint8_t>& from) {
  return {from.begin(), from.end()};
}

int rows_in(const running_goloca& service) {
  return static_cast<int>(count_in_sqlite(service.sqlite_path()));
}

std::unique_ptr<raw_client> let_in(const running_goloca& service) {
  for (auto until = std::chrono::steady_clock::now() + usual_patience; std::chrono::steady_clock::now() < until;) {
    auto client = std::make_unique<raw_client>(service.port());
    if (client->get("/healthz").status == 200) return client;
  }
  throw std::runtime_error("nobody is let in");
}

void expect_given_up(raw_client& deaf, std::string_view message, const std::function<void()>& others_are_served) {
  constexpr auto most = std::size_t{64} << 20; // the kernel's buffers for it grow, but not to that
  constexpr std::chrono::milliseconds quiet{100};
  auto taken = deaf.write_until_stuck(message, quiet, most);
  others_are_served();
  for (auto until = std::chrono::steady_clock::now() + usual_patience; std::chrono::steady_clock::now() < until;) {
    taken = deaf.write_until_stuck(message, quiet, most, taken);
    if (deaf.write_failed() || taken >= most) break;
  }
  EXPECT_LT(taken, most) << "it is read from for ever";
  EXPECT_TRUE(deaf.write_failed()) << "it is not given up";
  others_are_served();
}

} // namespace goloca::test
