#pragma once
// Logging: spdlog's default logger to stderr, one line a message, as text or as JSON. Other rooms call spdlog::info()
// and so on; only this file knows how a line looks. Never one per point, never a secret.

#include <cstdint>
#include <memory>

namespace spdlog {
class formatter;
}

namespace goloca {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };
enum class log_format : std::uint8_t { text, json };

struct log_settings {
  log_level level = log_level::info;    // LOG_LEVEL
  log_format format = log_format::text; // LOG_FORMAT
};

/// text: 2024-05-01T12:00:00.123Z info  the message
/// json: {"time":"2024-05-01T12:00:00.123Z","level":"info","message":"the message"}
/// A message is one line whatever it holds: in text control characters are escaped, JSON is valid JSON and UTF-8.
std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format);

/// Replaces spdlog's default logger. To be called before other threads log.
void set_up_log(const log_settings& settings);

} // namespace goloca
