// Sentences for the operator.
#pragma once

#include <string_view>

namespace hushlog {

// "hushlog: <sentence>" on standard error, as one piece. That it cannot be written, because a disk is full or nobody
// reads, is no reason to stop. Thread-safe. Never pass a secret.
void Tell(std::string_view sentence) noexcept;

}  // namespace hushlog
