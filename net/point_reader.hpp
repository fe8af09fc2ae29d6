#pragma once
// From events ("a key", "an integer") to rows: where the schema's rules are applied to what came over the wire,
// whatever its format. The events have the names and the meaning of nlohmann's SAX interface, so that its readers can
// drive this too.

#include "net/codec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net {

/// Reads the events of one text after another into a block. Every event returns false when the text is not to be
/// read further: failed() then holds.
/// Invariant: the rows from first_row_ on are those of the text at hand; count_ of them are closed.
class point_reader {
public:
  point_reader(const store::schema& of, bool reject_unknown_members, store::point_id_source& ids);

  /// A text begins: its rows will be appended to `to`.
  void begin(shape expected, store::row_block& to);

  /// The text has ended well, or fail() said why not. Then all of its rows are taken back for one invalid row.
  decoded end();

  /// The text cannot be read: "not JSON: unexpected end at byte 17". The first word stands. Returns false.
  bool fail(std::string why);
  [[nodiscard]] bool failed() const { return failed_; }

  // The events of a value.
  bool null();
  bool boolean(bool value);
  bool number_integer(std::int64_t value);
  bool number_unsigned(std::uint64_t value);
  /// \param digits  the number as it was written; digits alone are an integer of any size. Empty in binary formats.
  bool number_float(double value, std::string_view digits);
  bool string(std::string_view value); // UTF-8: that is the readers' to check
  bool start_object(std::size_t = 0);
  bool end_object();
  bool start_array(std::size_t = 0);
  bool end_array();
  bool key(std::string_view name); // UTF-8 too
  /// A value that JSON has not: "a byte string". Something nested in it comes between start_foreign and end_foreign.
  bool foreign(std::string_view what);
  bool start_foreign(std::string_view what);
  bool end_foreign();

private:
  static constexpr std::size_t none = SIZE_MAX;

  [[nodiscard]] bool in_item() const { return depth_ == item_depth_ + 1; } // this event is a member's
  const store::field* target(std::string_view what); // the field that this value is for, null when it is for none
  bool admit_item();
  void open_item();
  void close_item();
  bool open(std::string_view what); // a container that no field takes
  bool close();

  void fault(std::string_view member, std::string_view why);
  void misfit(const store::field& of, std::string_view value);       // "value is not what the field takes"
  void out_of_range(const store::field& of, std::string_view value); // "value is not between its bounds"
  void put_integer(const store::field& of, std::int64_t value);
  void put_real(const store::field& of, double value, std::string_view digits);
  void put_text(const store::field& of, std::string_view value);
  void put_key(const store::field& of, std::string_view digits);

  const store::schema* schema_;
  const std::vector<store::field>* fields_;
  bool reject_unknown_;
  store::point_id_source* ids_;
  std::vector<std::size_t> required_;

  // The text.
  store::row_block* to_ = nullptr;
  shape expected_ = shape::either;
  std::size_t first_row_ = 0;
  std::uint32_t count_ = 0;
  bool array_ = false;
  bool failed_ = false;
  std::string failure_;
  std::size_t depth_ = 0;      // containers open
  std::size_t item_depth_ = 0; // of them around an item: 1 in an array

  // The item.
  bool faulty_ = false;
  store::row_fault fault_;
  std::size_t field_ = none;           // the last key's
  std::size_t expected_next_ = 0;      // clients keep their members' order: a guess that saves the look-up
  std::vector<std::uint64_t> seen_in_; // by field: the last item it came in, counted by item_; tells a repeat
  std::uint64_t item_ = 0;
  bool id_twice_ = false;
};

} // namespace goloca::net
