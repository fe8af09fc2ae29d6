#pragma once
// Hears every answer of a sending on its way into the ledger.

#include "net/client/drill/chronicle.hpp"
#include "net/client/drill/errands.hpp"
#include "net/client/witness.hpp"

namespace goloca::net::drill {

/// Used by the sending's thread.
class listening_witness final : public client::witness {
public:
  listening_witness(client::witness& ledger, errands& points, chronicle& to)
      : ledger_{&ledger}, points_{&points}, chronicle_{&to} {}

  bool about_to_send(const std::vector<const client::item*>& points) override { return ledger_->about_to_send(points); }
  void answered(const client::item& point, const client::point_reply& how) override;
  void message_is_over() override { ledger_->message_is_over(); }

private:
  client::witness* ledger_;
  errands* points_;
  chronicle* chronicle_;
};

/// What an answer to a point that was sent for this errand means.
heard meaning_of(errand what, const client::point_reply& how);

} // namespace goloca::net::drill
