#pragma once
// Edges and writers as the processes they are, on loopback, in front of one PostgreSQL.

#include "tests/support/child_process.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/temporary_postgres.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace goloca::test {

/// A cluster's own authority, by deploy/link_certificates.sh.
class link_authority {
public:
  /// The settings of a node with a certificate of this authority; made at the first call for it.
  [[nodiscard]] environment member(const std::string& node) const;
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

private:
  scratch_folder folder_;
};

class node_cluster {
public:
  /// \param program     goloca_binary(). Ready when the constructor returns: each edge has its links.
  /// \param of_writers  further settings that each writer has.
  node_cluster(std::string program, std::size_t edges, std::size_t writers, environment of_writers = {});

  [[nodiscard]] running_goloca& edge(std::size_t nth) { return *edges_.at(nth); }
  [[nodiscard]] running_goloca& writer(std::size_t nth) { return *writers_.at(nth); }
  [[nodiscard]] temporary_postgres& database() { return database_; }
  [[nodiscard]] const link_authority& authority() const { return authority_; }
  [[nodiscard]] std::string writers() const; // as WRITERS has them
  [[nodiscard]] std::uint16_t link_port(std::size_t writer) const { return link_ports_.at(writer); }
  [[nodiscard]] std::string libpq_url() const;

  [[nodiscard]] std::uint64_t rows() const; // in the table
  [[nodiscard]] static nlohmann::json cluster_page(const running_goloca& of);
  [[nodiscard]] static std::size_t links_of(const running_goloca& edge); // that are connected

  /// The settings of one more edge or writer of this cluster.
  [[nodiscard]] environment edge_settings(const std::string& node) const;
  [[nodiscard]] environment writer_settings(const std::string& node, std::uint16_t link_port) const;

private:
  std::string program_;
  environment of_writers_;
  link_authority authority_;
  temporary_postgres database_{{.tcp = true}};
  std::vector<std::uint16_t> link_ports_;
  std::vector<std::unique_ptr<running_goloca>> writers_;
  std::vector<std::unique_ptr<running_goloca>> edges_;
};

} // namespace goloca::test
