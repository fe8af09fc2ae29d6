#include "store/fault.hpp"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

namespace goloca::faults {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct entry {
  named which;
  std::string_view name;
  std::string_view meaning;
  milliseconds delay = {};
};

constexpr std::array<entry, count_of_named> table{{
    {named::store_connect, "store.connect", "a connection to the store cannot be opened"},
    {named::store_before_commit, "store.before_commit", "the connection is lost before the commit: nothing is stored"},
    {named::store_after_commit, "store.after_commit", "the connection is lost after the commit: the answer is lost"},
    {named::store_slow, "store.slow", "a transaction takes longer by the delay", milliseconds{200}},
    {named::store_hang, "store.hang", "the store says nothing until the call's own clock ends it"},
    {named::store_wrong_password, "store.wrong_password", "the store refuses the password at a connect"},
    {named::store_serialization_failure, "store.serialization_failure", "the store rolls a transaction back (40001)"},
    {named::store_bad_row, "store.bad_row", "the store refuses one point of a batch for its data"},
    {named::writer_crash, "writer.crash", "a db writer crashes, before or after its transaction"},
    {named::pool_crash, "pool.crash", "the writer pool crashes, at a request or at a result"},
    {named::connection_crash, "connection.crash", "a connection actor crashes, at a burst or at a reply"},
    {named::supervisor_crash, "supervisor.crash", "the writer supervisor crashes"},
    {named::net_reset, "net.reset", "a client's connection is reset"},
    {named::net_stall_write, "net.stall_write", "replies are held back for the delay", milliseconds{500}},
    {named::net_short_read, "net.short_read", "a read gives one byte"},
    {named::memory_alloc, "memory.alloc", "there is no memory for what a client or a batch needs"},
    {named::clock_jump, "clock.jump", "the wall clock is off by the delay (back, when negative)", -hours{1}},
    {named::disk_full, "disk.full", "the store's disk is full"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].which) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table stands in the order of `named`");

const entry& entry_of(named which) {
  return table[static_cast<std::size_t>(which)];
}

/// The next of a sequence of numbers that look like chance (Steele, Lea, Flood: SplitMix64, OOPSLA 2014).
std::uint64_t next_random(std::uint64_t& seed) {
  auto z = seed += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double chance(std::uint64_t& seed) {
  return static_cast<double>(next_random(seed) >> 11) * 0x1.0p-53;
}

std::string describe(named which, const plan& how) {
  std::string text{name_of(which)};
  text += " is ON (" + std::string{meaning_of(which)} + "): probability " + std::to_string(how.probability);
  if (how.count) text += ", at most " + std::to_string(*how.count) + " times";
  if (auto delay = how.delay.value_or(usual_delay(which)); delay.count() != 0) {
    text += ", delay " + std::to_string(delay.count()) + " ms";
  }
  return text;
}

/// All faults. Locked only when something is switched, listed, or passed while it is on.
class board {
public:
  static board& instance() {
    static board one;
    return one;
  }

  void set_listener(std::function<void(const std::string&)> listener) {
    std::lock_guard lock{mutex_};
    listener_ = std::move(listener);
  }

  void switch_on(named which, const plan& how) {
    {
      std::lock_guard lock{mutex_};
      auto& mine = of(which);
      mine.shown.on = how;
      mine.shown.struck = 0;
      mine.dice = how.seed;
      set_bit(which, mine.shown.active());
    }
    tell("fault injection: " + describe(which, how));
  }

  void switch_off(named which) {
    bool was_on = false;
    {
      std::lock_guard lock{mutex_};
      was_on = std::exchange(of(which).shown.on, std::nullopt).has_value();
      set_bit(which, false);
    }
    if (was_on) tell("fault injection: " + std::string{name_of(which)} + " is off");
  }

  std::optional<plan> throw_dice(named which) {
    std::string news;
    std::optional<plan> strike;
    {
      std::lock_guard lock{mutex_};
      auto& mine = of(which);
      if (!mine.shown.active()) return std::nullopt; // used up between the look at its bit and here
      if (mine.shown.on->probability < 1.0 && chance(mine.dice) >= mine.shown.on->probability) return std::nullopt;
      strike = mine.shown.on;
      if (!strike->delay) strike->delay = usual_delay(which);
      ++mine.shown.struck;
      if (mine.shown.struck == 1) news = " strikes for the first time";
      if (!mine.shown.active()) {
        set_bit(which, false);
        news = " has struck " + std::to_string(mine.shown.struck) + " times, and rests";
      }
    }
    if (!news.empty()) tell("fault injection: " + std::string{name_of(which)} + news);
    return strike;
  }

  std::vector<state> list() {
    std::lock_guard lock{mutex_};
    std::vector<state> all;
    for (const auto& each : slots_) all.push_back(each.shown);
    return all;
  }

private:
  struct slot {
    state shown;
    std::uint64_t dice = 0;
  };

  board() {
    for (const auto& each : table) slots_[static_cast<std::size_t>(each.which)].shown.which = each.which;
  }

  slot& of(named which) { return slots_[static_cast<std::size_t>(which)]; }

  static void set_bit(named which, bool on) {
    auto bit = std::uint32_t{1} << static_cast<unsigned>(which);
    if (on)
      detail::switched_on.fetch_or(bit);
    else
      detail::switched_on.fetch_and(~bit);
  }

  void tell(const std::string& news) {
    std::function<void(const std::string&)> listener;
    {
      std::lock_guard lock{mutex_};
      listener = listener_;
    }
    if (listener) listener(news); // not under the lock: it may be slow
  }

  std::mutex mutex_; // guards all below
  std::array<slot, count_of_named> slots_;
  std::function<void(const std::string&)> listener_;
};

} // namespace

std::string_view name_of(named which) {
  return entry_of(which).name;
}

std::string_view meaning_of(named which) {
  return entry_of(which).meaning;
}

std::chrono::milliseconds usual_delay(named which) {
  return entry_of(which).delay;
}

std::optional<named> find_named(std::string_view name) {
  auto at = std::ranges::find_if(table, [&](const auto& each) { return each.name == name; });
  if (at == table.end()) return std::nullopt;
  return at->which;
}

injected_crash::injected_crash(named which)
    : std::runtime_error{"fault injection: " + std::string{name_of(which)} + " struck"} {}

std::optional<std::string> check(named which, const plan& how) {
  if (!(how.probability > 0 && how.probability <= 1)) return "probability must be above 0 and at most 1";
  if (how.count && *how.count == 0) return "count must be at least 1";
  if (!how.delay) return std::nullopt;
  auto bound = which == named::clock_jump ? std::chrono::milliseconds{hours{24 * 365}} : milliseconds{hours{1}};
  if (usual_delay(which).count() == 0) return std::string{name_of(which)} + " takes no delay";
  if (which == named::clock_jump) {
    if (*how.delay < -bound || *how.delay > bound) return "delay must be a year at most, either way";
  } else if (how.delay->count() < 0 || *how.delay > bound) {
    return "delay must be 0 to an hour";
  }
  return std::nullopt;
}

void switch_on(named which, const plan& how) {
  board::instance().switch_on(which, how);
}

void switch_off(named which) {
  board::instance().switch_off(which);
}

void switch_all_off() {
  for (const auto& each : table) switch_off(each.which);
}

std::vector<state> list() {
  return board::instance().list();
}

std::vector<named> all_active() {
  std::vector<named> active;
  if (detail::switched_on.load(std::memory_order_relaxed) == 0) return active;
  for (const auto& each : list()) {
    if (each.active()) active.push_back(each.which);
  }
  return active;
}

void set_listener(std::function<void(const std::string&)> listener) {
  board::instance().set_listener(std::move(listener));
}

void allocate_at() {
  if (strikes(named::memory_alloc)) throw std::bad_alloc{};
}

std::chrono::milliseconds clock_jump() {
  auto struck = struck_by(named::clock_jump);
  return struck ? *struck->delay : milliseconds{0};
}

std::optional<plan> detail::throw_dice(named which) {
  return board::instance().throw_dice(which);
}

} // namespace goloca::faults
