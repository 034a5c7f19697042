// A small copy of what the state database cannot find out again: how far sources were read, counters, targets. Should
// the database break, it is made anew from the copy, and reading goes on from there instead of from the beginning (all
// hits again) or from the end (lines lost without a word).
//
// The copy is itself a state database, without hits: those that wait for targets, or are parked, are dead in it ("lost
// with the database"). It has no day keys, so that it cannot outlive them.
//
// Thread-safety: as Database. Errors: StoreError.
#pragma once

#include <string>

#include "src/spool/database.h"

namespace hushlog {

// Writes hushlog-checkpoint.db in `directory` anew, in the place of an older one. Durable when it returns.
void WriteSideCheckpoint(Database& database, const std::string& directory);

bool HasSideCheckpoint(const std::string& directory);

// Renames hushlog.db and its -wal, which nobody has open, to hushlog.db.broken-TIME. False if there is none. Throws
// StoreError if they cannot be renamed.
bool SetDatabaseAside(const std::string& directory);

// Puts the database aside, if there is one, and makes a new one of the copy. A crash in between is no matter: the next
// call goes on. Returns what was done, for the user. Nothing is done if the copy cannot be read (StoreError).
std::string ReplaceBySideCheckpoint(const std::string& directory);

}  // namespace hushlog
