// Tables of the state database; docs/state.md tells what is in them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/spool/database.h"

namespace hushlog {

// Opens the state database of a locked state directory, and creates it if there is none. A broken or missing one is
// replaced if there is a side checkpoint; *notice then tells the user. Throws StoreError: broken (StoreBroken), or
// written by a newer hushlog.
std::unique_ptr<Database> OpenStateDatabase(const std::string& directory, std::string* notice);

// Creates the database `path` in `directory` and fills it, within one transaction; what has that name is replaced when
// all is done. Throws StoreError, and leaves nothing then.
void WriteNewDatabase(const std::string& directory, const std::string& path,
                      const std::function<void(Database&)>& fill);

// Opens a database that exists. Throws StoreError as OpenStateDatabase.
std::unique_ptr<Database> OpenDatabase(const std::string& path);

}  // namespace hushlog
