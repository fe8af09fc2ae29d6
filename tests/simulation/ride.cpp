#include "tests/simulation/ride.hpp"

namespace goloca::simulation {

namespace {

constexpr double latitude = 12.5;

std::string user_of(const point& which) {
  return (which.what == point::kind::without_id ? "nobody " : "user ") + std::to_string(which.id);
}

} // namespace

std::string point::content() const {
  return user_of(*this) + (other ? ", from 12.5" : "");
}

void append(store::row_block& to, const point& which) {
  const auto& schema = to.of();
  static const auto user = schema.find("user_id");
  static const auto vehicle = schema.find("vehicle_model_id");
  static const auto from = schema.find("from_lat");
  to.begin_row();
  if (which.what == point::kind::invalid) return to.mark_invalid({"not a ride", {}, {}});
  to.set_text(user, user_of(which));
  to.set_text(vehicle, "12");
  if (which.other) to.set_real(from, latitude);
  if (which.what == point::kind::without_id)
    to.assign_id(which.assigned);
  else
    to.set_integer(schema.key(), which.id);
}

std::string content_of(store::row_view row) {
  static const auto user = row.of().find("user_id");
  static const auto from = row.of().find("from_lat");
  std::string content{row.text(user)};
  if (!row.is_null(from)) content += row.real(from) == latitude ? ", from 12.5" : ", from elsewhere";
  return content;
}

std::string to_string(const point& which) {
  switch (which.what) {
  case point::kind::invalid:
    return "an invalid one";
  case point::kind::without_id:
    return "one without id (" + std::to_string(which.id) +
           (which.assigned == 0 ? ")" : ", given " + std::to_string(which.assigned) + ")");
  case point::kind::usual:
    break;
  }
  return std::to_string(which.id) + (which.other ? " with other content" : "");
}

} // namespace goloca::simulation
