#include "tests/simulation/network.hpp"

#include "tests/simulation/line.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace goloca::simulation {

using namespace actors;

namespace {

constexpr std::size_t most_carried = 64;

std::string milliseconds(nanoseconds time) {
  return std::to_string(time / std::chrono::milliseconds{1}) + " ms";
}

} // namespace

std::string to_string(const trouble& which) {
  using kind = trouble::kind;
  auto writer = "writer " + std::to_string(which.writer);
  auto between = "edge " + std::to_string(which.edge) + " – " + writer + ": ";
  auto held = std::string{which.deaf ? "nothing" : "nothing but pings"} + " passes for " + milliseconds(which.lasts);
  switch (which.what) {
  case kind::lost:
    return between + "the line is lost";
  case kind::stall:
    return between + held + (which.there && which.back ? "" : which.there ? " to the writer" : " to the edge");
  case kind::freeze:
    return writer + " is frozen: " + held;
  case kind::dial_fails:
    return between + "the next dial fails";
  case kind::dial_hangs:
    return between + "the next dial hangs";
  case kind::batch_again:
    return between + "the next batch comes twice";
  case kind::result_again:
    return between + "the next result comes twice";
  case kind::stray:
    return between + "a result of another line comes";
  }
  return "?";
}

std::string route::title() const {
  return "edge " + std::to_string(edge) + " – writer " + std::to_string(writer);
}

network::network(stage& on, promises& model, const cluster_settings& with)
    : stage_{on}, model_{model}, with_{with}, doors_(with.writers), boots_(with.edges + with.writers) {
  for (std::size_t edge = 0; edge < with.edges; ++edge) {
    for (std::size_t writer = 0; writer < with.writers; ++writer) routes_.push_back({edge, writer});
  }
}

std::string network::name_of(std::size_t node) const {
  return is_edge(node) ? "edge " + std::to_string(node) : "writer " + std::to_string(node - with_.edges);
}

std::vector<std::string> network::addresses() const {
  std::vector<std::string> all;
  for (std::size_t writer = 0; writer < with_.writers; ++writer) all.push_back(name_of(with_.edges + writer));
  return all;
}

// -- a node's process -----------------------------------------------------------------------------

std::uint64_t network::begin_process(std::size_t node) {
  return (node + 1) * 1'000 + ++boots_[node];
}

link_dialer network::dialer_of(std::size_t edge, link_hello hello) {
  return [this, edge, hello = std::move(hello)](const std::string& address, link_ear ear) -> link_port {
    auto all = addresses();
    auto writer = static_cast<std::size_t>(std::ranges::find(all, address) - all.begin());
    auto& on = between(edge, writer);
    std::erase_if(on.lines, [](const auto& each) { return each.expired(); });
    auto made = std::make_shared<line>(*this, on, ++dialled_, std::move(ear));
    on.lines.push_back(made);
    made->dial(hello, doors_[writer]);
    return [made](link_order order) { made->take(std::move(order)); };
  };
}

void network::serve(std::size_t node, link_hosts parent) {
  doors_[node - with_.edges] = std::move(parent);
}

void network::end_process(std::size_t node) {
  if (!is_edge(node)) doors_[node - with_.edges] = link_hosts{};
  for (const auto& each : lines_of(node)) each->lose(false);
}

void network::vanish(std::size_t node) {
  for (const auto& each : lines_of(node)) each->lose(true);
}

route& network::between(std::size_t edge, std::size_t writer) {
  return routes_[edge % with_.edges * with_.writers + writer % with_.writers];
}

std::vector<std::shared_ptr<line>> network::lines_of(std::size_t node) const {
  std::vector<std::shared_ptr<line>> all;
  for (const auto& each : routes_) {
    if (each.edge != node && each.writer + with_.edges != node) continue;
    for (const auto& weak : each.lines) {
      if (auto alive = weak.lock()) all.push_back(std::move(alive));
    }
  }
  return all;
}

// -- the script -----------------------------------------------------------------------------------

void network::befall(const trouble& what) {
  using kind = trouble::kind;
  auto& on = between(what.edge, what.writer);
  switch (what.what) {
  case kind::lost: {
    auto newest = on.lines.empty() ? nullptr : on.lines.back().lock();
    return newest ? newest->lose(stage_.random.once_in(3)) : void();
  }
  case kind::stall:
    if (what.there) stall(on, way::to_writer, what);
    if (what.back) stall(on, way::to_edge, what);
    return;
  case kind::freeze:
    for (std::size_t edge = 0; edge < with_.edges; ++edge) {
      stall(between(edge, what.writer), way::to_writer, what);
      stall(between(edge, what.writer), way::to_edge, what);
    }
    return;
  case kind::dial_fails:
    on.next_dial = route::dial::fails;
    return;
  case kind::dial_hangs:
    on.next_dial = route::dial::hangs;
    return;
  case kind::batch_again:
    on.batch_again = true;
    return;
  case kind::result_again:
    on.result_again = true;
    return;
  case kind::stray:
    on.stray = true;
    return;
  }
}

void network::stall(route& on, way which, const trouble& how) {
  auto& of = on.of(which);
  auto now = stage_.now();
  if (of.until <= now) of = {now, now, how.deaf};
  if (how.deaf && !of.deaf) of.since = now; // only since now
  of.deaf = of.deaf || how.deaf;
  of.until = std::max(of.until, now + how.lasts);
  for (const auto& weak : on.lines) {
    if (auto alive = weak.lock()) alive->expect_silence();
  }
}

void network::mend() {
  mended_ = true;
  for (auto& each : routes_) {
    each.stalls = {};
    each.next_dial = route::dial::works;
    each.batch_again = each.result_again = each.stray = false;
  }
}

bool network::at_rest() const {
  return std::ranges::none_of(routes_, [](const route& each) {
    return std::ranges::any_of(each.lines, [](const auto& weak) {
      auto alive = weak.lock();
      return alive && !alive->at_rest();
    });
  });
}

// -- what lines ask -------------------------------------------------------------------------------

void network::keep(std::uint64_t line, const link_result& result) {
  carried_.push_back({line, result});
  if (carried_.size() > most_carried) carried_.pop_front();
}

/// One that only its digest tells from the batch's own. The digest is of ids: of the same ones with other contents only
/// TLS sees to it that no result comes from another line.
std::optional<link_result> network::stray_for(std::uint64_t line, const link_batch& batch) const {
  std::size_t points = 0;
  for (const auto& range : batch.rows) points += range.count;
  auto fits = std::find_if(carried_.rbegin(), carried_.rend(), [&](const record& each) {
    const auto& of = each.result;
    return each.line != line && of.sequence == batch.sequence && of.digest != batch.digest &&
           of.result.outcomes.size() == points;
  });
  if (fits == carried_.rend()) return std::nullopt;
  return fits->result;
}

/// Mostly less than the setting, at times much more.
nanoseconds network::some_delay() {
  auto most = with_.delay * (!mended_ && stage_.random.once_in(16) ? 5 : 1);
  return nanoseconds{stage_.random.between(10'000, std::max<std::int64_t>(most.count(), 10'000))};
}

} // namespace goloca::simulation
