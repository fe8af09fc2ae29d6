#include "net/client/send.hpp"

#include "net/client/ledger/ledger_file.hpp"
#include "net/client/ledger/ledger_source.hpp"
#include "net/client/own_ids.hpp"
#include "net/client/sending.hpp"

#include <atomic>
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

/// A ledger, and how many points it spared us.
struct open_ledger {
  std::unique_ptr<client::ledger_file> file; // null: none was asked for
  std::shared_ptr<std::atomic<std::uint64_t>> skipped = std::make_shared<std::atomic<std::uint64_t>>(0);
};

using points = std::unique_ptr<client::point_source>;

/// Opens the ledger that the options name, and puts it in front of the points.
std::variant<open_ledger, std::string> keep_ledger(const send_options& options, points& from) {
  open_ledger made;
  if (options.ledger.empty()) return made;
  std::error_code no_such_file;
  for (const auto& other : {options.file, options.rejects}) {
    if (options.ledger == other || std::filesystem::equivalent(options.ledger, other, no_such_file))
      return options.ledger + ": the ledger needs a file of its own";
  }
  auto file = client::ledger_file::open(options.ledger, *options.schema, options.ledger_sync);
  if (auto* fault = std::get_if<std::string>(&file)) return std::move(*fault);
  auto& ledger = std::get<client::ledger_file::opened>(file);
  made.file = std::move(ledger.file);
  from =
      std::make_unique<client::ledger_source>(std::move(from), options.schema, std::move(ledger.before), made.skipped);
  return made;
}

int report(const client::sending& done, client::rejects& refused, const open_ledger& ledger,
           const send_options& options, std::ostream& out, std::ostream& err) {
  auto end = done.now();
  out << summary_line(end) << std::endl;
  if (*ledger.skipped > 0)
    out << client::grouped(*ledger.skipped) << " more were acknowledged before, says the ledger: not sent again\n";
  auto kept = refused.flush();
  if (!kept) err << "goloca send: " << options.rejects << ": could not be written whole\n";
  if (ledger.file && !ledger.file->fault().empty()) {
    err << "goloca send: stopped, for the ledger cannot be written: " << ledger.file->fault() << '\n';
    return send_no_ledger;
  }
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
  auto& from = std::get<points>(source);
  auto ledger = keep_ledger(complete, from);
  if (auto* fault = std::get_if<std::string>(&ledger)) return complain(*fault);
  auto& kept = std::get<open_ledger>(ledger);
  client::rejects refused{complete.rejects};
  if (!refused.flush()) return complain(complete.rejects + ": " + std::strerror(errno));
  client::sending run{
      complete,
      {std::move(std::get<client::url>(to)), std::move(from), size_of(complete.file), refused, kept.file.get(), err}};
  run.run();
  return report(run, refused, kept, complete, out, err);
}

} // namespace goloca::net
