#pragma once
// One line of the network: a connection with a session at either end, as net/link's dialer and writer_session are. It
// also holds the actors at the ends to the rules of a link: credit, each sequence once, each batch answered once.

#include "tests/simulation/network.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <variant>

namespace goloca::simulation {

class line : public std::enable_shared_from_this<line> {
public:
  line(network& of, route& on, std::uint64_t number, actors::link_ear ear);

  /// Only once. \param door  of the writer; null: nobody listens.
  void dial(actors::link_hello hello, actors::link_hosts door);

  /// From the edge's actor.
  void take(actors::link_order order);

  /// It is gone. \param silently  nobody hears of it but by silence
  void lose(bool silently);

  /// A stall began: whoever is deaf for too long gives up.
  void expect_silence();

  /// Nothing is on its way, and if it is lost, both ends know.
  [[nodiscard]] bool at_rest() const;

private:
  struct ended {}; // the last of all: the other end closed
  using to_writer = std::variant<actors::link_hello, actors::link_batch, actors::link_find, ended>;
  using to_edge = std::variant<actors::link_welcome, actors::link_result, actors::link_found, actors::link_draining,
                               actors::link_refusal, ended>;
  template <class Frame>
  struct pipe {
    std::deque<Frame> frames{}; // on their way
    time_point latest{};        // when the last of them comes
    bool shut = false;          // takes no more
  };
  enum class edge_phase : std::uint8_t { dialling, linked, ended };
  enum class writer_phase : std::uint8_t { silent, asking, linked, leaving, closed };

  // -- on the way

  template <class Frame>
  void put(pipe<Frame>& into, way which, Frame what);
  template <class Frame>
  void shut_with_an_end(pipe<Frame>& which, way direction);
  template <class Frame>
  void lose_some(pipe<Frame>& of);
  void meddle(const char* how, std::function<void(line&)> act);
  void wait_for(way which, time_point due, std::string what);
  void arrive(way which);

  // -- the edge's end

  void hear(to_edge what);
  void hear_welcome(actors::link_welcome& said);
  void hear_result(actors::link_result& said);
  void check(const actors::link_batch& sent);
  void send(actors::link_batch batch);
  void end_edge(const std::string& why);

  // -- the writer's end

  void hear(to_writer what);
  void hear_hello(actors::link_hello& said);
  void obey(actors::host_order& order);
  void admit(actors::link_admitted& order);
  void answer(actors::link_result& result);
  void refuse(actors::link_refusal why);
  void close_writer();

  void note(const std::string& what) const;

  network& of_;
  route& on_;
  std::uint64_t number_;
  actors::link_ear ear_;
  actors::link_hosts door_{};
  actors::link_host host_{}; // while it is linked
  edge_phase edge_ = edge_phase::dialling;
  writer_phase writer_ = writer_phase::silent;
  pipe<to_writer> there_{};
  pipe<to_edge> back_{};
  bool lost_ = false;
  unsigned extra_ = 0; // frames that are to come in beside their order
  std::uint64_t last_sequence_ = 0;
  std::uint32_t credit_ = 0;
  std::set<std::uint64_t> unanswered_{}; // batches, as the edge sees it
  std::set<std::uint64_t> at_host_{};    // batches, as the writer does
};

} // namespace goloca::simulation
