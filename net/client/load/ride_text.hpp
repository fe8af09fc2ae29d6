#pragma once
// The ride that the bench sends: one text for all ids, with the id patched in twice. No JSON library on this way: it is
// walked for every point.

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::net::load {

namespace ride {

inline constexpr std::string_view before_id = R"({"id":")";
inline constexpr std::string_view before_user = R"(","user_id":"u)";
inline constexpr std::string_view rest =
    R"(","vehicle_model_id":"12","package_id":1,"travel_type_id":2,"from_area_id":"83","to_area_id":"448",)"
    R"("from_city_id":"15","to_city_id":"1","from_date":1356998400000,"to_date":1357002000000,"online_booking":true,)"
    R"("mobile_site_booking":false,"booking_created":1356991200000,"from_lat":12.92415,"from_long":77.67229,)"
    R"("to_lat":12.92732,"to_long":77.63575,"Car_Cancellation":false})";

} // namespace ride

/// Decimal digits of a number.
class digits {
public:
  explicit digits(std::uint64_t of)
      : size_{static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), of).ptr -
                                       text_.data())} {}
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

private:
  std::array<char, 20> text_;
  std::size_t size_;
};

inline std::size_t ride_size(std::uint64_t id) {
  return ride::before_id.size() + ride::before_user.size() + ride::rest.size() + 2 * digits{id}.text().size();
}

inline void append_ride(std::uint64_t id, std::string& out) {
  digits number{id};
  out += ride::before_id;
  out += number.text();
  out += ride::before_user;
  out += number.text();
  out += ride::rest;
}

/// The bytes of append_rides.
inline std::size_t rides_size(std::uint64_t first, std::size_t count) {
  auto size = 1 + count; // brackets and commas
  for (std::size_t i = 0; i < count; ++i) size += ride_size(first + i);
  return size;
}

/// The rides of `count` ids from `first` on, as a JSON array; `count` is 1 or more.
inline void append_rides(std::uint64_t first, std::size_t count, std::string& out) {
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? '[' : ',';
    append_ride(first + i, out);
  }
  out += ']';
}

} // namespace goloca::net::load
