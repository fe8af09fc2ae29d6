#pragma once
// Text to value and back: the grammar of numbers, durations, sizes, booleans and addresses that people write in
// config.env, the environment and flags. Pure.

#include "store/fault.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace goloca {

/// Where to listen.
struct endpoint {
  std::string address; // an IP address, without brackets
  std::uint16_t port = 0;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Where to dial: what the name means is asked when it is needed.
struct host_and_port {
  std::string host; // a name, or an IP address without brackets
  std::uint16_t port = 0;
  friend bool operator==(const host_and_port&, const host_and_port&) = default;
};

/// Plain decimal digits, with a minus at most. Nothing for other text, and for what 64 bits cannot hold.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// "250ms", "10s", "5m", "1h"; a bare number is seconds. Nothing for other text, negative ones and what overflows.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512B", "16KiB", "8MiB", "1GiB"; a bare number is bytes. Nothing for other text, negative ones and what overflows:
/// also not for k, KB, MB, of which nobody can say whether they mean 1000 or 1024.
std::optional<std::int64_t> parse_size(std::string_view text);

/// true, false, yes, no, on, off, 1, 0, in any case.
std::optional<bool> parse_boolean(std::string_view text);

/// "store.slow:delay=200ms,probability=0.5;writer.crash:count=1": named faults, each with the options it has.
/// \return the plans, or what was expected.
std::variant<std::vector<faults::planned>, std::string> parse_faults(std::string_view text);

/// "127.0.0.1:9180", "[::1]:9180", "localhost:9180"; the port may be 0.
std::optional<endpoint> parse_endpoint(std::string_view text);

/// "w1:7420,w2.example:7420,[fd00::3]:7420", none twice. Nothing for other text, and for port 0.
std::optional<std::vector<host_and_port>> parse_hosts(std::string_view text);

/// An IPv4 or IPv6 address as the kernel takes it ("localhost" becomes 127.0.0.1). Nothing for other names: what a name
/// resolves to may change, and a listener must not.
std::optional<std::string> parse_address(std::string_view text);

/// The shortest text that parses to the same value.
std::string show_duration(std::chrono::milliseconds value);
std::string show_size(std::int64_t bytes);
std::string show_endpoint(const endpoint& value);
std::string show_hosts(const std::vector<host_and_port>& value);

/// For a message: no control character gets to a terminal or a log, and no more than `most` characters.
std::string printable(std::string_view text, std::size_t most = 100);

std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);
std::string_view trimmed(std::string_view text); // of blanks and tabs
bool is_utf8(std::string_view text);

/// How many characters to insert, delete, replace or swap (neighbours) to make `b` of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` that was meant by `misspelt`, or empty when none is near. Case does not count.
std::string nearest(std::string_view misspelt, const std::vector<std::string>& names);

} // namespace goloca
