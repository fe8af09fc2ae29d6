#pragma once
// Points out of a CSV whose header names the schema's members or columns.

#include "net/client/csv_reader.hpp"
#include "net/client/point_source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net::client {

class csv_source final : public point_source {
public:
  /// \param fields  for each named column of the header the schema's field.
  /// \param width   all columns of the header: those past the named ones have no name, and must be empty or missing.
  csv_source(csv_reader records, std::shared_ptr<const store::schema> of, std::vector<std::size_t> fields,
             std::size_t width, store::point_id_source& ids);

  std::optional<item> next() override;
  [[nodiscard]] std::uint64_t consumed() const override { return records_.consumed(); }

private:
  [[nodiscard]] std::string fault_of(const csv_record& record) const;
  void give_id(item& to);
  std::string append_members(item& to);

  csv_reader records_;
  std::shared_ptr<const store::schema> schema_;
  std::vector<std::size_t> fields_;
  std::vector<std::string> prefixes_; // `"user_id":`, one per named column
  std::size_t width_;
  store::point_id_source* ids_;
  csv_record record_; // reused
};

/// Reads the header. \return the source, or what is wrong with the header.
std::variant<std::unique_ptr<point_source>, std::string>
open_csv(byte_reader bytes, std::shared_ptr<const store::schema> of, store::point_id_source& ids);

} // namespace goloca::net::client
