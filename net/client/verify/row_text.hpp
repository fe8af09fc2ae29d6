#pragma once
// A point as the service tells it, to the digest of what it says.

#include "net/client/ledger/content_digest.hpp"
#include "net/codec.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace goloca::net::client {

class row_text {
public:
  explicit row_text(std::shared_ptr<const store::schema> of)
      : schema_{std::move(of)}, decoder_{std::make_unique<decoder>(schema_, false, *unused_ids_)} {}

  /// Nothing when it is no valid point of that id.
  std::optional<content_digest> digest_of(std::string_view json, std::int64_t id) {
    store::row_block rows{schema_};
    decoder_->decode(format::json, json, shape::object, rows);
    if (!rows[0].valid() || rows[0].id() != id) return std::nullopt;
    return client::digest_of(rows[0]);
  }

private:
  std::shared_ptr<const store::schema> schema_;
  std::unique_ptr<store::point_id_source> unused_ids_ = std::make_unique<store::point_id_source>(0);
  std::unique_ptr<decoder> decoder_;
};

} // namespace goloca::net::client
