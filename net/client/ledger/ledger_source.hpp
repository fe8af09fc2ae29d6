#pragma once
// Points as another source reads them, as a ledger knows them: with the digest of what they say, the id that an earlier
// sending gave them, and without those that were acknowledged before.

#include "net/client/ledger/ledger_book.hpp"
#include "net/client/point_source.hpp"
#include "net/codec.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace goloca::net::client {

class ledger_source final : public point_source {
public:
  /// \param before   what the ledger held when it was opened.
  /// \param skipped  counts the points that were acknowledged before; shared, for a stuck reader may outlive its run.
  ledger_source(std::unique_ptr<point_source> from, std::shared_ptr<const store::schema> of,
                std::shared_ptr<const ledger_book> before, std::shared_ptr<std::atomic<std::uint64_t>> skipped);

  std::optional<item> next() override;
  [[nodiscard]] std::uint64_t consumed() const override { return from_->consumed(); }

private:
  bool identify(item& point);
  void give_earlier_id(item& point, std::int64_t& id);

  std::unique_ptr<point_source> from_;
  std::shared_ptr<const store::schema> schema_;
  std::shared_ptr<const ledger_book> before_;
  std::shared_ptr<std::atomic<std::uint64_t>> skipped_;
  store::point_id_source unused_ids_{0}; // the decoder wants one, but every point has an id by now
  decoder decoder_;

  // The ids that were given, by content. Points that say the same and have no id of their own are interchangeable, so
  // each gets one of these, in whatever order the input has them now.
  std::map<content_digest, std::vector<std::int64_t>> given_;
};

} // namespace goloca::net::client
