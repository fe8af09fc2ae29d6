#include "store/data_point_store.hpp"

namespace goloca::store {

std::string to_string(outcome what) {
  switch (what) {
  case outcome::stored:
    return "stored";
  case outcome::duplicate:
    return "duplicate";
  case outcome::conflict:
    return "conflict";
  case outcome::invalid:
    return "invalid";
  }
  return "?";
}

std::string to_string(error_kind what) {
  switch (what) {
  case error_kind::unavailable:
    return "unavailable";
  case error_kind::unknown:
    return "unknown";
  case error_kind::unfit:
    return "unfit";
  }
  return "?";
}

} // namespace goloca::store
