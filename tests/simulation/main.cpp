// The simulation's command line: plays seeds until a promise breaks, then says which and how little it takes.
#include "tests/simulation/capacity.hpp"
#include "tests/simulation/shrink.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>
#ifdef GOLOCA_ASAN
#  include <sanitizer/common_interface_defs.h>
#endif

namespace {

using namespace goloca::simulation;

struct options {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  std::vector<std::size_t> only{}; // pieces; empty: all
  std::uint64_t chance = 0;        // 0: the seed
  std::size_t capacity = 0;        // instead: what up to so many edges and as many writer nodes carry
  std::size_t clusters = 0;        // at most so many edges and writer nodes; 0: mostly nodes by themselves
  bool trace = false;
  bool shrinks = true;
  bool expects_failure = false;
};

std::uint64_t playing = 0; // the seed, for a crash to name

/// A crash of the code under test is a failure with a seed, too.
void name_seed() {
  std::array<char, 64> line{};
  auto seed = static_cast<unsigned long long>(playing);
  auto length = std::snprintf(line.data(), line.size(), "crashed at seed %llu\n", seed);
  [[maybe_unused]] auto written = write(STDERR_FILENO, line.data(), static_cast<std::size_t>(length));
}

void name_seed_of_a_crash() {
#ifdef GOLOCA_ASAN // it has handlers of its own, which say more
  __sanitizer_set_death_callback(name_seed);
#else
  for (auto each : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(each, [](int signal) {
      name_seed();
      std::signal(signal, SIG_DFL);
      std::raise(signal);
    });
  }
#endif
}

void print_how(std::uint64_t seed, const script& whole, const ending& how, const options& with) {
  auto least = shrink(whole, seed);
  auto part = part_of(whole, least.pieces);
  std::cout << "  shrunk from " << pieces_of(whole) << " pieces and " << how.steps << " steps to "
            << least.pieces.size() << " and " << least.how.steps << ": " << *least.how.broken << "\n  "
            << to_string(part.with) << '\n';
  for (const auto& each : part.happenings) std::cout << "  " << to_string(each) << '\n';
  std::cout << "  see it: simulation --seed " << seed
            << (with.clusters == 0 ? "" : " --clusters " + std::to_string(with.clusters)) << " --chance "
            << least.chance << " --only ";
  for (std::size_t i = 0; i < least.pieces.size(); ++i) std::cout << (i == 0 ? "" : ",") << least.pieces[i];
  std::cout << " --trace" << std::endl;
}

/// \return whether all promises were kept
bool play_seed(std::uint64_t seed, const options& with) {
  auto whole = with.clusters == 0 ? script_of(seed) : cluster_script_of(seed, with.clusters);
  if (!with.only.empty()) whole = part_of(whole, with.only);
  if (with.trace) {
    std::cout << to_string(whole.with) << '\n';
    for (const auto& each : whole.happenings) std::cout << to_string(each) << '\n';
  }
  auto how = play(whole, with.chance == 0 ? seed : with.chance, with.trace ? &std::cout : nullptr);
  if (!how.broken) return true;
  std::cout << "seed " << seed << ": promise " << *how.broken << std::endl;
  if (with.shrinks && with.only.empty() && with.chance == 0) print_how(seed, whole, how, with);
  return false;
}

int play_all(const options& with) {
  std::uint64_t broken = 0;
  for (playing = with.first; playing <= with.last; ++playing) {
    if (play_seed(playing, with)) continue;
    if (with.expects_failure) return 0;
    if (++broken == 3) break; // more of them are rarely news
  }
  if (!with.trace) std::cout << with.last - with.first + 1 << " seeds, " << broken << " broken" << std::endl;
  return with.expects_failure || broken > 0 ? 1 : 0;
}

/// Sizes that double, up to the one that was asked for.
void print_capacities(std::size_t most) {
  std::cout << "edges and writers   points/s   of linear\n";
  auto alone = capacity_of({});
  for (std::size_t size = 1; size <= most; size *= 2) {
    capacity_settings with;
    with.edges = with.writers = size;
    auto carried = capacity_of(with);
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), "%17zu %10.0f %11.2f\n", size, carried,
                  carried / (alone * static_cast<double>(size)));
    std::cout << line.data() << std::flush;
  }
}

/// "7..9"
void read_range(const std::string& text, options& to) {
  auto dots = text.find("..");
  if (dots == std::string::npos) throw CLI::ValidationError{"--seeds", "wants A..B"};
  to.first = std::stoull(text.substr(0, dots));
  to.last = std::stoull(text.substr(dots + 2));
}

} // namespace

int main(int argc, char** argv) {
  options with;
  CLI::App app{"Plays goloca's actors in virtual time, a life a seed, and holds them to their promises"};
  auto* seed = app.add_option("--seed", with.first, "The one to play");
  app.add_option_function<std::string>(
         "--seeds", [&](const auto& text) { read_range(text, with); }, "A..B, both included")
      ->excludes(seed);
  app.add_option(
      "--clusters", with.clusters,
      "Each seed's life is one of a cluster, of at most so many edges and as many writer nodes (else one in 24 is)");
  app.add_option("--capacity", with.capacity,
                 "Instead: what 1, 2, 4 edges and as many writer nodes carry, up to so many, each with 5 % of a core");
  app.add_option("--only", with.only, "Pieces of the script, the others are left out")->delimiter(',');
  app.add_option("--chance", with.chance, "Decides what happens next, instead of the seed");
  app.add_flag("--trace", with.trace, "Print each step");
  app.add_flag("!--no-shrink", with.shrinks, "Do not look for fewer steps");
  app.add_flag("--expect-failure", with.expects_failure, "Stop at the first, and fail when there is none");
  CLI11_PARSE(app, argc, argv);
  if (*seed) with.last = with.first;
  if (with.trace) std::cout << std::unitbuf; // a crash shall not take the last steps along
  name_seed_of_a_crash();
  if (with.capacity > 0) return print_capacities(with.capacity), 0;
  return play_all(with);
}
