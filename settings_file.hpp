#pragma once
// config.env's grammar, which is that of Docker's env files: KEY=VALUE a line. Pure, but for read_text_file.
//
//   # a comment                        blank lines and comments are skipped
//   KEY=value                          blanks around key and value do not count; `export KEY=value` too
//   KEY=value # a comment              from a blank and # on; a # inside a word belongs to the value
//   KEY="a value"  KEY='a value'       as it stands between the quotes: no escapes, no $substitution
//   KEY=                               the same as no such line

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace goloca {

struct file_line {
  std::size_t number; // from 1
  std::string key;
  std::string value;
};

/// What is wrong with a line. It quotes nothing of it: a line that is broken may well be half a password.
struct file_fault {
  std::size_t line; // 0: the whole file
  std::string what;
};

struct parsed_file {
  std::vector<file_line> lines; // those that set something, in their order; a key may be there twice
  std::vector<file_fault> faults;
};

parsed_file parse_settings_file(std::string_view text);

/// The text of a file, or in `unreadable` why not ("No such file or directory"). More than `most` bytes are refused.
struct unreadable {
  int error; // errno's value, 0 when the file is too long
  std::string why;
};
std::variant<std::string, unreadable> read_text_file(const std::string& path, std::size_t most);

} // namespace goloca
