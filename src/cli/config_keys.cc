#include "src/cli/config_keys.h"

#include <stdexcept>
#include <string>

namespace hushlog {
namespace {

constexpr std::string_view kTables[] = {"tail", "status", "instance", "source", "target"};

constexpr ConfigKey kKeys[] = {
    {"", "state_dir", "string", "`/var/lib/hushlog` for root and services, else `~/.local/state/hushlog`",
     "Directory of the state database. `$XDG_STATE_HOME` is heeded."},
    {"", "rules_dir", "string", "none", "Directory with rule files of your own ([rules.md](rules.md))."},
    {"", "trusted_proxies", "list of strings", "[]",
     "Addresses and networks whose `X-Forwarded-For` is believed, such as `\"10.0.0.0/8\"`."},
    {"", "max_visits", "1 to 10000000", "26000",
     "People at a time of whom is remembered what they have open, 1 KB each. Of more, the one idle for the longest is "
     "forgotten early, and counted.",
     1, 10'000'000},
    {"", "keep_sent", "days or hours", "\"0d\"",
     "How long copies of what was sent are kept ([audit.md](audit.md)): `\"30d\"`, `\"12h\"`."},

    {"tail", "flush_ms", "10 to 60000", "250",
     "Milliseconds after which lines that were read are committed and go to targets.", 10, 60'000},
    {"tail", "stop_timeout_s", "0 to 3600", "10",
     "Seconds for which targets get what waits for them when hushlog is to stop.", 0, 3600},

    {"status", "listen", "string", "\"127.0.0.1:4874\"",
     "`tail`: address and port of its status page and metrics, or `\"off\"`. Port 0: any that is free."},
    {"status", "allowed_hosts", "list of strings", "[]",
     "Hosts by which browsers may ask for it, beside those of the machine itself. Must be given if `listen` is no "
     "loopback address."},

    {"instance", "url", "string", "none",
     "Address of the measured Matomo, which is asked once a day. `index.php` is added if it is missing."},
    {"instance", "token_file", "string", "none",
     "File with the token of somebody with superuser access there; it may be limited to secure requests."},
    {"instance", "ca_file", "string", "those of the system", "Certificates to trust."},
    {"instance", "proxy", "string", "none", "As that of a target."},
    {"instance", "mysql_version", "string", "none",
     "Version of the database, which Matomo does not tell: `\"10.11.6-MariaDB\"`."},

    {"source", "name", "string", "", "How messages and `hushlog status` call it."},
    {"source", "paths", "list of strings", "", "Files and patterns."},
    {"source", "format", "string", "\"auto\"", "Name or format string of the log format ([formats.md](formats.md))."},
    {"source", "start", "\"end\" or \"beginning\"", "\"end\"",
     "`tail`: where files are followed from that are there at the first start."},

    {"target", "name", "string", "", "Finds its place in the spool again: another name is another target."},
    {"target", "url", "string", "", "Address of a Matomo. `https://` and `matomo.php` are added if they are missing."},
    {"target", "site_id", "1 to 2147483647", "", "Number of the site in that Matomo.", 1, 0x7fffffff},
    {"target", "token_file", "string", "none",
     "File that holds a `token_auth` and nothing else. Matomo wants one for hits older than 24 hours and for "
     "addresses. `tail` reads it again when it changes."},
    {"target", "ca_file", "string", "those of the system", "Certificates to trust."},
    {"target", "proxy", "string", "none", "Address of a proxy. The environment is not asked for one."},
    {"target", "enabled", "true or false", "true", "`false`: as if the target were not here."},
    {"target", "anonymize", "true or false", "true",
     "`false`: users, titles and URLs as they are, without secrets ([configuration.md](configuration.md))."},
    {"target", "reports", "true or false", "false", "`true`: also an event for each report that is viewed or used."},
    {"target", "system_report", "true or false", "true",
     "`false`: no daily system report ([system-report.md](system-report.md))."},
    {"target", "lanes", "1 to 4", "4", "Requests at the same time at most. A visitor stays in one lane.", 1, 4},
    {"target", "batch_rows", "1 to 5000", "200", "Hits in one request.", 1, 5000},
    {"target", "on_ambiguous", "\"park\", \"resend\" or \"drop\"", "\"park\"",
     "What to do with hits if the answer to a request that was sent is lost. `park`: keep them aside for `hushlog "
     "targets`; `resend`: send them again, `ambiguous_retries` times at most; `drop`: count them as unaccounted."},
    {"target", "ambiguous_retries", "0 to 10", "1", "See `on_ambiguous`.", 0, 10},
    {"target", "max_attempts", "1 to 1000", "6",
     "Failures in a row until `import` gives the target up, and `tail` tells of it.", 1, 1000},
    {"target", "retry_delay_ms", "0 to 3600000", "1000",
     "Milliseconds before the first repetition; doubled with each, up to a minute.", 0, 3'600'000},
    {"target", "request_timeout_s", "1 to 3600", "300", "Seconds that a request may take.", 1, 3600},
    {"target", "max_backlog_mb", "1 to 1073741824", "4096",
     "`tail`: of what waits for the target, the oldest is given up beyond this size.", 1, 1 << 30},
    {"target", "max_backlog_age", "days or hours", "\"90d\"", "And beyond this age."},
    {"target", "keep_sent", "days or hours", "that of above", "As `keep_sent` above, for this target."},
};

}  // namespace

std::span<const ConfigKey> ConfigKeys() { return kKeys; }

std::vector<std::string_view> KeysOf(std::string_view table) {
  std::vector<std::string_view> names;
  for (const ConfigKey& key : kKeys) {
    if (key.table == table) names.push_back(key.name);
  }
  if (table.empty()) names.insert(names.end(), std::begin(kTables), std::end(kTables));
  return names;
}

const ConfigKey& KeyOf(std::string_view table, std::string_view name) {
  for (const ConfigKey& key : kKeys) {
    if (key.table == table && key.name == name) return key;
  }
  throw std::logic_error("no key " + std::string(name));
}

}  // namespace hushlog
