#pragma once
// Every message between actors, and the handles' interfaces. Messages that carry rows are local to a node: a row range
// shares memory, so CAF is told that they cannot be serialised (links between nodes have a wire of their own).

#include "actors/link_messages.hpp"
#include "actors/node_status.hpp"
#include "store/data_point_store.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::actors {

// -- session → connection ------------------------------------------------------------------------

/// All the points that a session read at once. points[i] has the number `first + i`; the numbers of a connection start
/// at 0 and have no gap. Rows that are not valid() are answered `invalid` in their turn.
struct burst {
  std::uint64_t first;
  store::row_range points;
  time_point deadline; // each point is answered by then
};

/// What is known of this id? Answered by a find_result with the same number.
struct find_query {
  std::uint64_t number; // the session's own count
  std::int64_t id;
  time_point deadline;
};

/// Would a point sent now be stored? Answered by a readiness with the same number.
struct readiness_query {
  std::uint64_t number = 0;
};

/// From here on the points come by WebSocket (also a connection → its parent, for the count). Everything that was read
/// before is answered.
struct became_websocket {};

/// The session's socket is gone: no more replies. The connection ends once its points are accounted for.
struct client_gone {};

// -- connection ⇄ writer pool --------------------------------------------------------------------

/// A run of valid points of one burst.
struct point_run {
  std::uint64_t first; // the number of rows[0] on its connection
  store::row_range rows;
};

/// Please store these. Answered by insert_replies that together cover each point once, unless the pool dies.
struct insert_request {
  std::vector<point_run> runs;
  time_point deadline;
};

/// `count` points from number `first` on, all with the same verdict.
struct verdict_run {
  std::uint64_t first;
  std::uint32_t count;
  verdict what;
  std::string detail;      // for a person; empty where the verdict says all
  std::int64_t new_id = 0; // the id under which an id-less point was stored in the end, where the row has another
  bool given_up = false;   // `unavailable` because it ended its writer each time that it was tried alone
};

/// What became of a connection's points in one batch. To a session: in the order of their numbers, without a gap.
struct insert_reply {
  std::vector<verdict_run> runs;
  time_point at{}; // when it was known, for whoever measures; not set: the clock says
};

struct find_request {
  std::int64_t id;
};

/// What the node knows of an id. `row` holds one row when `found`.
struct find_result {
  enum class state : std::uint8_t { found, missing, in_flight, unavailable, timeout };
  std::uint64_t number = 0; // of the find_query
  state what = state::unavailable;
  std::shared_ptr<const store::row_block> row;
  std::string detail;
};

/// The state of the way to the store. A point sent now would be stored when ready() holds.
struct readiness {
  std::uint64_t number = 0;   // of the readiness_query
  std::uint32_t writers = 0;  // connected
  std::uint64_t queued = 0;   // points waiting
  std::uint64_t capacity = 0; // MAX_JOB_QUEUE_LENGTH
  bool full_durability = true;
  std::string durability; // the store's statement; empty before the first connection
  std::string reason;     // why there is no writer; empty when there is one
  [[nodiscard]] bool ready() const { return writers > 0 && queued < capacity; }
};

// -- writer pool ⇄ db writer ---------------------------------------------------------------------

/// Names a batch for ever: a result for a pool that died, or of a batch that was taken back, is recognised and dropped.
struct batch_id {
  std::uint64_t incarnation = 0; // random per pool
  std::uint64_t sequence = 0;    // never reused
  friend auto operator<=>(const batch_id&, const batch_id&) = default;
};

/// Store these in one transaction.
struct insert_batch {
  batch_id id;
  std::vector<store::row_range> rows;
};

/// outcomes[i] is what became of the i-th row of the batch, its ranges one after the other.
struct batch_result {
  batch_id id;
  store::insert_result result;
  std::vector<given_up_point> given_up{}; // of a link: what the writer's node has done with
};

// -- supervision ---------------------------------------------------------------------------------

/// Why an actor of ours ended, beside CAF's own reasons; the error's context is a sentence for a person.
enum class failure : std::uint8_t {
  store_unavailable = 1, // a writer: the store cannot be reached or does not answer; try again without limit
  store_unknown,         // a writer: the store said what no rule covers; try again, but the batch is suspect
  store_unfit,           // a person must act: the table, the durability, the settings
  crashed,               // any actor: an exception; a writer: one that is not the store's
  store_never_came,      // the writer supervisor: the attempts at the first start are used up
  too_many_crashes,      // the writer supervisor: more than the restart intensity allows
};
std::string to_string(failure what);

/// The sentence in an error of ours, or CAF's description of any other.
std::string reason_of(const caf::error& why);

/// What a throw means: only a bug throws in an actor. For set_exception_handler.
caf::error crash_of(std::exception_ptr thrown);

/// To oneself: connect to the store; look whether the connection lives; a wait is over.
struct connect_store {};
struct probe_store {};
struct start_writer {
  std::uint32_t slot;
};
struct tick {};

/// To oneself, behind what is in the mailbox already or a little later: now give out work.
struct dispatch_queued {};

/// To oneself: the wait for those that were answered is over.
struct gather_ended {};

using db_writer = caf::typed_actor<caf::replies_to<insert_batch>::with<batch_result>,
                                   caf::replies_to<find_request>::with<find_result>, //
                                   caf::reacts_to<connect_store>, caf::reacts_to<probe_store>>;

/// How much a writer takes at a time.
struct writer_capacity {
  std::size_t batches = 1;                                      // without a result
  std::size_t points = std::numeric_limits<std::size_t>::max(); // of a batch; beside MAX_BATCH
  std::size_t bytes = std::numeric_limits<std::size_t>::max();  // of a batch's rows; a single row may have more
};

/// A writer is connected and waits for work (writer → supervisor → pool).
struct writer_ready {
  db_writer writer;
  store::durability promise;
  writer_capacity capacity{};
  std::shared_ptr<store::stepwise_insert> steps{}; // of a writer with a thread to one without: its store's
};

/// The rest of an insert that a writer without a thread began: do what waits. Whatever becomes of that writer, the rows
/// stay for as long.
struct finish_insert {
  insert_batch begun;
};
using threaded_writer = db_writer::extend<caf::replies_to<finish_insert>::with<batch_result>>;

/// To oneself: the socket that was watched is ready.
struct socket_ready {};
using stepwise_writer = db_writer::extend<caf::reacts_to<writer_ready>, caf::reacts_to<socket_ready>>;

/// It wants no more batches; what it has it finishes (link → its supervisor → pool).
struct writer_leaving {
  db_writer writer;
};

/// There is no writer at the moment, and why (supervisor → pool, for refusals and /readyz).
struct writers_missing {
  std::string reason;
};

using writer_pool = caf::typed_actor<caf::reacts_to<insert_request>, caf::replies_to<find_request>::with<find_result>,
                                     caf::replies_to<readiness_query>::with<readiness>, caf::reacts_to<writer_ready>,
                                     caf::reacts_to<writer_leaving>, caf::reacts_to<writers_missing>,
                                     caf::reacts_to<dispatch_queued>, caf::reacts_to<gather_ended>,
                                     caf::reacts_to<tick>, caf::replies_to<pool_query>::with<pool_status>>;

/// The pool died; this one has taken its place.
struct pool_changed {
  writer_pool pool;
};

using writer_supervisor =
    caf::typed_actor<caf::reacts_to<writer_ready>, caf::reacts_to<pool_changed>, caf::reacts_to<start_writer>,
                     caf::reacts_to<tick>, caf::replies_to<writers_query>::with<writers_status>>;

/// Answer what is waiting as at its deadline, now.
struct give_up {};

/// Take no more, answer what was read, end.
struct drain {};

/// To oneself: tell the next few WebSockets to drain.
struct drain_more {};

/// Everybody has left: once in answer to a drain (the parent of connections or link hosts → node supervisor).
struct all_left {};

// -- links between nodes -------------------------------------------------------------------------

/// An edge's end of a link, from its transport.
struct link_news {
  link_event what;
};

/// How a link is (link → its supervisor, with each round trip).
struct link_report {
  std::chrono::nanoseconds round_trip{};
  std::chrono::nanoseconds batch_time{}; // of late, from the sending to the result
  std::size_t in_flight = 0;             // batches
  std::size_t credit = 0;
};

/// The part of a link's supervisor that the link sees. `link_named`: which node answered there.
struct link_named {
  std::string node;
  std::uint64_t boot = 0;
};
using link_watcher = caf::typed_actor<caf::reacts_to<writer_ready>, caf::reacts_to<writer_leaving>,
                                      caf::reacts_to<link_named>, caf::reacts_to<link_report>>;

/// An edge's end of a link: for the pool a db writer. At a drain it finishes what it has, and ends.
using node_link = db_writer::extend<caf::reacts_to<link_news>, caf::reacts_to<tick>, caf::reacts_to<drain>>;

/// These are the addresses to have links to from now on.
struct members_changed {
  std::vector<std::string> addresses; // each host:port, numeric; sorted, none twice
};
struct start_link {
  std::string address;
};

using link_supervisor =
    link_watcher::extend<caf::reacts_to<members_changed>, caf::reacts_to<start_link>, caf::reacts_to<pool_changed>,
                         caf::reacts_to<drain>, caf::replies_to<links_query>::with<links_status>>;

/// A writer's end of a link. `link_gone`, from its transport: there is nobody to answer.
struct link_gone {};
using link_host = caf::typed_actor<caf::reacts_to<link_batch>, caf::reacts_to<link_find>, caf::reacts_to<link_gone>,
                                   caf::reacts_to<insert_reply>, caf::reacts_to<pool_changed>, caf::reacts_to<drain>,
                                   caf::reacts_to<dispatch_queued>, caf::reacts_to<tick>>;

/// What a host has done (host → its parent, now and then).
struct host_report {
  std::uint64_t in_flight = 0; // batches
  std::uint64_t batches = 0;   // answered, since it began
  std::uint64_t points = 0;    // of these
};

/// The part of the hosts' parent that a host sees.
using host_parent = caf::typed_actor<caf::reacts_to<host_report>>;

/// To a writer's transport: first an admitted or a refusal; a refusal ends it at any time.
struct link_admitted {
  link_host host;
  link_welcome welcome;
};
using host_order = std::variant<link_admitted, link_refusal, link_result, link_found, link_draining>;
using host_port = std::function<void(host_order)>; // any thread; neither blocks nor throws

/// An edge has said hello: spawn a host that answers through `out`, or refuse through it.
struct open_link {
  link_hello hello;
  std::string from; // the peer's address, for people
  host_port out;
};

/// Parent of a writer node's link hosts.
using link_hosts =
    host_parent::extend<caf::reacts_to<open_link>, caf::reacts_to<pool_changed>, caf::replies_to<drain>::with<all_left>,
                        caf::replies_to<hosts_query>::with<hosts_status>, caf::reacts_to<tick>>;

// -- connections ---------------------------------------------------------------------------------

using connection = caf::typed_actor<caf::reacts_to<burst>, caf::reacts_to<insert_reply>, caf::reacts_to<find_query>,
                                    caf::reacts_to<readiness_query>, caf::reacts_to<status_query>,
                                    caf::reacts_to<client_gone>, caf::reacts_to<became_websocket>,
                                    caf::reacts_to<pool_changed>, caf::reacts_to<drain>, caf::reacts_to<give_up>,
                                    caf::reacts_to<tick>, caf::replies_to<report_account>::with<account_reported>>;

/// What a session hears from its connection, one at a time, by its reply port.
struct connection_opened {
  connection handle;
};
struct connection_refused {}; // the node is full, or draining
using port_event =
    std::variant<connection_opened, connection_refused, insert_reply, find_result, readiness, status_told, drain>;

/// The way out of a connection. May be called from any thread; neither blocks nor throws.
using reply_port = std::function<void(port_event)>;

/// The part of a connection that the pool sees.
using reply_receiver = caf::typed_actor<caf::reacts_to<insert_reply>>;

/// Tick me when it is this late (connection → its parent). One is enough: the earlier of two holds.
struct wake_at {
  time_point when;
};

/// The account of all points since the node started.
struct account_query {};

/// The same, from the node supervisor to who asked it.
struct drained {
  account total;
};

/// A client has come: spawn a connection that answers through `out`, or refuse through it.
struct open_connection {
  reply_port out;
};

using connections =
    caf::typed_actor<caf::reacts_to<open_connection>, caf::reacts_to<wake_at>, caf::reacts_to<became_websocket>,
                     caf::replies_to<connections_query>::with<connections_status>, caf::reacts_to<pool_changed>,
                     caf::replies_to<drain>::with<all_left>, caf::reacts_to<drain_more>, caf::reacts_to<give_up>,
                     caf::reacts_to<tick>>;

/// The part of the node supervisor that its children and the connections see. It keeps the account of every point:
/// whoever else dies, the books are not lost. Ends everything below it when it ends.
using node_books = caf::typed_actor<caf::reacts_to<account_report>, caf::replies_to<status_query>::with<status_told>,
                                    caf::reacts_to<pool_ended>, caf::reacts_to<writers_ended>>;

} // namespace goloca::actors

#include "actors/message_types.hpp" // it is what CAF knows of them
