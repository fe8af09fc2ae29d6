#pragma once
// What a ledger says of each point, once it was read to its end.

#include "net/client/ledger/ledger_record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace goloca::net::client {

/// How the service left a point, as far as its sender knows.
enum class point_state : std::uint8_t {
  open,    // sent, no final answer: it may be stored, or not
  acked,   // stored or duplicate; whatever else was answered before or after
  refused, // for good
};

class ledger_book {
public:
  struct entry {
    point_state state = point_state::open;
    bool id_given = false; // by `send`
  };

  void add(const ledger_record& one);
  void add(const ledger_book& other); // of other points

  [[nodiscard]] bool acked(const point_key& point) const;
  [[nodiscard]] const std::map<point_key, entry>& points() const { return points_; } // by id

private:
  std::map<point_key, entry> points_;
};

struct ledger_contents {
  ledger_book book;
  std::uint64_t whole_bytes = 0; // up to the last line end: what follows was torn off, and does not count
};

/// \return what the file holds, or why it is no ledger of points of that schema. An empty file is an empty ledger, and
/// so is one whose first line is not whole.
std::variant<ledger_contents, std::string> read_ledger(const std::string& path, const store::schema& of);

} // namespace goloca::net::client
