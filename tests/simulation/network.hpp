#pragma once
// The network between edges and writer nodes, in place of net/link: for each pair a route, on it one line (a TLS
// connection with a session at either end) after the other. It guarantees to the actors what those do, and no more:
// frames of one direction come in order and each once, until the line is lost; of that each end hears at its own time.
// What TLS rules out and the actors bear all the same comes on demand: a frame once more, a result of another line.

#include "actors/messages.hpp"
#include "tests/simulation/promises.hpp"
#include "tests/simulation/stage.hpp"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace goloca::simulation {

/// How many nodes there are, and what their links are like.
struct cluster_settings {
  std::size_t edges = 1;
  std::size_t writers = 1;    // nodes
  std::size_t edge_batch = 1; // points of an edge's batches
  std::uint32_t credit = 1;   // batches of a link
  nanoseconds delay{0};       // of a frame: most are faster
  nanoseconds silence{0};     // an end that hears nothing for so long gives the line up
};

enum class way : std::uint8_t { to_writer, to_edge };

/// What goes wrong between an edge and a writer.
struct trouble {
  enum class kind : std::uint8_t {
    lost,         // the line is gone, with some of what was on its way
    stall,        // what is on its way waits
    freeze,       // the same of all lines of that writer, both ways
    dial_fails,   // the next one
    dial_hangs,   // the next one
    batch_again,  // the next batch comes twice
    result_again, // the next result does
    stray,        // a result of another line comes for the next batch that could be mistaken for its own
  };
  kind what = kind::lost;
  std::size_t edge = 0;
  std::size_t writer = 0;
  bool there = true;    // stall: to the writer,
  bool back = true;     // and back
  bool deaf = true;     // stall, freeze: pings do not pass either
  nanoseconds lasts{0}; // stall, freeze
};
[[nodiscard]] std::string to_string(const trouble& which);

class line;

/// Between one edge and one writer, whichever lines are on it: of an old one an end may not know yet that it is lost.
struct route {
  struct stall {
    time_point since = time_point::min();
    time_point until = time_point::min();
    bool deaf = false;
  };
  enum class dial : std::uint8_t { works, fails, hangs };

  std::size_t edge = 0;
  std::size_t writer = 0;
  std::array<stall, 2> stalls{}; // by way
  dial next_dial = dial::works;
  bool batch_again = false;
  bool result_again = false;
  bool stray = false;
  std::vector<std::weak_ptr<line>> lines{}; // the last is the one that was dialled last

  [[nodiscard]] stall& of(way which) { return stalls[static_cast<std::size_t>(which)]; }
  [[nodiscard]] std::string title() const; // "edge 0 – writer 1"
};

/// Nodes are numbered, edges first. A node's actors come and go with its process, the network stays. It outlives them.
class network {
public:
  network(stage& on, promises& model, const cluster_settings& with);

  [[nodiscard]] bool is_edge(std::size_t node) const { return node < with_.edges; }
  [[nodiscard]] std::string name_of(std::size_t node) const; // "edge 0", "writer 1": also a writer's address
  [[nodiscard]] std::vector<std::string> addresses() const;  // all writers'

  // -- a node's process

  /// \return its boot id.
  [[nodiscard]] std::uint64_t begin_process(std::size_t node);
  [[nodiscard]] actors::link_dialer dialer_of(std::size_t edge, actors::link_hello hello);
  void serve(std::size_t node, actors::link_hosts parent); // from now on

  /// The kernel closes what it left open, and nobody listens.
  void end_process(std::size_t node);

  /// The machine is gone: nobody says so to its peers.
  void vanish(std::size_t node);

  // -- the script

  void befall(const trouble& what);

  /// No more troubles, and no frame is slow.
  void mend();

  /// From now on nothing but a drain may end a line, and that with nothing unanswered.
  void expect_calm() { calm_ = true; }

  /// Nothing is on its way, and every end of a lost line knows.
  [[nodiscard]] bool at_rest() const;

private:
  friend class line;

  /// A result that a line carried.
  struct record {
    std::uint64_t line;
    actors::link_result result;
  };

  [[nodiscard]] route& between(std::size_t edge, std::size_t writer);
  [[nodiscard]] std::vector<std::shared_ptr<line>> lines_of(std::size_t node) const;
  void stall(route& on, way which, const trouble& how);
  void keep(std::uint64_t line, const actors::link_result& result);
  [[nodiscard]] std::optional<actors::link_result> stray_for(std::uint64_t line, const actors::link_batch& batch) const;
  [[nodiscard]] nanoseconds some_delay();

  stage& stage_;
  promises& model_;
  cluster_settings with_;
  bool mended_ = false;
  bool calm_ = false;
  std::vector<route> routes_;
  std::vector<actors::link_hosts> doors_; // by writer; null: its process does not listen
  std::vector<std::uint64_t> boots_;      // by node: how many there were
  std::uint64_t dialled_ = 0;             // lines, ever
  std::deque<record> carried_;            // lately
};

} // namespace goloca::simulation
