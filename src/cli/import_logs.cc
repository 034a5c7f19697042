#include "src/cli/import_logs.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "rules/config_error.h"

namespace hushlog {
namespace {

using enum ImportLogsOption::Kind;

constexpr std::string_view kRules = "Say in a rule file what is not measured (docs/rules.md).";
constexpr std::string_view kFormat = "Give --format the log_format or LogFormat string of the server.";
constexpr std::string_view kUsageOnly = "Only use of Matomo's interface is sent, never other requests of the log.";
constexpr std::string_view kToken = "Make a token in Matomo, and name its file: --token-auth-file FILE.";
constexpr std::string_view kNoVariables =
    "Hits have the parameters of the in-page plugin, and no others (docs/audit.md).";
constexpr std::string_view kW3c = "Logs of IIS and others in W3C form are not read.";
constexpr std::string_view kNoDebugTracker = "To see hits before they are sent: --dry-run --output -.";
constexpr std::string_view kOnce = "Every line is taken once, however often the log is imported: leave it out.";
constexpr std::string_view kFilesByTime =
    "Name only the files of that time: rotated and compressed ones are read, too.";
constexpr std::string_view kNoSites =
    "All hits go to the one site of --idsite, whose usage is that of the whole Matomo.";

constexpr ImportLogsOption kOptions[] = {
    {"url", kSame, "Address of a Matomo to send the hits to. `https://` is put in front if nothing is."},
    {"idsite", kSame, "Number of the site. It is not asked for at the start, and must be given."},
    {"token-auth", kSame,
     "Works, with a warning: others on the machine can read it. Better --token-auth-file FILE, or "
     "MATOMO_TOKEN_AUTH in the environment."},
    {"log-format-name", kSame,
     "Another name of --format. `common`, `common_vhost`, `ncsa_extended` and "
     "`common_complete` are known, and those of GoAccess for the same."},
    {"recorders", kSame, "Requests at the same time; more than 4 are 4."},
    {"recorder-max-payload-size", kSame, "Hits in one request, at most."},
    {"request-timeout", kSame, "Seconds that a request may take."},
    {"retry-max-attempts", kSame,
     "Failures in a row until that Matomo is given up; its hits wait for the next import."},
    {"retry-delay", kSame, "Seconds before the first repetition; here it is doubled with each."},
    {"dry-run", kSame, "Asks nobody; not even Matomo for its sites."},
    {"debug", kSame, "Another name of --verbose."},

    {"api-url", kOther, "Matomo's API is not needed to send hits: leave it out."},
    {"tracker-endpoint-path", kOther, "Name it in the URL: --url https://matomo.example.org/matomo.php."},
    {"idsite-fallback", kOther, kNoSites},
    {"add-sites-new-hosts", kOther, kNoSites},
    {"login", kOther, kToken},
    {"password", kOther, kToken},
    {"config", kOther,
     "Is here the configuration of hushlog, not that of Matomo; for the token: --token-auth-file FILE."},
    {"php-binary", kOther, "PHP is not needed: leave it out."},
    {"auth-user", kOther, "HTTP authentication is not supported: let the server except matomo.php from it."},
    {"auth-password", kOther, "HTTP authentication is not supported: let the server except matomo.php from it."},
    {"accept-invalid-ssl-certificate", kOther,
     "Name the certificate to trust: ca_file in a [[target]] of the configuration."},
    {"request-suffix", kOther, kNoVariables},
    {"enable-testmode", kOther, "To test: --dry-run, or a Matomo of its own."},

    {"hostname", kOther, kRules},
    {"include-host", kOther, kRules},
    {"exclude-host", kOther, kRules},
    {"exclude-path", kOther, kRules},
    {"exclude-path-from", kOther, kRules},
    {"include-path", kOther, kRules},
    {"include-path-from", kOther, kRules},
    {"useragent-exclude", kOther, kRules},
    {"enable-bots", kOther, kUsageOnly},
    {"enable-static", kOther, kUsageOnly},
    {"enable-http-errors", kOther, kUsageOnly},
    {"enable-http-redirects", kOther, kUsageOnly},
    {"download-extensions", kOther, kUsageOnly},
    {"add-download-extensions", kOther, kUsageOnly},
    {"exclude-older-than", kOther, kFilesByTime},
    {"exclude-newer-than", kOther, kFilesByTime},
    {"skip", kOther, kOnce},
    {"debug-request-limit", kOther, "Give it fewer lines: head -n 1000 LOG | hushlog import --dry-run --output - -."},

    {"log-format-regex", kOther, kFormat},
    {"log-date-format", kOther, kFormat},
    {"log-hostname", kOther, "The host of requests is not sent: leave it out."},
    {"encoding", kOther, "Bytes are read as they are, in any encoding: leave it out."},
    {"query-string-delimiter", kOther, "Matomo's URLs have a question mark: leave it out."},
    {"strip-query-string", kOther, "The query tells what is used, and never leaves as it is: leave it out."},
    {"force-lowercase-path", kOther, "Paths are not sent: leave it out."},
    {"add-to-date", kOther, "Set the clock of the server right; time zones are read from the log."},
    {"ignore-groups", kOther, kFormat},
    {"regex-group-to-visit-cvar", kOther, kNoVariables},
    {"regex-group-to-page-cvar", kOther, kNoVariables},
    {"track-http-method", kOther, kNoVariables},
    {"w3c-map-field", kOther, kW3c},
    {"w3c-field-regex", kOther, kW3c},
    {"w3c-fields", kOther, kW3c},
    {"w3c-time-taken-millisecs", kOther, kW3c},
    {"dump-log-regex", kOther, "To see how lines are read: hushlog explain --all --fields LOG."},
    {"title-category-delimiter", kOther, kNoVariables},

    {"disable-bulk-tracking", kOther, "Hits only go in bulk; one in each request: --recorder-max-payload-size 1."},
    {"replay-tracking", kOther, "Hits of measured sites are not sent, only use of Matomo's interface."},
    {"replay-tracking-expected-tracker-file", kOther, "Hits of measured sites are not sent: leave it out."},
    {"enable-reverse-dns", kOther, "Addresses are masked, and have no names: leave it out."},
    {"show-progress", kOther, "Progress is shown on terminals without it: leave it out."},
    {"show-progress-delay", kOther, "Progress is shown four times a second: leave it out."},
    {"output", kOther, "Is here the file for the hits of --dry-run; messages go to a file with: 2>> FILE."},
    {"debug-tracker", kOther, kNoDebugTracker},
    {"debug-force-one-hit-every-Ns", kOther, kNoDebugTracker},
};

}  // namespace

std::span<const ImportLogsOption> ImportLogsOptions() { return kOptions; }

void RefuseImportLogsOptions(CLI::App& command) {
  for (const ImportLogsOption& each : kOptions) {
    const std::string name = fmt::format("--{}", each.name);
    if (command.get_option_no_throw(name) != nullptr) continue;
    const auto refuse = [&each](const std::vector<std::string>&) {
      throw ConfigError(fmt::format("--{} of import_logs.py is no option here. {}", each.name, each.text));
    };
    command.add_option_function<std::vector<std::string>>(name, refuse)->expected(0, 1)->group("");
  }
}

}  // namespace hushlog
