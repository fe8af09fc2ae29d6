#include "tests/simulation/shrink.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

namespace goloca::simulation {

namespace {

constexpr std::uint64_t other_chances = 40; // that a part may take to fail

/// `pieces` without its `part`-th of `parts`.
std::vector<std::size_t> without(const std::vector<std::size_t>& pieces, std::size_t part, std::size_t parts) {
  auto rest = pieces;
  auto from = static_cast<std::ptrdiff_t>(part * pieces.size() / parts);
  auto to = static_cast<std::ptrdiff_t>((part + 1) * pieces.size() / parts);
  rest.erase(rest.begin() + from, rest.begin() + to);
  return rest;
}

/// What a promise is called: "1 durable", from "1 durable: …".
std::string name_of(const std::string& broken) {
  return broken.substr(0, broken.find(':'));
}

} // namespace

std::vector<std::size_t> fewest(std::size_t count, const std::function<bool(const std::vector<std::size_t>&)>& fails) {
  std::vector<std::size_t> left(count);
  std::iota(left.begin(), left.end(), 0);
  for (std::size_t parts = 2; !left.empty();) {
    parts = std::min(parts, left.size());
    auto smaller = false;
    for (std::size_t part = 0; part < parts && !smaller; ++part) {
      auto rest = without(left, part, parts);
      if (!fails(rest)) continue;
      left = std::move(rest);
      parts = std::max<std::size_t>(parts - 1, 2);
      smaller = true;
    }
    if (smaller) continue;
    if (parts == left.size()) break;
    parts *= 2;
  }
  return left;
}

small_failure shrink(const script& failing, std::uint64_t chance) {
  auto how = play(failing, chance);
  auto wanted = name_of(*how.broken);
  auto fails = [&](const script& part, std::uint64_t with) -> std::optional<ending> {
    auto played = play(part, with);
    if (!played.broken || name_of(*played.broken) != wanted) return std::nullopt;
    return played;
  };
  auto fails_somehow = [&](const std::vector<std::size_t>& pieces) {
    auto part = part_of(failing, pieces);
    if (fails(part, chance)) return true;
    for (std::uint64_t other = 1; other <= other_chances; ++other) {
      if (fails(part, other)) return true;
    }
    return false;
  };
  small_failure least{fewest(pieces_of(failing), fails_somehow), chance, how};
  auto part = part_of(failing, least.pieces);
  auto first = true;
  auto note_if_shorter = [&](std::uint64_t with) {
    auto played = fails(part, with);
    if (!played || (!first && played->steps >= least.how.steps)) return;
    least.chance = with;
    least.how = *played;
    first = false;
  };
  note_if_shorter(chance);
  for (std::uint64_t other = 1; other <= other_chances; ++other) note_if_shorter(other);
  return least;
}

} // namespace goloca::simulation
