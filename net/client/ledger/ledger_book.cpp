#include "net/client/ledger/ledger_book.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace goloca::net::client {

void ledger_book::add(const ledger_record& one) {
  auto& point = points_[one.point];
  point.id_given |= one.id_given;
  if (point.state == point_state::acked) return;
  if (one.what == ledger_record::kind::sent) {
    point.state = point_state::open; // also when it had been refused: this time it may be taken
  } else if (one.verdict == point_reply::verdict::stored || one.verdict == point_reply::verdict::duplicate) {
    point.state = point_state::acked;
  } else if (one.verdict == point_reply::verdict::refused) {
    point.state = point_state::refused;
  }
}

void ledger_book::add(const ledger_book& other) {
  points_.insert(other.points_.begin(), other.points_.end());
}

bool ledger_book::acked(const point_key& point) const {
  auto found = points_.find(point);
  return found != points_.end() && found->second.state == point_state::acked;
}

namespace {

std::string fault_of_first(const std::string& line, const store::schema& of) {
  if (line == first_line(of)) return {};
  if (line.starts_with("goloca-ledger 1 "))
    return "it was written with another schema: say which by --schema, or name another file";
  return "this is no ledger of goloca send";
}

} // namespace

std::variant<ledger_contents, std::string> read_ledger(const std::string& path, const store::schema& of) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return path + ": " + std::strerror(errno);
  ledger_contents read;
  std::uint64_t number = 0;
  for (std::string line; std::getline(file, line) && !file.eof();) { // at its end: a line without end
    ++number;
    read.whole_bytes += line.size() + 1;
    if (number == 1) {
      auto fault = fault_of_first(line, of);
      if (!fault.empty()) return path + ": " + fault;
    } else if (auto record = read_record(line)) {
      read.book.add(*record);
    } else {
      return path + ':' + std::to_string(number) + ": this line is no record of a ledger";
    }
  }
  if (file.bad()) return path + ": " + std::strerror(errno);
  return read;
}

} // namespace goloca::net::client
