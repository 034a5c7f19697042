// Hits of one visitor in order of time, some of which wait until what follows tells whether they happened.
//
// Lines come in the order in which requests end, times are those when they began: a hit never gets a time before that
// of the hit before it, because Matomo wants the hits of a visitor in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "src/visits/hit.h"

namespace hushlog {

// Thread-safety: none.
class HitQueue {
 public:
  using Ticket = std::uint32_t;  // of a held hit; 0 = none

  // A hit that certainly happened. It goes to `sink` at once unless an earlier one is held.
  void Add(Hit hit, HitSink& sink);
  // A hit that may not have happened, or under another name.
  Ticket Hold(Hit hit);
  // Null once it was released or dropped.
  Hit* Find(Ticket ticket);
  // The held hit, if it happened, did so now, after all that was added since.
  void Postpone(Ticket ticket, std::int64_t time_ms, HitSink& sink);
  // The held hit happened (as it may have been changed through Find), or did not.
  void Release(Ticket ticket, HitSink& sink);
  void Drop(Ticket ticket, HitSink& sink);

  bool empty() const { return entries_.empty(); }
  // Without uses of reports: what is decided by it does not depend on whether a target asks for those.
  std::size_t size() const;
  std::size_t waiting() const { return entries_.size(); }

  // For visit_codec.cc: hands every member to `archive`, hits through `hit_fields`.
  template <typename Archive, typename F>
  void Fields(Archive& archive, F hit_fields) const {
    ListFields(*this, archive, hit_fields);
  }
  template <typename Archive, typename F>
  void Fields(Archive& archive, F hit_fields) {
    ListFields(*this, archive, hit_fields);
  }

 private:
  struct Entry {
    Hit hit;
    Ticket ticket = 0;  // 0: ready
  };

  template <typename Queue, typename Archive, typename F>
  static void ListFields(Queue& queue, Archive& archive, F hit_fields) {
    archive(queue.last_ticket_);
    archive(queue.last_ms_);
    archive.Each(queue.entries_, [&](auto& entry) {
      archive(entry.ticket);
      hit_fields(entry.hit);
    });
  }
  std::int64_t InOrder(std::int64_t time_ms) { return last_ms_ = std::max(last_ms_, time_ms); }
  void Send(HitSink& sink);

  std::vector<Entry> entries_;  // the first one is held
  Ticket last_ticket_ = 0;
  std::int64_t last_ms_ = 0;  // time of the hit added last
};

}  // namespace hushlog
