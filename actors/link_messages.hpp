#pragma once
// What an edge and a writer node tell each other (net/link puts it on the wire), and how the actors at both ends speak
// with the transport between them. An edge dials; to its pool a link is one more db writer. The end of a link gives
// every batch back that has no result yet: ids make sending it elsewhere safe.

#include "store/data_point_store.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::actors {

/// Wire versions that this build speaks: a release serves the one before it, too. What goes over the wire in a version
/// never changes; something new is a new version.
/// 2: a result may give points up; before, such a point ended the link.
struct wire_versions {
  std::uint16_t least = 1;
  std::uint16_t most = 2;
  friend bool operator==(const wire_versions&, const wire_versions&) = default;
};

// -- edge → writer -------------------------------------------------------------------------------

/// First of all. Answered by a link_welcome or a link_refusal.
struct link_hello {
  wire_versions versions{};
  std::string cluster;    // CLUSTER_NAME: both must have the same
  std::string node;       // NODE_NAME, for people
  std::uint64_t boot = 0; // random for each start of a process: two that have one are a clone and its origin
  std::string schema;     // net::link::digest_of the schema: both must have the same
};

/// Store these. Answered by a link_result, unless the link ends.
struct link_batch {
  std::uint64_t sequence = 0;           // from 1, each once a link
  std::uint64_t digest = 0;             // of the ids, in order: what the result must repeat
  std::chrono::milliseconds patience{}; // after which a result is of no use
  std::vector<store::row_range> rows;
};

/// What is known of this id? Answered by a link_found of the same number.
struct link_find {
  std::uint64_t number = 0;
  std::int64_t id = 0;
  std::chrono::milliseconds patience{};
};

// -- writer → edge -------------------------------------------------------------------------------

/// From now on batches may come, at most `credit` without a result at a time.
struct link_welcome {
  std::uint16_t version = 1; // of the wire: the highest that both speak
  std::string node;
  std::uint64_t boot = 0;
  std::uint32_t credit = 4;
  std::uint32_t most_points = 500;     // of a batch
  std::uint32_t most_bytes = 4u << 20; // of a batch's rows on the wire; a single row may be larger
  store::durability promise{};
};

/// Not (any longer), and why; the link is closed.
struct link_refusal {
  std::string reason;
};

/// A point that ended its writer each time that it was tried alone. Whether it is stored is not known.
struct given_up_point {
  std::uint32_t index = 0; // in the batch; its outcome says nothing
  std::string reason;
  friend bool operator==(const given_up_point&, const given_up_point&) = default;
};

/// What became of each point of a batch.
struct link_result {
  std::uint64_t sequence = 0;
  std::uint64_t digest = 0;
  store::insert_result result;
  std::vector<given_up_point> given_up{}; // by index, none twice; from wire version 2 on
};

struct link_found {
  enum class state : std::uint8_t { found, missing, in_flight, unavailable, timeout };
  std::uint64_t number = 0;
  state what = state::unavailable;
  std::shared_ptr<const store::row_block> row; // one row when `found`
  std::string detail;
};

/// This node wants to end: no more batches, please. Those that it has are answered.
struct link_draining {};

// -- actor ⇄ transport ---------------------------------------------------------------------------

/// From an edge's transport, in this order: a welcome, then anything, in the end one closed (perhaps the first).
struct link_measured {
  std::chrono::nanoseconds round_trip{}; // of a ping
};
struct link_closed {
  std::string reason;
};
using link_event = std::variant<link_welcome, link_result, link_found, link_draining, link_measured, link_closed>;
using link_ear = std::function<void(link_event)>; // any thread; neither blocks nor throws

/// To an edge's transport. After a close nothing more is heard of it.
struct link_close {};
using link_order = std::variant<link_batch, link_find, link_close>;
using link_port = std::function<void(link_order)>; // any thread; neither blocks nor throws

/// Begins to dial an address; what becomes of it is told to the ear.
using link_dialer = std::function<link_port(const std::string& address, link_ear)>;

} // namespace goloca::actors
