#pragma once
// The ids of one connection that the service has acknowledged.

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <random>
#include <vector>

namespace goloca::net::load {

/// Kept as ranges: ids are consecutive and replies come in order, so as long as nothing fails it is a single one.
class acked_ids {
public:
  void add(std::uint64_t id) {
    if (!ranges_.empty() && ranges_.back().end == id)
      ++ranges_.back().end;
    else
      ranges_.push_back({id, id + 1});
  }

  /// The first of `count` consecutive ids, by chance; nothing when there is no such run, or when it is not found soon.
  template <class Random>
  std::optional<std::uint64_t> pick(std::size_t count, Random& chance) const {
    constexpr int tries = 4; // each constant in time, however many failures tore the ranges
    for (int i = 0; i < tries && !ranges_.empty(); ++i) {
      const auto& from = ranges_[std::uniform_int_distribution<std::size_t>{0, ranges_.size() - 1}(chance)];
      if (from.end - from.first < count) continue;
      return std::uniform_int_distribution<std::uint64_t>{from.first, from.end - count}(chance);
    }
    return std::nullopt;
  }

  /// One a line.
  void write(std::ostream& to) const;

private:
  struct range {
    std::uint64_t first, end;
  };
  std::vector<range> ranges_;
};

} // namespace goloca::net::load
