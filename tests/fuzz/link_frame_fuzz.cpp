// Frames of a link: whatever the bytes, a frame or a sentence; and what was read, written again, is read as the same.

#include "net/link/frame.hpp"
#include "tests/fuzz/law.hpp"

namespace {

using namespace goloca;
using reading = std::variant<net::link::frame, std::string>;

const std::shared_ptr<const store::schema>& schema_of(unsigned choice) {
  static const auto rides = store::rides_schema();
  static const auto sensors =
      std::get<std::shared_ptr<const store::schema>>(store::read_schema_file(GOLOCA_SENSOR_SCHEMA));
  return choice % 2 == 0 ? rides : sensors;
}

std::string bytes_of(const net::link::frame& what) {
  std::string bytes;
  append(bytes, what);
  return bytes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices input{data, size};
  const auto& schema = schema_of(input.byte());
  auto kind = static_cast<std::uint8_t>(input.byte() % 12);
  auto read = net::link::read_body(kind, input.rest(), schema);
  if (auto* wrong = std::get_if<std::string>(&read)) {
    fuzz::require(!wrong->empty(), "who refuses a frame says why");
    return 0;
  }
  const auto& what = std::get<net::link::frame>(read);
  auto again = bytes_of(what);
  fuzz::require(static_cast<std::uint8_t>(again.at(4)) == kind, "a frame is of the kind that its head says");
  auto second = net::link::read_body(kind, std::string_view{again}.substr(net::link::head_size), schema);
  fuzz::require(second.index() == 0, "what was written is read");
  fuzz::require(bytes_of(std::get<net::link::frame>(second)) == again, "and is the same");
  return 0;
}
