// One tracking request, before it is encoded.
#pragma once

#include <cstdint>
#include <string>

#include "rules/access_rules.h"
#include "rules/client_hints.h"
#include "rules/event_rules.h"
#include "rules/language.h"
#include "rules/masked_address.h"
#include "rules/user_agent.h"

namespace hushlog {

struct Hit {
  // kReportUse is an event that only targets get which ask for it: `reports = true` in the configuration.
  enum class Kind : std::uint8_t { kPageView, kEvent, kDownload, kReportUse };
  Kind kind = Kind::kPageView;
  std::int64_t time_ms = 0;          // UTC
  std::int32_t day = 0;              // local calendar day of the log, days since 1970-01-01
  std::uint8_t hour = 0;             // local hour of the log, 0 to 23
  std::uint64_t visitor = 0;         // `cid`
  Access access = Access::kUnknown;  // `_cvar`
  MaskedAddress address;
  UserAgent user_agent;
  ClientHints client_hints;
  Language language;
  std::string title;     // `action_name` of a page view
  std::string url;       // page the hit belongs to, as the in-page plugin writes it
  std::string category;  // event: e_c, e_a, e_n
  std::string action;
  std::string name;
  std::string value;      // event: e_v; empty: none
  std::string download;   // URL of a download
  std::string variables;  // `_cvar`, in the place of access; empty: that
  // Only for targets with `anonymize = false`; empty otherwise, and where the log does not tell.
  std::string user;              // `uid`
  std::string identified_url;    // in the place of url
  std::string identified_title;  // in the place of title
};

// Takes hits in time order per visitor.
class HitSink {
 public:
  virtual ~HitSink() = default;
  virtual void OnHit(const Hit& hit) = 0;
  // Told at once of each use of a report, whether or not it also becomes a hit. `day` as Hit::day.
  virtual void OnReportUse(std::int32_t day, const ReportUse& use) {
    (void)day;
    (void)use;
  }
};

}  // namespace hushlog
