#include "src/base/failpoint.h"

namespace hushlog {

void Failpoint(FailpointName) noexcept {}

}  // namespace hushlog
