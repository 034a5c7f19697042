// What is followed, what targets get, and whether the numbers add up, as a page.
#pragma once

#include "src/status/http_server.h"
#include "src/status/status_report.h"

namespace hushlog {

HttpAnswer StatusPage(const StatusReport& report, bool disk_full);

}  // namespace hushlog
