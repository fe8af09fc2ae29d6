#include "net/client/send.hpp"

#include "net/client/own_ids.hpp"
#include "net/client/sending.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace goloca::net {

namespace {

/// A file and the source that reads it, to live and die together.
class file_source final : public client::point_source {
public:
  file_source(std::unique_ptr<std::ifstream> file, std::unique_ptr<client::point_source> points)
      : file_{std::move(file)}, points_{std::move(points)} {}
  std::optional<client::item> next() override { return points_->next(); }
  [[nodiscard]] std::uint64_t consumed() const override { return points_->consumed(); }

private:
  std::unique_ptr<std::ifstream> file_;
  std::unique_ptr<client::point_source> points_;
};

using opened = std::variant<std::unique_ptr<client::point_source>, std::string>;

opened open_file(const send_options& options) {
  std::error_code unknown;
  if (std::filesystem::is_directory(options.file, unknown)) return options.file + ": is a directory";
  auto file = std::make_unique<std::ifstream>(options.file, std::ios::binary);
  if (!*file) return options.file + ": " + std::strerror(errno);
  auto source = client::open_source(*file, options.schema, client::own_ids());
  if (auto* fault = std::get_if<std::string>(&source)) return options.file + ": " + *fault;
  return std::make_unique<file_source>(std::move(file),
                                       std::move(std::get<std::unique_ptr<client::point_source>>(source)));
}

opened open_input(const send_options& options, std::istream& input) {
  if (options.file != "-") return open_file(options);
  auto source = client::open_source(input, options.schema, client::own_ids());
  if (auto* fault = std::get_if<std::string>(&source)) return "standard input: " + *fault;
  return source;
}

std::uint64_t size_of(const std::string& file) {
  std::error_code unknown;
  auto regular = file != "-" && std::filesystem::is_regular_file(file, unknown);
  return regular ? std::filesystem::file_size(file, unknown) : 0;
}

send_options with_defaults(send_options options) {
  if (options.window == 0) options.window = 512;
  if (options.batch == 0) options.batch = 100;
  options.batch = std::min(options.batch, options.window);
  if (!options.schema) options.schema = store::rides_schema();
  if (options.give_up_after.count() == 0) options.give_up_after = std::chrono::minutes{5};
  return options;
}

int report(const client::sending& done, client::rejects& refused, const send_options& options, std::ostream& out,
           std::ostream& err) {
  auto end = done.now();
  out << summary_line(end) << std::endl;
  auto kept = refused.flush();
  if (!kept) err << "goloca send: " << options.rejects << ": could not be written whole\n";
  if (!done.gave_up().empty()) {
    err << "goloca send: gave up: " << done.gave_up()
        << ". Send the same file again: points with ids of their own are never stored twice.\n";
    return send_no_answer;
  }
  return end.counts.refused == 0 && kept ? send_done : send_refused;
}

} // namespace

int run_send(const send_options& options, std::istream& input, std::ostream& out, std::ostream& err) {
  auto complain = [&](const std::string& what) {
    err << "goloca send: " << what << std::endl;
    return send_usage;
  };
  auto complete = with_defaults(options);
  auto to = client::read_url(complete.url);
  if (auto* fault = std::get_if<std::string>(&to)) return complain(*fault);
  std::error_code no_such_file;
  if (!complete.rejects.empty() && std::filesystem::equivalent(complete.file, complete.rejects, no_such_file)) {
    return complain(complete.rejects + ": the rejects would overwrite the points");
  }
  auto source = open_input(complete, input);
  if (auto* fault = std::get_if<std::string>(&source)) return complain(*fault);
  client::rejects refused{complete.rejects};
  if (!refused.flush()) return complain(complete.rejects + ": " + std::strerror(errno));
  client::sending run{complete,
                      {std::move(std::get<client::url>(to)),
                       std::move(std::get<std::unique_ptr<client::point_source>>(source)), size_of(complete.file),
                       refused, err}};
  run.run();
  return report(run, refused, complete, out, err);
}

} // namespace goloca::net
