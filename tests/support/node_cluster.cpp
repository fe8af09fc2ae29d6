#include "tests/support/node_cluster.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

#include <stdexcept>
#include <utility>

namespace goloca::test {

using namespace std::chrono_literals;

environment link_authority::member(const std::string& node) const {
  if (!std::filesystem::exists(file(node + ".crt"))) {
    child_process maker{std::string{GOLOCA_SOURCE_DIR} + "/deploy/link_certificates.sh",
                        {.arguments = {folder_.path().string(), node}}};
    if (maker.wait() != 0) throw std::runtime_error{"no certificate for " + node + ": " + maker.err()};
  }
  return {{"LINK_CERTIFICATE", file(node + ".crt")},
          {"LINK_KEY", file(node + ".key")},
          {"LINK_AUTHORITY", file("ca.crt")},
          {"NODE_NAME", node}};
}

node_cluster::node_cluster(std::string program, std::size_t edges, std::size_t writers, environment of_writers)
    : program_{std::move(program)}, of_writers_{std::move(of_writers)} {
  for (std::size_t i = 0; i < writers; ++i) link_ports_.push_back(free_port());
  for (std::size_t i = 0; i < writers; ++i) {
    auto name = "writer-" + std::to_string(i + 1);
    writers_.push_back(std::make_unique<running_goloca>(program_, writer_settings(name, link_ports_[i])));
  }
  for (std::size_t i = 0; i < edges; ++i) {
    edges_.push_back(std::make_unique<running_goloca>(program_, edge_settings("edge-" + std::to_string(i + 1))));
  }
  for (auto& each : edges_) {
    if (!eventually([&] { return links_of(*each) == writers; }, 20s))
      throw std::runtime_error{"an edge does not get its links:\n" + each->log()};
  }
}

environment node_cluster::writer_settings(const std::string& node, std::uint16_t link_port) const {
  auto made = authority_.member(node);
  for (const auto& [key, value] : of_writers_) made[key] = value;
  made["ROLE"] = "writer";
  made["STORE"] = "postgres";
  made["DATABASE_URL"] = libpq_url();
  made["LINK_ADDRESS"] = "127.0.0.1:" + std::to_string(link_port);
  made["REQUEST_TIMEOUT"] = "5s";
  return made;
}

environment node_cluster::edge_settings(const std::string& node) const {
  auto made = authority_.member(node);
  made["ROLE"] = "edge";
  made["WRITERS"] = writers();
  made["STORE"] = "sqlite"; // an edge has none: it is noted as unused
  made["REQUEST_TIMEOUT"] = "5s";
  return made;
}

std::string node_cluster::writers() const {
  std::string all;
  for (auto port : link_ports_) all += (all.empty() ? "" : ",") + ("127.0.0.1:" + std::to_string(port));
  return all;
}

std::string node_cluster::libpq_url() const {
  return "postgresql://goloca@127.0.0.1:" + std::to_string(database_.port()) + "/postgres";
}

std::uint64_t node_cluster::rows() const {
  return std::stoull(database_.query("SELECT count(*) FROM datapoint"));
}

nlohmann::json node_cluster::cluster_page(const running_goloca& of) {
  return nlohmann::json::parse(raw_client{of.admin_port()}.get("/cluster").body);
}

std::size_t node_cluster::links_of(const running_goloca& edge) {
  std::size_t connected = 0;
  auto page = cluster_page(edge);
  for (const auto& each : page.at("writers")) {
    if (each.at("state") == "connected") ++connected;
  }
  return connected;
}

} // namespace goloca::test
