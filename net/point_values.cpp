// point_reader's values: what each field takes, and what is said of the rest.

#include "net/point_reader.hpp"
#include "net/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace goloca::net {

using store::column_type;
using store::field;

namespace {

constexpr double exact_integers = 9007199254740992.0; // 2^53: above it a double may stand for several integers

template <class Number>
std::string print(Number value) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

bool is_integer_notation(std::string_view digits) {
  return !digits.empty() && digits.find_first_of(".eE") == std::string_view::npos;
}

std::string quoted(std::string_view value) {
  return '"' + excerpt(value) + '"';
}

/// What a field takes, for "… is not <this>".
std::string expectation(const field& of) {
  switch (of.type) {
  case column_type::text:
    return of.takes_integer ? "a string or an integer" : "a string";
  case column_type::boolean:
    return of.takes_integer ? "true, false, 0 or 1" : "true or false";
  case column_type::double_precision:
    return "a number";
  default:
    return of.takes_string ? of.takes_integer ? "an integer or a string of digits" : "a string of digits"
                           : "an integer";
  }
}

std::string range_of(const field& of) {
  if (of.type == column_type::double_precision) return print(of.least) + " and " + print(of.most);
  return print(of.minimum) + " and " + print(of.maximum);
}

} // namespace

const field* point_reader::target(std::string_view what) {
  if (depth_ == item_depth_) { // where an item should be
    if (admit_item()) to_->mark_invalid({std::string{what} + " is not an object", {}, {}});
    return nullptr;
  }
  return depth_ == item_depth_ + 1 && field_ != none ? &(*fields_)[field_] : nullptr;
}

bool point_reader::null() {
  target("null");
  return !failed_;
}

bool point_reader::boolean(bool value) {
  if (const auto* of = target("a boolean")) {
    if (of->type == column_type::boolean)
      to_->set_boolean(field_, value);
    else
      misfit(*of, value ? "true" : "false");
  }
  return !failed_;
}

bool point_reader::number_integer(std::int64_t value) {
  if (const auto* of = target("a number")) put_integer(*of, value);
  return !failed_;
}

bool point_reader::number_unsigned(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(INT64_MAX)) return number_integer(static_cast<std::int64_t>(value));
  return number_float(static_cast<double>(value), print(value));
}

bool point_reader::number_float(double value, std::string_view digits) {
  const auto* of = target("a number");
  if (of == nullptr) return !failed_;
  if (of->type == column_type::double_precision) {
    put_real(*of, value, digits);
  } else if (is_integer_notation(digits)) { // of more than 63 bits
    if (of->type == column_type::text && of->takes_integer)
      put_text(*of, digits);
    else if (of->type == column_type::text || of->type == column_type::boolean)
      misfit(*of, excerpt(digits));
    else
      out_of_range(*of, excerpt(digits));
  } else if (std::abs(value) < exact_integers && value == std::trunc(value)) {
    put_integer(*of, static_cast<std::int64_t>(value));
  } else {
    misfit(*of, digits.empty() ? print(value) : excerpt(digits));
  }
  return !failed_;
}

bool point_reader::string(std::string_view value) {
  const auto* of = target("a string");
  if (of == nullptr) return !failed_;
  if (of->type == column_type::text)
    put_text(*of, value);
  else if (of->takes_string)
    put_key(*of, value);
  else
    misfit(*of, quoted(value));
  return true;
}

bool point_reader::foreign(std::string_view what) {
  if (const auto* of = target(what)) misfit(*of, what);
  return !failed_;
}

void point_reader::put_integer(const field& of, std::int64_t value) {
  switch (of.type) {
  case column_type::double_precision:
    return put_real(of, static_cast<double>(value), {});
  case column_type::text:
    return of.takes_integer ? put_text(of, print(value)) : misfit(of, print(value));
  case column_type::boolean:
    if (!of.takes_integer || value < 0 || value > 1) return misfit(of, print(value));
    return to_->set_boolean(field_, value != 0);
  default:
    if (!of.takes_integer) return misfit(of, print(value)); // an id that must be a string
    if (value < of.minimum || value > of.maximum) return out_of_range(of, print(value));
    to_->set_integer(field_, value);
  }
}

void point_reader::put_real(const field& of, double value, std::string_view digits) {
  if (!std::isfinite(value) && digits.empty()) return misfit(of, print(value)); // binary formats have NaN and infinity
  if (!std::isfinite(value)) return fault(of.member, excerpt(digits) + " is beyond what a DOUBLE PRECISION holds");
  if (value < of.least || value > of.most) return out_of_range(of, print(value));
  to_->set_real(field_, value);
}

void point_reader::put_text(const field& of, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return fault(of.member, "holds a NUL character");
  if (value.size() > of.max_length || value.size() / 4 < of.min_length) { // in bytes: else it need not be counted
    auto length = code_points(value);
    if (length > of.max_length)
      return fault(of.member, "has " + print(length) + " characters, at most " + print(of.max_length) + " are allowed");
    if (length < of.min_length)
      return fault(of.member, length == 0 ? "is empty"
                                          : "has " + print(length) + " characters, at least " + print(of.min_length) +
                                                " are needed");
  }
  to_->set_text(field_, value);
}

/// The id as a string: digits without a leading zero.
void point_reader::put_key(const field& of, std::string_view digits) {
  std::int64_t id = 0;
  const char* end = digits.data() + digits.size();
  auto [at, error] = std::from_chars(digits.data(), end, id);
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool plain = !digits.empty() && std::ranges::all_of(digits, is_digit) && digits[0] != '0';
  if (!plain) return fault(of.member, quoted(digits) + " is not a string of digits without a leading zero");
  if (error != std::errc{} || at != end || id < of.minimum || id > of.maximum) return out_of_range(of, excerpt(digits));
  to_->set_integer(field_, id);
}

// -- faults ----------------------------------------------------------------------------------------

/// The first fault of an item is the one that its reply tells.
void point_reader::fault(std::string_view member, std::string_view why) {
  if (faulty_) return;
  faulty_ = true;
  fault_ = {std::string{member}.append(": ").append(why), std::string{member}, {}};
}

void point_reader::misfit(const field& of, std::string_view value) {
  if (!faulty_) fault(of.member, std::string{value} + " is not " + expectation(of));
}

void point_reader::out_of_range(const field& of, std::string_view value) {
  if (!faulty_) fault(of.member, std::string{value} + " is not between " + range_of(of));
}

} // namespace goloca::net
