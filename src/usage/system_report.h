// The daily system report, as the daily task of the in-page plugin posts it: a page view that tells by custom variables
// of the visit what the measured Matomo is, and for each API method two events, how often it was called and how long
// that took on average.
//
// Each count goes into exactly one report. A day has one page view; calls that become known after it was reported,
// from a log that is imported late, make events of that day without another page view.
//
// Thread-safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/spool/store.h"
#include "src/visits/hit.h"

namespace hushlog {

// What a Matomo is. What is not known is left out of the report.
struct InstanceFacts {
  std::string matomo_version, php_version, mysql_version;  // in the form of IsVersion
  std::optional<std::int64_t> users, websites, segments;
};

// "5.2.0-b5", "10.11.19-MariaDB-0+deb12u1": digits and dots, then perhaps "-" and up to 40 letters, digits and .+~-
bool IsVersion(std::string_view text);

// Calls of one API method, of the interface, exports and programs together; those that failed are not among them.
struct MethodCalls {
  std::string method;  // "Actions.getPageUrls"
  std::int64_t count = 0;
  std::optional<double> mean_ms;  // of those that have a duration
};

struct SystemReport {
  std::int32_t day = 0;      // local calendar day, days since 1970-01-01
  std::int64_t time_ms = 0;  // of its hits, UTC
  bool with_page_view = true;
  InstanceFacts instance;
  std::vector<MethodCalls> calls;  // in the order in which they are sent
};

// All of `visitor`: a pseudonym that stands for the installation.
std::vector<Hit> ToHits(const SystemReport& report, std::uint64_t visitor);

// What was reported, kept with the usage totals.
class ReportedDays {
 public:
  // Creates what is missing; in a database that has totals already, these count as reported. After
  // Totals::CreateTables.
  static void CreateTables(Database& database);

  // Days before `day` of which something is not reported, in order.
  static std::vector<std::int32_t> Missing(Database& database, std::int32_t day);
  // What is not reported of the day; without time, facts and pseudonym. No calls and no page view if nothing.
  static SystemReport Of(Database& database, std::int32_t day);
  // All of the day is, once the transaction is committed.
  static void Mark(WriteTransaction& transaction, std::int32_t day);
};

}  // namespace hushlog
