#pragma once
// The ledger that a sending writes: what was sent, before it is; what was answered, as soon as it is.

#include "net/client/ledger/ledger_book.hpp"
#include "net/client/witness.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net::client {

/// A file that is only ever appended to, but for a last line that a kill tore, which is cut off. Locked: two sendings
/// cannot have one ledger. Used by one thread.
class ledger_file final : public witness {
public:
  struct opened {
    std::unique_ptr<ledger_file> file;
    std::shared_ptr<const ledger_book> before; // what it held: the sending that is resumed
  };

  /// Opens or makes it. \param sync  with fdatasync before points are sent: the ledger survives a power cut too.
  /// \return why not: another holds it, it is no ledger, the disk.
  static std::variant<opened, std::string> open(const std::string& path, const store::schema& of, bool sync);

  ~ledger_file() override;
  ledger_file(const ledger_file&) = delete;
  ledger_file& operator=(const ledger_file&) = delete;

  bool about_to_send(const std::vector<const item*>& points) override;
  void answered(const item& point, const point_reply& how) override;
  void message_is_over() override { write(); }

  /// Why it could not be written, once it could not: nothing is written any more. Else empty.
  [[nodiscard]] const std::string& fault() const { return fault_; }

private:
  ledger_file(int file, std::string path, bool sync) : file_{file}, path_{std::move(path)}, sync_{sync} {}
  bool write();

  int file_;
  std::string path_;
  bool sync_;
  std::string waiting_; // whole lines
  std::string fault_;
};

} // namespace goloca::net::client
