#pragma once
// Chance that is the same everywhere for the same seed: no std distribution, whose results are each library's own.

#include <cstdint>
#include <vector>

namespace goloca::simulation {

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
class chance {
public:
  explicit chance(std::uint64_t seed) : state_{seed} {}

  std::uint64_t bits() {
    auto z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  /// 0 to limit − 1; limit is 1 or more. (The bias of the remainder is of no matter here.)
  std::uint64_t below(std::uint64_t limit) { return bits() % limit; }

  /// least to most, both included.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }

  /// True `times` in `of`.
  bool once_in(std::uint64_t of, std::uint64_t times = 1) { return below(of) < times; }

  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

private:
  std::uint64_t state_;
};

} // namespace goloca::simulation
