#include "tests/simulation/line.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace goloca::simulation {

using namespace std::chrono_literals;
using namespace actors;

namespace {

/// As net/link/link_settings.hpp has it in proportion: TLS, hello and the answer to it; the time to read a refusal.
nanoseconds patience_of_a_greeting(const cluster_settings& with) {
  return with.silence * 5 / 3;
}
nanoseconds farewell(const cluster_settings& with) {
  return with.silence / 3;
}

std::size_t points_of(const link_batch& batch) {
  std::size_t points = 0;
  for (const auto& range : batch.rows) points += range.count;
  return points;
}

struct name_of_frame {
  std::string operator()(const link_hello&) const { return "hello"; }
  std::string operator()(const link_batch& each) const {
    return "batch " + std::to_string(each.sequence) + " of " + std::to_string(points_of(each));
  }
  std::string operator()(const link_find& each) const { return "question " + std::to_string(each.number); }
  std::string operator()(const link_welcome&) const { return "welcome"; }
  std::string operator()(const link_result& each) const { return "result " + std::to_string(each.sequence); }
  std::string operator()(const link_found& each) const { return "answer " + std::to_string(each.number); }
  std::string operator()(const link_draining&) const { return "draining"; }
  std::string operator()(const link_refusal& each) const { return "refusal: " + each.reason; }
  template <class End>
  std::string operator()(const End&) const {
    return "end";
  }
};

} // namespace

line::line(network& of, route& on, std::uint64_t number, link_ear ear)
    : of_{of}, on_{on}, number_{number}, ear_{std::move(ear)} {}

void line::dial(link_hello hello, link_hosts door) {
  auto& stage = of_.stage_;
  door_ = std::move(door);
  auto fate = std::exchange(on_.next_dial, route::dial::works);
  if (fate == route::dial::works && !door_) fate = route::dial::fails;
  if (fate == route::dial::works) put(there_, way::to_writer, to_writer{std::move(hello)});
  auto refused = fate == route::dial::fails;
  auto wait = refused ? of_.some_delay() : patience_of_a_greeting(of_.with_);
  stage.after(wait, stage.traces() ? on_.title() + ": the dial is over" : "", [self = shared_from_this(), refused] {
    if (self->edge_ != edge_phase::dialling) return;
    self->end_edge(refused ? "cannot connect: connection refused" : "no answer to our hello in time");
  });
}

void line::note(const std::string& what) const {
  if (of_.stage_.traces()) of_.stage_.note(on_.title() + ", line " + std::to_string(number_) + ": " + what);
}

// -- on the way -----------------------------------------------------------------------------------

template <class Frame>
void line::put(pipe<Frame>& into, way which, Frame what) {
  if (into.shut) return;
  auto traces = of_.stage_.traces();
  auto name = traces ? std::visit(name_of_frame{}, what) : std::string{};
  into.latest = std::max(into.latest, of_.stage_.now() + of_.some_delay());
  into.frames.push_back(std::move(what));
  if (traces) note(name + (which == way::to_writer ? " sets out" : " sets out back"));
  wait_for(which, into.latest, std::move(name));
}

/// Who closes may take the last of what it sent along.
template <class Frame>
void line::shut_with_an_end(pipe<Frame>& which, way direction) {
  if (which.shut) return;
  lose_some(which);
  put(which, direction, Frame{ended{}});
  which.shut = true;
}

template <class Frame>
void line::lose_some(pipe<Frame>& of) {
  while (of.frames.size() > 0 && of_.stage_.random.once_in(2)) of.frames.pop_back();
}

/// Each wait ends with one frame, the first of those that are on their way; so they stay in order.
void line::wait_for(way which, time_point due, std::string what) {
  of_.stage_.at(due, of_.stage_.traces() ? on_.title() + ": " + what + " arrives" : "",
                [self = shared_from_this(), which] { self->arrive(which); });
}

void line::arrive(way which) {
  auto& stage = of_.stage_;
  if (auto until = on_.of(which).until; stage.now() < until) {
    return wait_for(which, until + of_.some_delay(), "what was held up");
  }
  auto deliver = [&](auto& from) {
    if (from.frames.empty()) return; // it was lost
    auto next = std::move(from.frames.front());
    from.frames.pop_front();
    hear(std::move(next));
  };
  which == way::to_writer ? deliver(there_) : deliver(back_);
}

bool line::at_rest() const {
  auto known = !lost_ || (edge_ == edge_phase::ended && writer_ == writer_phase::closed);
  return known && extra_ == 0 && there_.frames.empty() && back_.frames.empty();
}

/// Something that TLS rules out, a little later.
void line::meddle(const char* how, std::function<void(line&)> act) {
  ++extra_;
  of_.stage_.after(of_.some_delay(), how, [self = shared_from_this(), act = std::move(act)] {
    --self->extra_;
    act(*self);
  });
}

void line::lose(bool silently) {
  note(silently ? "lost, and nobody hears of it" : "lost");
  auto& stage = of_.stage_;
  lost_ = true;
  lose_some(there_);
  lose_some(back_);
  there_.shut = back_.shut = true;
  auto news = [&]() -> nanoseconds {
    if (silently || stage.random.once_in(3)) return of_.with_.silence;
    return std::chrono::microseconds{stage.random.between(0, 20'000)};
  };
  stage.after(news(), stage.traces() ? on_.title() + ": the edge hears that its line is lost" : "",
              [self = shared_from_this()] { self->end_edge("the connection is lost"); });
  stage.after(news(), stage.traces() ? on_.title() + ": the writer hears that its line is lost" : "",
              [self = shared_from_this()] { self->close_writer(); });
}

void line::expect_silence() {
  auto watch = [this](way which, auto give_up) {
    auto& held = on_.of(which);
    if (!held.deaf || of_.stage_.now() >= held.until) return;
    auto patience = of_.with_.silence;
    of_.stage_.after(patience, of_.stage_.traces() ? on_.title() + ": silence" : "",
                     [self = shared_from_this(), which, since = held.since, give_up] {
                       auto& now = self->on_.of(which);
                       if (now.since == since && now.deaf && self->of_.stage_.now() < now.until) give_up(*self);
                     });
  };
  watch(way::to_edge, [](line& of) {
    if (of.edge_ == edge_phase::linked) of.end_edge("nothing was heard for too long");
  });
  watch(way::to_writer, [](line& of) {
    if (of.writer_ == writer_phase::linked) of.close_writer();
  });
}

// -- the edge's end -------------------------------------------------------------------------------

void line::take(link_order order) {
  if (edge_ == edge_phase::ended) return;
  if (std::holds_alternative<link_close>(order)) {
    ear_ = nullptr;
    return end_edge("we closed it");
  }
  if (edge_ != edge_phase::linked) return; // before a welcome nobody has anything to send
  if (auto* batch = std::get_if<link_batch>(&order)) return send(std::move(*batch));
  put(there_, way::to_writer, to_writer{std::get<link_find>(order)});
}

void line::send(link_batch batch) {
  check(batch);
  if (auto stray = on_.stray ? of_.stray_for(number_, batch) : std::nullopt) {
    on_.stray = false;
    meddle("a result of another line comes", [stray = *stray](line& self) {
      if (self.edge_ == edge_phase::linked) self.hear(to_edge{stray});
    });
  }
  if (std::exchange(on_.batch_again, false)) {
    meddle("a batch is sent again", [batch](line& self) { self.put(self.there_, way::to_writer, to_writer{batch}); });
  }
  put(there_, way::to_writer, to_writer{std::move(batch)});
}

void line::check(const link_batch& sent) {
  auto which = on_.title() + ": batch " + std::to_string(sent.sequence);
  if (sent.sequence != ++last_sequence_) of_.model_.breaks("link: " + which + " is out of turn");
  unanswered_.insert(sent.sequence);
  if (unanswered_.size() > credit_) {
    of_.model_.breaks("5 bounded: " + which + " is more than the credit of " + std::to_string(credit_));
  }
}

void line::hear(to_edge what) {
  if (edge_ == edge_phase::ended) return;
  if (auto* refusal = std::get_if<link_refusal>(&what)) return end_edge("it refuses the link: " + refusal->reason);
  if (std::holds_alternative<ended>(what)) return end_edge("the writer closed it");
  if (auto* welcome = std::get_if<link_welcome>(&what)) return hear_welcome(*welcome);
  if (edge_ == edge_phase::dialling) return end_edge("it answered our hello with something else");
  if (auto* result = std::get_if<link_result>(&what)) return hear_result(*result);
  if (auto* found = std::get_if<link_found>(&what)) return ear_(std::move(*found));
  ear_(link_draining{});
}

void line::hear_welcome(link_welcome& said) {
  if (edge_ != edge_phase::dialling) return end_edge("it sent what no writer sends");
  edge_ = edge_phase::linked;
  credit_ = said.credit;
  ear_(std::move(said));
  ear_(link_measured{of_.some_delay()});
  expect_silence();
}

void line::hear_result(link_result& said) {
  unanswered_.erase(said.sequence);
  ear_(std::move(said));
}

void line::end_edge(const std::string& why) {
  if (edge_ == edge_phase::ended) return;
  note("the edge ends it: " + why);
  if (of_.calm_ && !unanswered_.empty()) {
    of_.model_.breaks("2 one answer: " + on_.title() + " ends without one to batch " +
                      std::to_string(*unanswered_.begin()) + ", though all is well: " + why);
  }
  edge_ = edge_phase::ended;
  back_.shut = true;
  shut_with_an_end(there_, way::to_writer);
  if (auto ear = std::exchange(ear_, nullptr)) ear(link_closed{why});
}

// -- the writer's end -----------------------------------------------------------------------------

void line::hear(to_writer what) {
  if (writer_ == writer_phase::closed) return;
  if (std::holds_alternative<ended>(what)) return close_writer();
  if (writer_ == writer_phase::leaving) return; // dropped: what the edge is to read shall not be lost to a reset
  if (auto* hello = std::get_if<link_hello>(&what)) return hear_hello(*hello);
  if (writer_ != writer_phase::linked) return close_writer();
  if (auto* batch = std::get_if<link_batch>(&what)) {
    at_host_.insert(batch->sequence);
    return caf::anon_send(host_, std::move(*batch));
  }
  caf::anon_send(host_, std::get<link_find>(what));
}

void line::hear_hello(link_hello& said) {
  writer_ = writer_phase::asking;
  auto port = [self = shared_from_this()](host_order order) { self->obey(order); };
  auto from = of_.name_of(on_.edge);
  caf::anon_send(std::exchange(door_, {}), open_link{std::move(said), std::move(from), std::move(port)});
  of_.stage_.after(patience_of_a_greeting(of_.with_), "the writer's time for a greeting is over",
                   [self = shared_from_this()] {
                     if (self->writer_ == writer_phase::asking) self->close_writer();
                   });
}

void line::obey(host_order& order) {
  if (auto* admitted = std::get_if<link_admitted>(&order)) return admit(*admitted);
  if (auto* refusal = std::get_if<link_refusal>(&order)) return refuse(std::move(*refusal));
  if (writer_ != writer_phase::linked) return;
  if (auto* result = std::get_if<link_result>(&order)) return answer(*result);
  if (auto* found = std::get_if<link_found>(&order)) return put(back_, way::to_edge, to_edge{std::move(*found)});
  put(back_, way::to_edge, to_edge{link_draining{}});
}

void line::admit(link_admitted& order) {
  if (writer_ != writer_phase::asking) return caf::anon_send(order.host, link_gone{});
  writer_ = writer_phase::linked;
  host_ = order.host;
  caf::actor_cast<caf::abstract_actor*>(host_)->attach_functor([weak = weak_from_this()](const caf::error&) {
    auto self = weak.lock();
    if (!self) return;
    self->host_ = link_host{};
    if (self->writer_ == writer_phase::linked) self->refuse({"the writer's end of the link has ended"});
  });
  put(back_, way::to_edge, to_edge{std::move(order.welcome)});
  expect_silence();
}

void line::answer(link_result& result) {
  if (at_host_.erase(result.sequence) == 0) {
    of_.model_.breaks("2 one answer: " + on_.title() + ": batch " + std::to_string(result.sequence) +
                      " is answered twice, or before it came");
  }
  of_.keep(number_, result);
  if (std::exchange(on_.result_again, false)) {
    meddle("a result is sent again", [result](line& self) { self.put(self.back_, way::to_edge, to_edge{result}); });
  }
  put(back_, way::to_edge, to_edge{std::move(result)});
}

/// The last that is sent. What still comes is dropped, and not for long.
void line::refuse(link_refusal why) {
  if (writer_ == writer_phase::leaving || writer_ == writer_phase::closed) return;
  writer_ = writer_phase::leaving;
  put(back_, way::to_edge, to_edge{std::move(why)});
  put(back_, way::to_edge, to_edge{ended{}});
  back_.shut = true;
  of_.stage_.after(farewell(of_.with_), "the writer has said farewell",
                   [self = shared_from_this()] { self->close_writer(); });
}

void line::close_writer() {
  if (writer_ == writer_phase::closed) return;
  note("the writer closes it");
  writer_ = writer_phase::closed;
  there_.shut = true;
  shut_with_an_end(back_, way::to_edge);
  if (auto host = std::exchange(host_, {})) caf::anon_send(host, link_gone{});
}

} // namespace goloca::simulation
