#include "src/visits/hit_queue.h"

#include <algorithm>
#include <utility>

namespace hushlog {

void HitQueue::Add(Hit hit, HitSink& sink) {
  hit.time_ms = InOrder(hit.time_ms);
  if (entries_.empty()) return sink.OnHit(hit);
  entries_.push_back({std::move(hit), 0});
}

HitQueue::Ticket HitQueue::Hold(Hit hit) {
  hit.time_ms = InOrder(hit.time_ms);
  entries_.push_back({std::move(hit), ++last_ticket_});
  return last_ticket_;
}

Hit* HitQueue::Find(Ticket ticket) {
  const auto entry = std::ranges::find(entries_, ticket, &Entry::ticket);
  return ticket == 0 || entry == entries_.end() ? nullptr : &entry->hit;
}

void HitQueue::Postpone(Ticket ticket, std::int64_t time_ms, HitSink& sink) {
  const auto entry = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (ticket == 0 || entry == entries_.end()) return;
  entry->hit.time_ms = InOrder(time_ms);
  std::rotate(entry, entry + 1, entries_.end());
  Send(sink);
}

void HitQueue::Release(Ticket ticket, HitSink& sink) {
  const auto entry = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (ticket == 0 || entry == entries_.end()) return;
  entry->ticket = 0;
  Send(sink);
}

void HitQueue::Drop(Ticket ticket, HitSink& sink) {
  const auto entry = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (ticket == 0 || entry == entries_.end()) return;
  entries_.erase(entry);
  Send(sink);
}

std::size_t HitQueue::size() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const Entry& entry) { return entry.hit.kind != Hit::Kind::kReportUse; }));
}

void HitQueue::Send(HitSink& sink) {
  const auto held = std::ranges::find_if(entries_, [](const Entry& entry) { return entry.ticket != 0; });
  for (auto entry = entries_.begin(); entry != held; ++entry) sink.OnHit(entry->hit);
  entries_.erase(entries_.begin(), held);
  if (entries_.empty()) entries_.shrink_to_fit();  // most of the many visits that are open have nothing to wait for
}

}  // namespace hushlog
