#include "net/client/load/ride_text.hpp"
#include "net/client/load/server_response.hpp"
#include "net/client/load/wire.hpp"

namespace goloca::net::load {

namespace {

class http_wire final : public wire {
public:
  http_wire(const client::url& to, bool arrays)
      : head_{"POST " + to.prefix + (arrays ? "/datapoints" : "/add_datapoint") +
              " HTTP/1.1\r\nHost: " + to.authority() + "\r\nContent-Type: application/json\r\nContent-Length: "},
        arrays_{arrays} {}

  [[nodiscard]] std::string greeting() const override { return {}; }
  [[nodiscard]] bool welcomes(std::string_view /*head*/) const override { return true; }
  [[nodiscard]] std::string farewell() const override { return {}; }

  void append(ride_range rides, std::string& out) const override {
    out += head_;
    out += digits{arrays_ ? rides_size(rides.first, rides.count) : ride_size(rides.first)}.text();
    out += "\r\n\r\n";
    if (arrays_) return append_rides(rides.first, rides.count, out);
    append_ride(rides.first, out);
  }

  void append_text(std::string_view message, std::string& out) const override {
    out += head_;
    out += digits{message.size()}.text();
    out += "\r\n\r\n";
    out += message;
  }

  incoming next(std::string_view bytes, std::string& /*out*/) const override {
    auto response = read_server_response(bytes);
    if (response.is == server_response::state::partial) return {};
    if (response.is == server_response::state::wrong)
      return {.what = incoming::kind::broken, .why = "the service sent what is no HTTP response with a Content-Length"};
    return {incoming::kind::reply, response.body, response.status, response.size, {}};
  }

private:
  std::string head_; // up to the length
  bool arrays_;
};

} // namespace

std::unique_ptr<wire> speak_http(const client::url& to, bool arrays) {
  return std::make_unique<http_wire>(to, arrays);
}

} // namespace goloca::net::load
