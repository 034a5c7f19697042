#include "src/cli/proposal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <stdexcept>
#include <string_view>

#include "rules/config_error.h"
#include "src/base/json_writer.h"

namespace hushlog {
namespace {

constexpr std::string_view kBeginning =
    R"(# Configuration of hushlog. docs/configuration.md has all settings.
# A change is used by the next import, and by tail after a reload (SIGHUP).

)";

constexpr std::string_view kExampleSource =
    R"(# No log was named, and none found. Take the marks away, and name the access log of the server in front of the Matomo:
# [[source]]
# name = "matomo"
# paths = ["/var/log/nginx/access.log"]
# format = "auto"
)";

constexpr std::string_view kSourceComment =
    R"(# The access logs of the server in front of the Matomo: files and patterns. Take out those of other sites.
)";

constexpr std::string_view kFormatComment =
    R"(# "auto" finds usual formats; else the name, or the log_format or LogFormat string of the server.
)";

constexpr std::string_view kTargetsComment =
    R"(
# Targets: each Matomo that gets hits of how the user interface is used. They hold no user, no token, no name that is not
# public, and of an address the network part at most. Once a day there is a system report: how often each API method was
# called and how long that took; system_report = false switches that off. enabled = false switches a target off; if all
# are off, totals are kept on this machine, and nothing leaves it.
)";

// What JSON escapes, TOML's strings escape alike.
std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(&quoted, text);
  return quoted;
}

std::string Normalized(const std::string& url) {
  try {
    return NormalizeTrackerUrl(url);
  } catch (const std::invalid_argument& error) {
    throw ConfigError(fmt::format("--url: {}", error.what()));
  }
}

// Enables the target unless it says that it does not take hits.
void Ask(const AskTarget& ask, ProposedTarget* target) {
  if (!ask) {
    target->enabled = true;
    target->reason = "not asked whether it takes hits";
    return;
  }
  TargetConfig config;
  config.url = NormalizeTrackerUrl(target->url);
  config.site_id = target->site_id;
  target->reason = ask(config);
  target->enabled = target->reason.empty();
  if (target->enabled) target->reason = "it takes hits";
}

void AppendSource(const std::vector<std::string>& logs, std::string* text) {
  if (logs.empty()) {
    text->append(kExampleSource);
    return;
  }
  std::vector<std::string> paths;
  for (const std::string& log : logs) paths.push_back(Quoted(log));
  text->append(kSourceComment).append("[[source]]\nname = \"matomo\"\npaths = [");
  if (paths.size() == 1) {
    fmt::format_to(std::back_inserter(*text), "{}]\n", paths.front());
  } else {
    fmt::format_to(std::back_inserter(*text), "\n  {},\n]\n", fmt::join(paths, ",\n  "));
  }
  text->append(kFormatComment).append("format = \"auto\"\n");
}

void AppendTarget(const ProposedTarget& target, std::string* text) {
  fmt::format_to(std::back_inserter(*text),
                 "\n# {}\n[[target]]\nname = \"{}\"\nurl = {}\nsite_id = {}\n"
                 "enabled = {}  # {}\n",
                 target.purpose, target.name, Quoted(target.url), target.site_id, target.enabled, target.reason);
  if (target.name == "community") return;
  fmt::format_to(
      std::back_inserter(*text),
      "# token_file = \"/path/to/{}.token\"  # for hits older than 24 hours, and network parts of addresses\n",
      target.name);
}

}  // namespace

std::vector<ProposedTarget> ProposeTargets(const std::string& own_url, std::uint32_t own_site, const AskTarget& ask) {
  ProposedTarget community{.name = "community",
                           .purpose = "The makers of Piwik, who want to know what of it is used.",
                           .url = "https://demo-anonymous.piwik.org",
                           .reason = ""};
  ProposedTarget own{
      .name = "own",
      .purpose = "The measured Matomo itself. Make a site for this: hits would mix with those of others.",
      .url = own_url.empty() ? "https://matomo.example.org" : Normalized(own_url),
      .reason = "name it with --url and its site with --idsite, or set url and site_id here"};
  ProposedTarget custom{.name = "custom",
                        .purpose = "Any other Matomo. https unless it says http; matomo.php is added.",
                        .url = "matomo.example.org",
                        .reason = "an example; there may be any number of targets"};
  Ask(ask, &community);
  if (own_site != 0) own.site_id = own_site;
  if (!own_url.empty() && own_site != 0) Ask(ask, &own);
  return {std::move(community), std::move(own), std::move(custom)};
}

std::string ProposedConfiguration(const std::vector<std::string>& logs, const std::vector<ProposedTarget>& targets) {
  std::string text(kBeginning);
  AppendSource(logs, &text);
  text.append(kTargetsComment);
  for (const ProposedTarget& target : targets) AppendTarget(target, &text);
  return text;
}

}  // namespace hushlog
