#include "tests/simulation/simulation.hpp"

#include "tests/simulation/client.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/tree.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace goloca::simulation {

using namespace std::chrono_literals;

namespace {

/// One of the nodes, and the world of its clients.
struct node {
  std::shared_ptr<door> entrance;
  std::unique_ptr<tree> process;
  std::shared_ptr<client_world> world;
};

class simulation {
public:
  simulation(const script& what, std::uint64_t chance, std::ostream* trace);
  ending play();

private:
  void add_node(place in);
  void happen(const happening& what);
  void regroup(const happening& how);
  void run_until(time_point when, const std::function<bool()>& done);
  void answer_everybody();
  [[nodiscard]] std::string unrest() const;
  void come_to_rest();
  void serve_again();
  void roll_a_writer();
  void drain();
  void drain(std::size_t from, std::size_t to);
  bool finish();

  const script& script_;
  std::unique_ptr<stage> on_;
  promises model_;
  std::shared_ptr<model_table> table_;
  std::unique_ptr<network> lines_; // null: a node by itself
  std::vector<node> nodes_;        // edges first
  std::size_t doors_ = 1;          // the first so many have clients
  std::vector<std::shared_ptr<client>> clients_;
  std::int64_t new_id_ = 3'000'000; // of points that no script has
};

simulation::simulation(const script& what, std::uint64_t chance, std::ostream* trace)
    : script_{what}, on_{std::make_unique<stage>(chance, trace)}, table_{std::make_shared<model_table>(
                                                                      *on_, model_, what.with.call_patience,
                                                                      what.with.max_batch)} {
  if (const auto& cluster = what.with.cluster) {
    model_.spans_nodes();
    lines_ = std::make_unique<network>(*on_, model_, *cluster);
    doors_ = cluster->edges;
    for (std::size_t number = 0; number < cluster->edges + cluster->writers; ++number) {
      add_node({lines_.get(), number});
    }
  } else {
    add_node({});
  }
  for (std::size_t i = 0; i < what.with.clients; ++i)
    clients_.push_back(std::make_shared<client>("client " + std::to_string(i), nodes_[i % doors_].world));
}

void simulation::add_node(place in) {
  auto entrance = std::make_shared<door>();
  auto process = std::make_unique<tree>(*on_, model_, script_.with, table_, entrance, in);
  auto first_id = 1'000'000 + 100'000 * static_cast<std::int64_t>(in.number);
  auto world = std::make_shared<client_world>(client_world{*on_, model_, script_.with, entrance, first_id});
  nodes_.push_back({std::move(entrance), std::move(process), std::move(world)});
}

void simulation::happen(const happening& what) {
  using kind = happening::kind;
  auto& client = *clients_[what.who % clients_.size()];
  switch (what.what) {
  case kind::burst:
    return client.send(what.points);
  case kind::leave:
    return client.leave();
  case kind::question:
    return client.ask(what.id);
  case kind::kill:
    if (what.whom != victim::connection) return nodes_[what.node].process->kill(what.whom, what.who);
    if (auto whose = client.connection()) caf::anon_send_exit(whose, caf::exit_reason::kill);
    return;
  case kind::fault:
    return table_->next_insert(what.meddled);
  case kind::outage:
    return table_->away_until(on_->now() + what.lasts, what.why);
  case kind::poison:
    return table_->poisons(what.id);
  case kind::refusal:
    return table_->refuses(what.id);
  case kind::network:
    return lines_->befall(what.befalls);
  case kind::roll:
    return nodes_[what.node].process->roll();
  case kind::regroup:
    return regroup(what);
  }
}

void simulation::regroup(const happening& how) {
  auto& edge = *nodes_[how.node].process;
  auto all = lines_->addresses();
  auto fewer = all;
  fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(how.writer));
  edge.regroup(std::move(fewer));
  on_->after(how.lasts, "all writers are members again", [&edge, all = std::move(all)] { edge.regroup(all); });
}

/// Step by step, with a look at every promise after each.
void simulation::run_until(time_point when, const std::function<bool()>& done) {
  constexpr std::uint64_t too_many = 200'000;
  while (!model_.broken() && !done() && on_->now() < when) {
    if (!on_->step()) return;
    if (on_->steps() > too_many) return model_.breaks("5 bounded: it never comes to rest");
    for (const auto& each : nodes_) each.process->watch();
    for (const auto& each : clients_) each->watch();
  }
}

/// No more faults: whatever has no final answer by now gets one.
void simulation::answer_everybody() {
  on_->note("no more faults");
  table_->mend();
  if (lines_) lines_->mend();
  auto satisfied = [this] {
    return std::ranges::all_of(nodes_, [](const auto& each) { return each.process->up(); }) &&
           std::ranges::all_of(clients_, &client::satisfied);
  };
  run_until(on_->now() + 120s, [&] { return satisfied(); });
  if (satisfied()) return;
  std::string who;
  for (const auto& each : clients_) who += each->satisfied() ? "" : " " + each->unanswered();
  model_.breaks("3 safe to resend: no final answer, however often it is sent again:" + who);
}

/// Why not; empty: nothing is left to do, and each edge has a link to each writer.
std::string simulation::unrest() const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (auto why = nodes_[i].process->unrest(); !why.empty()) return lines_->name_of(i) + ": " + why;
  }
  if (on_->blocked_calls() > 0) return "a store is at work";
  if (!lines_->at_rest()) return "something is on its way";
  return on_->quiet() ? "" : "an actor has a message to take";
}

/// What nobody waits for any longer comes to an end, too.
void simulation::come_to_rest() {
  run_until(on_->now() + 30s, [&] { return unrest().empty(); });
  if (auto why = unrest(); !why.empty()) model_.breaks("5 bounded: no rest where nothing is left to do: " + why);
}

/// A cluster without faults: the first try of each client succeeds, one after the other, and nothing ends by it. Then
/// a writer node rolls while its edges have work, which costs nobody anything.
void simulation::serve_again() {
  if (!lines_) return;
  on_->note("all come to rest");
  come_to_rest();
  if (model_.broken()) return;
  on_->note("it serves again");
  lines_->expect_calm();
  auto losses = model_.losses();
  auto refusals = model_.refusals();
  for (const auto& each : clients_) {
    each->send({{point::kind::usual, new_id_++}});
    run_until(on_->now() + 10s, [&] { return each->satisfied(); });
    if (each->satisfied() && model_.losses() == losses && model_.refusals() == refusals) continue;
    return model_.breaks("3 safe to resend: all is well, but a new point is not stored at the first try");
  }
  roll_a_writer();
  if (doors_ + 1 < nodes_.size() && model_.refusals() > refusals) {
    model_.breaks("3 safe to resend: a writer node rolls, and a point is not stored at the first try");
  }
}

void simulation::roll_a_writer() {
  on_->note("a writer rolls");
  // Slow, but not for too long for anybody.
  auto patience = std::min(script_.with.call_patience, tree::link_patience(script_.with));
  table_->next_insert({fault::kind::slow, patience / 3});
  auto& writer = *nodes_[doors_ + on_->random.below(nodes_.size() - doors_)].process;
  for (const auto& each : clients_) each->send({{point::kind::usual, new_id_++}});
  on_->after(std::chrono::microseconds{on_->random.between(0, 5'000)}, "it rolls", [&] { writer.roll(); });
  run_until(on_->now() + 10ms, [] { return false; });
  run_until(on_->now() + 60s, [this] { return std::ranges::all_of(clients_, &client::satisfied); });
  come_to_rest();
}

/// Who has clients first: the others have what those sent.
void simulation::drain() {
  drain(0, doors_);
  drain(doors_, nodes_.size());
  if (!model_.broken()) table_->compare();
}

void simulation::drain(std::size_t from, std::size_t to) {
  if (model_.broken() || from == to) return;
  on_->note("drain");
  std::vector<std::shared_ptr<std::optional<actors::account>>> totals;
  for (auto i = from; i < to; ++i) totals.push_back(nodes_[i].process->drain());
  auto all_drained = [&] { return std::ranges::all_of(totals, [](const auto& each) { return each->has_value(); }); };
  run_until(on_->now() + 10s, all_drained);
  if (!all_drained()) return model_.breaks("2 one answer: the drain does not end");
  for (auto i = from; i < to; ++i) model_.account_at_the_end(**totals[i - from], *nodes_[i].entrance->account);
}

/// Ends every actor; false: one outlives its parents.
bool simulation::finish() {
  table_->mend();
  for (const auto& each : nodes_) each.process->end();
  for (auto i = 0; i < 100'000 && on_->system.registry().running() > 0; ++i) {
    if (!on_->step()) break;
  }
  if (on_->system.registry().running() == 0) return true;
  model_.breaks("an actor outlives its parents");
  return false;
}

ending simulation::play() {
  auto start = on_->now();
  for (const auto& each : nodes_) each.process->start();
  for (const auto& each : script_.happenings) {
    on_->at(start + each.at, on_->traces() ? to_string(each) : std::string{}, [this, &each] { happen(each); });
  }
  run_until(start + end_of(script_) + 2 * stage::most_lag, [] { return false; });
  answer_everybody();
  serve_again();
  drain();
  auto lasted = on_->now() - start;
  auto clean = finish();
  on_->note(model_.broken() ? "broken: " + *model_.broken() : "all promises kept");
  ending how{model_.broken(), on_->steps(), lasted};
  if (!clean) static_cast<void>(on_.release()); // ~actor_system would wait for ever
  return how;
}

} // namespace

ending play(const script& what, std::uint64_t chance, std::ostream* trace) {
  return simulation{what, chance, trace}.play();
}

} // namespace goloca::simulation
