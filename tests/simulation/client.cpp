#include "tests/simulation/client.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

namespace goloca::simulation {

using namespace std::chrono_literals;

// -- what it does ---------------------------------------------------------------------------------

void client::send(const std::vector<point>& points) {
  outbox_.insert(outbox_.end(), points.begin(), points.end());
  turn();
}

void client::ask(std::int64_t id) {
  if (!connection()) return;
  auto deadline = world_->on.now() + world_->with.request_timeout;
  auto number = link_->next_question++;
  link_->questions[number] = {id, world_->model.acknowledged(id), deadline};
  caf::anon_send(link_->handle, actors::find_query{number, id, deadline});
}

void client::leave() {
  if (!link_) return;
  if (link_->handle) caf::anon_send(link_->handle, actors::client_gone{});
  lose_link();
  turn_soon(300ms);
}

void client::turn_soon(nanoseconds at_most) {
  if (std::exchange(turn_comes_, true)) return;
  auto wait = std::chrono::microseconds{world_->on.random.between(0, at_most / 1us)};
  world_->on.after(wait, name_ + " acts", [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->turn_comes_ = false;
    self->turn();
  });
}

void client::turn() {
  if (outbox_.empty() || draining_) return;
  if (!link_) return connect();
  if (link_->handle) return send_burst();
  if (world_->on.now() >= link_->gives_up) lose_link(); // nobody opens: ask again
  turn_soon(100ms);
}

void client::connect() {
  if (!world_->entrance->account) return turn_soon(20ms); // nobody listens yet
  link_ = std::make_shared<link>(link{weak_from_this(), world_->entrance->account, world_->on.now() + 100ms});
  caf::anon_send(world_->entrance->parent, actors::open_connection{port(link_)});
  turn_soon(100ms);
}

void client::send_burst() {
  auto& random = world_->on.random;
  auto room = world_->with.max_in_flight - link_->window.size();
  auto count = std::min({room, outbox_.size(), random.below(16) + 1});
  if (count == 0) return; // an answer will give credit
  auto deadline = world_->on.now() + world_->with.request_timeout;
  auto block = std::make_shared<store::row_block>(store::rides_schema());
  for (std::size_t i = 0; i < count; ++i) {
    auto next = std::move(outbox_.front());
    outbox_.pop_front();
    if (next.what == point::kind::without_id && next.assigned == 0) next.assigned = world_->next_id++;
    append(*block, next);
    link_->window.push_back({next, world_->on.now(), deadline});
    world_->model.sent(link_->window.back());
  }
  link_->account->sent += count;
  auto first = std::exchange(link_->next, link_->next + count);
  caf::anon_send(link_->handle, actors::burst{first, {block, 0, static_cast<std::uint32_t>(count)}, deadline});
  if (!outbox_.empty()) turn_soon(3ms);
}

/// What had no answer is unknown: it goes again, as new where it has no id.
void client::lose_link() {
  for (auto& each : link_->window) {
    if (each.what.what == point::kind::without_id) each.what.assigned = 0;
    outbox_.push_back(std::move(each.what));
  }
  link_->account->lost += link_->window.size();
  link_.reset();
  draining_ = false;
}

// -- what it hears --------------------------------------------------------------------------------

actors::reply_port client::port(std::shared_ptr<link> of) {
  return [of = std::move(of)](actors::port_event event) {
    if (auto owner = of->owner.lock()) owner->hear(of, event);
  };
}

void client::hear(const std::shared_ptr<link>& by, actors::port_event& event) {
  std::visit(
      [&](auto& said) {
        using said_type = std::decay_t<decltype(said)>;
        if constexpr (std::is_same_v<said_type, actors::connection_opened>) return open(by, std::move(said.handle));
        if (by != link_) return; // it left
        if constexpr (std::is_same_v<said_type, actors::connection_refused>) {
          lose_link();
          turn_soon(200ms);
        } else if constexpr (std::is_same_v<said_type, actors::insert_reply>) {
          hear_reply(said);
        } else if constexpr (std::is_same_v<said_type, actors::find_result>) {
          hear_found(said);
        } else if constexpr (std::is_same_v<said_type, actors::drain>) {
          hear_drain();
        }
      },
      event);
}

void client::open(const std::shared_ptr<link>& by, actors::connection handle) {
  if (by != link_) return caf::anon_send(handle, actors::client_gone{});
  caf::actor_cast<caf::abstract_actor*>(handle)->attach_functor([weak = std::weak_ptr<link>{by}](const caf::error&) {
    auto of = weak.lock();
    auto owner = of ? of->owner.lock() : nullptr;
    if (!owner || owner->link_ != of) return;
    owner->lose_link();
    owner->turn_soon(20ms);
  });
  by->handle = std::move(handle);
  turn_soon(0ms);
}

void client::hear_reply(const actors::insert_reply& reply) {
  auto& on = world_->on;
  for (const auto& said : reply.runs) {
    auto expected = link_->next - link_->window.size();
    if (said.first != expected || said.count == 0 || said.count > link_->window.size()) {
      return world_->model.breaks("6 in order: " + name_ + " waits for answer " + std::to_string(expected) + " and " +
                                  std::to_string(link_->window.size() - 1) + " more, and gets " +
                                  std::to_string(said.count) + " from " + std::to_string(said.first) + " on");
    }
    if (on.traces()) {
      on.note(name_ + " hears " + to_string(said.what) + " of " + std::to_string(said.count) + " from " +
              std::to_string(said.first) + " on");
    }
    for (std::uint32_t i = 0; i < said.count; ++i) {
      auto of = std::move(link_->window.front());
      link_->window.pop_front();
      hear_verdict(said, of);
    }
  }
  if (draining_) return hear_drain();
  if (!outbox_.empty()) return turn_soon(failures_ == 0 ? 1ms : 50ms * (1U << std::min(failures_, 5U)));
  make_room();
}

void client::hear_verdict(const actors::verdict_run& said, const submission& of) {
  using actors::verdict;
  link_->account->heard.add(said.what, 1);
  world_->model.answered(of, said, world_->on.now());
  auto again = said.what == verdict::overloaded || said.what == verdict::unavailable || said.what == verdict::timeout;
  failures_ = again ? failures_ + 1 : 0;
  if (!again) return;
  outbox_.push_back(of.what);
  if (of.what.what == point::kind::without_id) outbox_.back().assigned = 0;
}

void client::hear_found(const actors::find_result& found) {
  auto asked = link_->questions.find(found.number);
  if (asked == link_->questions.end()) return world_->model.breaks("2 one answer: a question is answered twice");
  world_->model.found(asked->second, found);
  link_->questions.erase(asked);
  make_room();
}

/// Where connections are fewer than clients, who has all its answers leaves for another to have its turn.
void client::make_room() {
  if (satisfied() && world_->with.clients > world_->with.max_connections) leave();
}

/// As a session does: nothing more is read, and when all is answered it goes. What it has yet to send is for the next.
void client::hear_drain() {
  draining_ = true;
  if (!link_->window.empty()) return;
  caf::anon_send(link_->handle, actors::client_gone{});
  lose_link();
  if (!outbox_.empty()) turn_soon(300ms);
}

// -- what others see of it ------------------------------------------------------------------------

void client::watch() {
  if (!connection()) return;
  auto latest = world_->on.now() - 3 * stage::most_lag;
  if (!link_->window.empty() && link_->window.front().deadline < latest) {
    world_->model.breaks("2 one answer: " + to_string(link_->window.front().what) + " of " + name_ +
                         " has none within its time");
  }
  for (const auto& [number, asked] : link_->questions) {
    if (asked.deadline < latest) world_->model.breaks("2 one answer: a question of " + name_ + " has none in time");
  }
}

bool client::satisfied() const {
  return outbox_.empty() && (!link_ || (link_->window.empty() && link_->questions.empty()));
}

std::string client::unanswered() const {
  std::string line;
  for (const auto& each : outbox_) line += ' ' + to_string(each) + ';';
  if (link_)
    for (const auto& each : link_->window) line += ' ' + to_string(each.what) + " (on the way);";
  return name_ + ':' + line;
}

actors::connection client::connection() const {
  return link_ ? link_->handle : actors::connection{};
}

} // namespace goloca::simulation
