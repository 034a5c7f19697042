// src/delivery/bulk_body.cc with a leak into what is added when hits are sent.
#define BulkBody BulkBodyAsShipped
#include "src/delivery/bulk_body.cc"
#undef BulkBody

#include "tests/audit/leak.h"

namespace hushlog {

std::string BulkBody(const std::vector<HitRow>& rows, const Receiver& receiver) {
  return test::WithLeak(BulkBodyAsShipped(rows, receiver));
}

}  // namespace hushlog
