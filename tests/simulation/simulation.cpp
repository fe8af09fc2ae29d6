#include "tests/simulation/simulation.hpp"

#include "tests/simulation/client.hpp"
#include "tests/simulation/tree.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace goloca::simulation {

using namespace std::chrono_literals;

namespace {

class simulation {
public:
  simulation(const script& what, std::uint64_t chance, std::ostream* trace);
  ending play();

private:
  void happen(const happening& what);
  void run_until(time_point when, const std::function<bool()>& done);
  void answer_everybody();
  void drain();
  bool finish();

  const script& script_;
  std::unique_ptr<stage> on_;
  promises model_;
  std::shared_ptr<model_table> table_;
  std::shared_ptr<door> entrance_ = std::make_shared<door>();
  tree tree_;
  std::shared_ptr<client_world> world_;
  std::vector<std::shared_ptr<client>> clients_;
};

simulation::simulation(const script& what, std::uint64_t chance, std::ostream* trace)
    : script_{what}, on_{std::make_unique<stage>(chance, trace)}, table_{std::make_shared<model_table>(
                                                                      *on_, model_, what.with.call_patience,
                                                                      what.with.max_batch)},
      tree_{*on_, model_, what.with, table_, entrance_}, world_{std::make_shared<client_world>(
                                                             client_world{*on_, model_, what.with, entrance_})} {
  for (std::size_t i = 0; i < what.with.clients; ++i)
    clients_.push_back(std::make_shared<client>("client " + std::to_string(i), world_));
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
    if (what.whom != victim::connection) return tree_.kill(what.whom, what.who);
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
  }
}

/// Step by step, with a look at every promise after each.
void simulation::run_until(time_point when, const std::function<bool()>& done) {
  constexpr std::uint64_t too_many = 200'000;
  while (!model_.broken() && !done() && on_->now() < when) {
    if (!on_->step()) return;
    if (on_->steps() > too_many) return model_.breaks("5 bounded: it never comes to rest");
    tree_.watch();
    for (const auto& each : clients_) each->watch();
  }
}

/// No more faults: whatever has no final answer by now gets one.
void simulation::answer_everybody() {
  on_->note("no more faults");
  table_->mend();
  auto satisfied = [this] { return tree_.up() && std::ranges::all_of(clients_, &client::satisfied); };
  run_until(on_->now() + 120s, [&] { return satisfied(); });
  if (satisfied()) return;
  std::string who;
  for (const auto& each : clients_) who += each->satisfied() ? "" : " " + each->unanswered();
  model_.breaks("3 safe to resend: no final answer, however often it is sent again:" + who);
}

void simulation::drain() {
  if (model_.broken()) return;
  on_->note("drain");
  auto total = tree_.drain();
  run_until(on_->now() + 10s, [&] { return total->has_value(); });
  if (!*total) return model_.breaks("2 one answer: the drain does not end");
  model_.account_at_the_end(**total, *entrance_->account);
  table_->compare();
}

/// Ends every actor; false: one outlives its parents.
bool simulation::finish() {
  table_->mend();
  tree_.end();
  for (auto i = 0; i < 100'000 && on_->system.registry().running() > 0; ++i) {
    if (!on_->step()) break;
  }
  if (on_->system.registry().running() == 0) return true;
  model_.breaks("an actor outlives its parents");
  return false;
}

ending simulation::play() {
  auto start = on_->now();
  tree_.start();
  for (const auto& each : script_.happenings) {
    on_->at(start + each.at, on_->traces() ? to_string(each) : std::string{}, [this, &each] { happen(each); });
  }
  auto last = script_.happenings.empty() ? 0ns : script_.happenings.back().at;
  run_until(start + last + 2 * stage::most_lag, [] { return false; });
  answer_everybody();
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
