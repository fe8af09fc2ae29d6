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

void expect_given_up(raw_client& deaf) {
  try {
    deaf.write(std::string(std::size_t{64} << 20, 'x'));
    ADD_FAILURE() << "it is still read from";
  } catch (const std::runtime_error& ended) {
    EXPECT_EQ(std::string{ended.what()}.find("timed out"), std::string::npos) << ended.what();
  }
}

} // namespace goloca::test
