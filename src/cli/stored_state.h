// What reading needs of the state database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "rules/pseudonym.h"
#include "src/input/known_sources.h"
#include "src/spool/store.h"

namespace hushlog {

// Keys that live in the state database, so that a visitor who is found in two files is one visitor.
class StoredDayKeys : public DayKeys {
 public:
  // `store` must outlive the object.
  explicit StoredDayKeys(Store& store) : store_(store) {}
  DayKey KeyFor(std::int32_t day) override { return store_.DayKey(day); }

 private:
  Store& store_;
};

// Store::Open; tells on standard error if a broken database was replaced. The StoreError of a directory that a running
// hushlog has says what can be done.
std::unique_ptr<Store> OpenStore(const std::string& directory);
// Whether there is a state database. Commands that only read make none, which others could not write to.
bool HasState(const std::string& directory);
// The sentence for a directory without.
std::string NoState(const std::string& directory);
// Store::WriteSideCheckpoint. A full disk is no failure: the state itself is kept, and that is told on standard error.
void WriteSideCheckpoint(Store& store);

// How far earlier runs have read. Throws StoreError.
KnownSources SourcesOf(Store& store);

}  // namespace hushlog
