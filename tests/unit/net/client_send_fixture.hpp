#pragma once
// What the tests of `send` share: a run against the fake service, over both ways.

#include "client_fake_service.hpp"
#include "net/client/send.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace goloca::net::client {

using json = nlohmann::json;
using act = fake_service::action::kind;

struct sent {
  int code;
  std::string out;
  std::string err;
};

inline sent run(send_options options, const std::string& input) {
  std::istringstream in{input};
  std::ostringstream out;
  std::ostringstream err;
  if (options.file.empty()) options.file = "-";
  auto code = run_send(options, in, out, err);
  return {code, out.str(), err.str()};
}

inline std::string rides(int count) {
  std::string csv = "id,user_id,vehicle_model_id,from_lat\n";
  for (int i = 1; i <= count; ++i) csv += std::to_string(i) + ",u" + std::to_string(i) + ",12,12.5\n";
  return csv;
}

/// Both ways must do the same: every test of this suite runs over HTTP and over WebSocket.
struct sending_both_ways : testing::TestWithParam<bool> {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("client_send." + std::to_string(getpid()));
  sending_both_ways() { std::filesystem::create_directories(folder); }
  ~sending_both_ways() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] send_options options(const fake_service& to) const {
    send_options made;
    made.url = to.url();
    made.websocket = GetParam();
    made.batch = 10;
    made.window = 40;
    return made;
  }
  static std::vector<json> lines_of(const std::string& path) {
    std::ifstream file{path};
    std::vector<json> all;
    for (std::string line; std::getline(file, line);) all.push_back(json::parse(line));
    return all;
  }
};

inline std::string way_name(const testing::TestParamInfo<bool>& way) {
  return way.param ? "websocket" : "http";
}

} // namespace goloca::net::client
