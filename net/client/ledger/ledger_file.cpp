#include "net/client/ledger/ledger_file.hpp"

#include "net/client/point_source.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace goloca::net::client {

namespace {

/// 0 when it is none that the service would take.
std::int64_t number_of(std::string_view id) {
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(id.data(), id.data() + id.size(), number);
  auto whole = fault == std::errc{} && end == id.data() + id.size() && number > 0 && id.front() != '0';
  return whole ? number : 0;
}

point_key key_of(const item& point) {
  return {number_of(point.id), point.content};
}

} // namespace

std::variant<ledger_file::opened, std::string> ledger_file::open(const std::string& path, const store::schema& of,
                                                                 bool sync) {
  auto failed = [&path] { return path + ": " + std::strerror(errno); };
  auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return failed();
  std::unique_ptr<ledger_file> made{new ledger_file{file, path, sync}};
  struct stat about {};
  if (::fstat(file, &about) != 0) return failed();
  if (!S_ISREG(about.st_mode)) return path + ": a ledger must be a file";
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? path + ": another goloca send is writing this ledger" : failed();
  }
  auto read = read_ledger(path, of);
  if (auto* fault = std::get_if<std::string>(&read)) return std::move(*fault);
  auto& contents = std::get<ledger_contents>(read);
  if (::ftruncate(file, static_cast<off_t>(contents.whole_bytes)) != 0) return failed();
  if (contents.whole_bytes == 0) made->waiting_ = first_line(of) + '\n';
  if (!made->write()) return made->fault_;
  return opened{std::move(made), std::make_shared<const ledger_book>(std::move(contents.book))};
}

ledger_file::~ledger_file() {
  write();
  ::close(file_);
}

bool ledger_file::about_to_send(const std::vector<const item*>& points) {
  for (const auto* point : points) {
    auto given = point->own_id_at != std::string::npos;
    waiting_ += line_of({ledger_record::kind::sent, key_of(*point), given, {}, {}}) + '\n';
  }
  if (!write()) return false;
  if (!sync_ || ::fdatasync(file_) == 0) return true;
  fault_ = path_ + ": " + std::strerror(errno);
  return false;
}

void ledger_file::answered(const item& point, const point_reply& how) {
  waiting_ += line_of({ledger_record::kind::answer, key_of(point), false, how.what, how.code}) + '\n';
}

bool ledger_file::write() {
  std::string_view rest = waiting_;
  while (fault_.empty() && !rest.empty()) {
    auto written = ::write(file_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      fault_ = path_ + ": " + std::strerror(errno);
    }
  }
  waiting_.clear();
  return fault_.empty();
}

} // namespace goloca::net::client
