#include "net/client/csv_source.hpp"

#include "net/client/csv_value.hpp"

#include <algorithm>

namespace goloca::net::client {

csv_source::csv_source(csv_reader records, std::shared_ptr<const store::schema> of, std::vector<std::size_t> fields,
                       std::size_t width, store::point_id_source& ids)
    : records_{records}, schema_{std::move(of)}, fields_{std::move(fields)}, width_{width}, ids_{&ids} {
  for (auto field : fields_) prefixes_.push_back(*json_string(schema_->fields()[field].member) + ':');
}

std::string csv_source::fault_of(const csv_record& record) const {
  if (!record.fault.empty()) return record.fault;
  auto count = record.fields.size();
  if (count < fields_.size() || count > width_) {
    return "the line has " + std::to_string(count) + " fields, the header " + std::to_string(width_);
  }
  for (auto i = fields_.size(); i < count; ++i) {
    if (!is_absent(record.fields[i])) return "field " + std::to_string(i + 1) + " has a value, but its column no name";
  }
  return {};
}

void csv_source::give_id(item& to) {
  to.id = std::to_string(ids_->next(std::chrono::system_clock::now()));
  to.text += *json_string(schema_->fields()[schema_->key()].member) + ":\"";
  to.own_id_at = to.text.size();
  to.text += to.id + '"';
}

/// Appends the members of record_ that have a value; returns what is wrong with one of them.
std::string csv_source::append_members(item& to) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto& value = record_.fields[i];
    if (is_absent(value)) continue;
    const auto& field = schema_->fields()[fields_[i]];
    auto key = fields_[i] == schema_->key();
    if (to.text.size() > 1) to.text += ',';
    to.text += prefixes_[i];
    auto start = to.text.size();
    if (auto fault = append_value(field, key, value, to.text)) return field.member + ": " + *fault;
    if (key) to.id = to.text.substr(start + 1, to.text.size() - start - 2);
  }
  return {};
}

std::optional<item> csv_source::next() {
  if (!records_.read(record_)) return std::nullopt;
  item made;
  made.line = record_.line;
  made.fault = fault_of(record_);
  if (made.fault.empty()) {
    made.text = "{";
    made.fault = append_members(made);
  }
  if (!made.fault.empty()) {
    made.text = record_.raw;
    return made;
  }
  if (made.id.empty()) {
    if (made.text.size() > 1) made.text += ',';
    give_id(made);
  }
  made.text += '}';
  return made;
}

namespace {

std::size_t field_of(const store::schema& of, std::string_view name) {
  auto member = of.find(name);
  if (member < of.size()) return member;
  auto column = std::ranges::find(of.fields(), name, &store::field::column);
  return static_cast<std::size_t>(column - of.fields().begin());
}

std::string in_quotes(std::string_view name) {
  return json_string(name.substr(0, 100)).value_or("(not UTF-8)");
}

void add_to_list(std::string& list, const std::string& name) {
  list += (list.empty() ? "" : ", ") + name;
}

/// Fills `fields` from the named columns; returns what is wrong with the header.
std::string read_header(const csv_record& header, const store::schema& of, std::vector<std::size_t>& fields) {
  if (!header.fault.empty()) return "the header cannot be read: " + header.fault;
  auto named = header.fields.size();
  while (named > 0 && header.fields[named - 1].empty()) --named;
  std::string unknown;
  for (std::size_t i = 0; i < named; ++i) {
    auto field = field_of(of, header.fields[i]);
    if (field == of.size()) {
      add_to_list(unknown, header.fields[i].empty() ? "column " + std::to_string(i + 1) + " (which has no name)"
                                                    : in_quotes(header.fields[i]));
    } else if (std::ranges::find(fields, field) != fields.end()) {
      return "the header names " + in_quotes(header.fields[i]) + " twice";
    } else {
      fields.push_back(field);
    }
  }
  std::string members;
  for (const auto& field : of.fields()) add_to_list(members, field.member);
  if (!unknown.empty()) return "the header names what the schema does not have: " + unknown + "; it has: " + members;
  std::string missing;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (of.fields()[i].required && std::ranges::find(fields, i) == fields.end()) {
      add_to_list(missing, of.fields()[i].member);
    }
  }
  return missing.empty() ? "" : "the header lacks what every point must have: " + missing;
}

} // namespace

std::variant<std::unique_ptr<point_source>, std::string>
open_csv(byte_reader bytes, std::shared_ptr<const store::schema> of, store::point_id_source& ids) {
  csv_reader records{bytes};
  csv_record header;
  if (!records.read(header)) return "there is no header";
  std::vector<std::size_t> fields;
  auto fault = read_header(header, *of, fields);
  if (!fault.empty()) return fault;
  return std::make_unique<csv_source>(records, std::move(of), std::move(fields), header.fields.size(), ids);
}

} // namespace goloca::net::client
