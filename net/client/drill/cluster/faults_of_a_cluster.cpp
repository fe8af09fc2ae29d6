// What may happen to several nodes and their database: done by deploy/cluster.sh, with signals, packet filters and
// files.

#include "net/client/drill/cluster/cluster.hpp"
#include "net/client/drill/cluster/link_stranger.hpp"
#include "net/client/drill/fault.hpp"
#include "net/client/drill/local_call.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <iterator>
#include <string_view>

namespace goloca::net::drill {

namespace {

using words = cluster::words;

constexpr milliseconds node_limit{5'000};
constexpr milliseconds leader_limit{12'000};
constexpr milliseconds rewind_limit{16'000};
const char* const why_leader = "Patroni's own clocks: a leader is missed after 7 s";
const char* const why_rewind =
    "Patroni's own clocks: a leader is missed after 7 s, a frozen one is waited for, and by chance "
    "the other standby was ahead of the new leader and is rewound before anything is committed";

/// Each of them is told, one after the other.
void tell_all(const cluster& of, const std::vector<words>& what) {
  for (const auto& each : what) of.tell(each);
}

/// One thing that is done, and its undoing.
std::function<cure(const cluster&)> there_and_back(std::vector<words> there, std::vector<words> back) {
  return [there = std::move(there), back = std::move(back)](const cluster& on) -> cure {
    tell_all(on, there);
    return [&on, back] { tell_all(on, back); };
  };
}

/// The three ways in which a process can be lost.
struct way_to_go {
  const char* done;
  const char* verb;
  const char* back;
  const char* words;
  milliseconds hold;
};
constexpr std::array ways_to_go{
    way_to_go{"killed", "kill", "start", "killed (SIGKILL), and started again", milliseconds{2'000}},
    way_to_go{"frozen", "freeze", "thaw", "held still for a while (SIGSTOP, SIGCONT)", milliseconds{6'000}},
    way_to_go{"stopped", "stop", "start", "stopped in order (SIGTERM), and started again", milliseconds{2'000}}};

/// Who it is may be known only when it is time: the leader.
using choice = std::function<std::vector<std::string>(const cluster&)>;

fault lost(const std::string& who, const std::string& in_words, const way_to_go& how, choice chosen) {
  return {.name = who + '.' + how.done,
          .what = in_words + " is " + how.words,
          .hold = how.hold,
          .recovery = node_limit,
          .strike_nodes = [&how, chosen = std::move(chosen)](const cluster& on) -> cure {
            auto victims = chosen(on);
            for (const auto& each : victims) on.tell({how.verb, each});
            return [&on, &how, victims] {
              for (const auto& each : victims) on.tell({how.back, each});
            };
          }};
}

choice node(const std::string& name) {
  return [name](const cluster&) { return words{name}; };
}

choice standby() {
  return [](const cluster& on) {
    auto said = on.tell({"standby"});
    return words{said.substr(0, said.find('\n')) + ":database"};
  };
}

std::vector<fault> losses() {
  std::vector<fault> all;
  for (const auto& how : ways_to_go) {
    auto edge = lost("edge", "edge-1", how, node("edge-1"));
    edge.struck_edges = {"edge-1"};
    edge.deafens = how.verb == std::string_view{"freeze"};
    auto writer = lost("writer", "writer-1", how, node("writer-1"));
    writer.outage = node_limit;
    auto writers = lost("writers", "every writer", how, [](const cluster& on) { return on.nodes("writer"); });
    auto leader = lost("leader", "the database that takes writes, with its Patroni,", how,
                       [](const cluster& on) { return words{on.leader() + ":database"}; });
    leader.hold = milliseconds{20'000};
    leader.outage = leader.recovery = rewind_limit;
    leader.because = why_rewind;
    auto follower = lost("standby", "its synchronous standby, with its Patroni,", how, standby());
    follower.hold = leader_limit;
    follower.outage = follower.recovery = leader_limit;
    follower.because = why_leader;
    auto etcd =
        lost("etcd", "the leader's etcd alone", how, [](const cluster& on) { return words{on.leader() + ":etcd"}; });
    etcd.outage = etcd.recovery = leader_limit;
    etcd.because = why_leader;
    for (auto* each : {&edge, &writer, &writers, &leader, &follower, &etcd}) all.push_back(std::move(*each));
  }
  return all;
}

// -- the link between one edge and one writer ------------------------------------------------------

fault of_a_link(const std::string& name, const std::string& what, std::vector<words> there) {
  return {.name = "link." + name,
          .what = what,
          .hold = milliseconds{6'000},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = there_and_back(std::move(there), {{"heal", "edge-1", "writer-1"}})};
}

/// A gate stands in for a long line: this kernel delays no packets itself.
fault delayed() {
  return {.name = "link.delayed",
          .what = "everything between edge-1 and writer-1 comes 500 ms later, each way",
          .hold = milliseconds{6'000},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            namespace ip = boost::asio::ip;
            auto line = std::make_shared<gate>(ip::make_address(on.host()),
                                               ip::tcp::endpoint{ip::make_address(on.address_of("writer-1")), 7420});
            line->set({gate_mode::kind::delayed, milliseconds{500}});
            on.tell({"detour", "edge-1", "writer-1", std::to_string(line->port())});
            return [&on, line]() mutable {
              on.tell({"heal", "edge-1", "writer-1"});
              line.reset(); // with its connections
            };
          }};
}

std::vector<words> pairs(const std::string& verb, const std::string& one, const std::vector<std::string>& others) {
  std::vector<words> made;
  for (const auto& each : others) made.push_back({verb, one, each});
  return made;
}

fault edge_cut_off() {
  return {.name = "edge.cut-off",
          .what = "no packet between edge-1 and any writer",
          .hold = milliseconds{6'000},
          .recovery = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            tell_all(on, pairs("cut", "edge-1", on.nodes("writer")));
            return [&on] { tell_all(on, pairs("heal", "edge-1", on.nodes("writer"))); };
          },
          .struck_edges = {"edge-1"}};
}

fault writer_without_database() {
  return {.name = "writer.no-database",
          .what = "no packet between writer-1 and any database, while its edges reach it",
          .hold = milliseconds{8'000},
          .recovery = node_limit,
          .outage = milliseconds{7'000},
          .strike_nodes = [](const cluster& on) -> cure {
            tell_all(on, pairs("cut", "writer-1", on.nodes("db")));
            return [&on] { tell_all(on, pairs("heal", "writer-1", on.nodes("db"))); };
          }};
}

std::vector<fault> faults_of_links() {
  std::vector<fault> all{
      of_a_link("reset", "every packet between edge-1 and writer-1 is answered by a reset",
                {{"reset", "edge-1", "writer-1"}}),
      of_a_link("cut", "no packet between edge-1 and writer-1, either way", {{"cut", "edge-1", "writer-1"}}),
      of_a_link("deaf", "no packet of writer-1 comes to edge-1", {{"drop-from", "writer-1", "edge-1"}}),
      of_a_link("dumb", "no packet of edge-1 comes to writer-1", {{"drop-from", "edge-1", "writer-1"}}),
      delayed(),
      of_a_link("lossy", "each tenth packet between edge-1 and writer-1 is lost",
                {{"lose", "edge-1", "writer-1", "10"}}),
      edge_cut_off(),
      writer_without_database()};
  auto thin = of_a_link("thin", "1 Mbit/s to writer-1", {});
  thin.strike_nodes = there_and_back({{"thin", "writer-1", "1000"}}, {{"thin", "writer-1", "0"}});
  all.push_back(std::move(thin));
  return all;
}

// -- who one is, and when --------------------------------------------------------------------------

fault same_process_ids() {
  return {.name = "edges.same-process-id",
          .what = "edge-1 and edge-2 are started again, each as process 1 of a PID namespace of its own",
          .hold = milliseconds{3'000},
          .recovery = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            tell_all(on, {{"stop", "edge-1"}, {"stop", "edge-2"}, {"twin", "edge-1"}, {"twin", "edge-2"}});
            return [] {};
          },
          .struck_edges = {"edge-1", "edge-2"}};
}

fault clock_jumped() {
  return {.name = "clock.jumped",
          .what = "the wall clocks of edge-1 and writer-1 are an hour back",
          .hold = milliseconds{3'000},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            for (const auto* each : {"edge-1", "writer-1"}) {
              auto said = call(on.admin(each), "PUT", "/faults/clock.jump");
              if (!said || said->status != 200) throw drill_failure{std::string{each} + " takes no fault"};
            }
            return [&on] {
              for (const auto* each : {"edge-1", "writer-1"}) call(on.admin(each), "DELETE", "/faults/clock.jump");
            };
          }};
}

/// A node that shows this one is nobody to the others, until it has its own again; they are not troubled.
fault certificate(const std::string& name, const std::string& what) {
  return {.name = "certificate." + name,
          .what = what,
          .hold = milliseconds{4'000},
          .recovery = node_limit,
          .strike_nodes = there_and_back({{"certify", "edge-1", name}, {"kill", "edge-1"}, {"start", "edge-1"}},
                                         {{"certify", "edge-1", "good"}}),
          .struck_edges = {"edge-1"}};
}

/// New files under a running node, and links made anew by them.
fault certificates_renewed() {
  return {.name = "certificate.renewed",
          .what = "edge-1 and writer-1 get new certificates while they run, and their link is reset",
          .hold = milliseconds{1'000},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = there_and_back(
              {{"certify", "edge-1", "good"}, {"certify", "writer-1", "good"}, {"reset", "edge-1", "writer-1"}},
              {{"heal", "edge-1", "writer-1"}})};
}

fault certificate_swapped() {
  return {.name = "certificate.swapped",
          .what = "edge-1's file has a certificate that is not its key's, and a link is reset: it keeps the one it had",
          .hold = milliseconds{1'500},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = there_and_back({{"certify", "edge-1", "swapped"}, {"reset", "edge-1", "writer-1"}},
                                         {{"heal", "edge-1", "writer-1"}, {"certify", "edge-1", "good"}})};
}

fault strangers() {
  return {.name = "link.strangers",
          .what = "1,000 connections to writer-1's port for links: garbage, headers that claim 4 GiB, and silence",
          .hold = milliseconds{6'000},
          .recovery = milliseconds{2'000},
          .outage = milliseconds{1'500},
          .strike_nodes = [](const cluster& on) -> cure {
            auto all =
                std::make_shared<link_strangers>(on.address_of("writer-1"), std::uint16_t{7420}, std::size_t{1'000});
            return [all] {};
          }};
}

/// One edge and one writer lag behind in a rolling upgrade: an old edge with new writers, new edges with an old one.
fault two_versions() {
  return {.name = "versions.two",
          .what = "edge-1 and writer-1 are of the release before, for a while",
          .hold = milliseconds{4'000},
          .recovery = node_limit,
          .outage = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            if (!on.has_older())
              throw not_possible{"the cluster was brought up without --older, a goloca to compare with"};
            tell_all(on, {{"stop", "writer-1"}, {"older", "writer-1"}, {"stop", "edge-1"}, {"older", "edge-1"}});
            return [&on] {
              on.restart("writer-1");
              on.restart("edge-1");
            };
          },
          .struck_edges = {"edge-1"}};
}

fault all_restarted() {
  return {.name = "everything.restarted",
          .what = "each writer and each edge in turn: stopped, started again, and ready before the next",
          .hold = milliseconds{500},
          .recovery = node_limit,
          .strike_nodes = [](const cluster& on) -> cure {
            for (const auto& each : on.nodes()) on.restart(each);
            return [] {};
          }};
}

} // namespace

std::vector<fault> faults_of_a_cluster() {
  auto all = losses();
  for (auto& each : faults_of_links()) all.push_back(std::move(each));
  for (auto& each : {same_process_ids(), clock_jumped(),
                     certificate("expired", "edge-1 is started with a certificate that has expired"),
                     certificate("foreign", "edge-1 is started with a certificate of another authority"),
                     certificates_renewed(), certificate_swapped(), strangers(), two_versions(), all_restarted()})
    all.push_back(each);
  for (auto& each : all) each.stores = {store_kind::postgres};
  return all;
}

} // namespace goloca::net::drill
