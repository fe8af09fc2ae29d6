#include "log.hpp"

#include "setting_values.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace goloca {

namespace {

/// The message (%* in a pattern) so that it stays one line, and inside its quotes. spdlog's own %v copies it as it is.
class escaped_message : public spdlog::custom_flag_formatter {
public:
  explicit escaped_message(log_format format) : format_{format} {}

  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override {
    std::string_view text{message.payload.data(), message.payload.size()};
    auto escaped = format_ == log_format::json ? json_string(text) : printable(text, std::string_view::npos);
    line.append(escaped.data(), escaped.data() + escaped.size());
  }

  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<escaped_message>(format_);
  }

private:
  /// With its quotes; bytes that are not UTF-8 become U+FFFD.
  static std::string json_string(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  log_format format_;
};

spdlog::level::level_enum as_spdlog(log_level level) {
  switch (level) {
  case log_level::trace:
    return spdlog::level::trace;
  case log_level::debug:
    return spdlog::level::debug;
  case log_level::info:
    return spdlog::level::info;
  case log_level::warn:
    return spdlog::level::warn;
  case log_level::error:
    return spdlog::level::err;
  case log_level::off:
    return spdlog::level::off;
  }
  return spdlog::level::info;
}

} // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format) {
  auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  made->add_flag<escaped_message>('*', format);
  made->set_pattern(format == log_format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})"
                                               : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %*");
  return made;
}

void set_up_log(const log_settings& settings) {
  auto logger = std::make_shared<spdlog::logger>("goloca", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(as_spdlog(settings.level));
  logger->set_formatter(make_log_formatter(settings.format));
  logger->flush_on(spdlog::level::trace); // a line that explains an end must be out before it
  spdlog::set_default_logger(std::move(logger));
}

} // namespace goloca
