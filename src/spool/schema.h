// Tables of the state database; docs/state.md tells what is in them.
#pragma once

#include <memory>
#include <string>

#include "src/spool/database.h"

namespace hushlog {

// Opens the state database of a locked state directory, and creates it if there is none. Throws StoreError: broken, not
// a hushlog database, or written by a newer hushlog.
std::unique_ptr<Database> OpenStateDatabase(const std::string& directory);

}  // namespace hushlog
