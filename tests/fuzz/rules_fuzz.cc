// Rule files and configuration files: whatever they hold, they are taken or refused with a message.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "rules/config_error.h"
#include "rules/rule_set.h"
#include "rules/shipped_rules.h"
#include "src/cli/config.h"

namespace hushlog {
namespace {

// In the place of the shipped rules, of which most are too many to be read again for each input.
constexpr std::string_view kBase = R"toml(bot_text = "Bot/1.0"
[marks]
tablet = "; Tablet"
[names]
parameters = ["random", "showtitle", "viewDataTable", "widget"]
words = ["day", "today", "yesterday"]
[plugins]
reason = "r"
[plugins.API]
actions = ["index"]
methods = ["get", "getBulkRequest"]
[plugins.CoreHome]
actions = ["index", "redirectToCoreHomeIndex"]
[plugins.Actions]
reports = ["getPageUrls"]
methods = ["getPageUrls"]
[[path]]
id = "front"
front = true
reason = "r"
files = ["", "index.php"]
accept = ["/"]
reject = ["/x.css"]
[[rule]]
id = "polling_api"
drop = "background"
reason = "r"
api = true
calls = ["API.get"]
accept = ["POST /?module=API&method=API.get 200"]
reject = ["GET / 200"]
[[rule]]
id = "document"
class = "document"
status = [200]
reason = "r"
accept = ["GET / 200"]
reject = ["GET /x.css 200"]
)toml";

std::vector<RuleSource> BaseFiles() {
  std::vector<RuleSource> files = ShippedRules();
  std::erase_if(files, [](const RuleSource& file) {
    return !file.name.ends_with("/parameters.toml") && !file.name.ends_with("/privacy.toml");
  });
  files.push_back({"base.toml", kBase});
  return files;
}

void LoadRuleFile(std::string_view text) {
  static const std::vector<RuleSource> base = BaseFiles();
  std::vector<RuleSource> files = base;
  files.push_back({"site.toml", text, true});
  (void)RuleSet::Of(files);
}

void LoadConfigFile(std::string_view text) {
  const int file = ::memfd_create("config", 0);
  if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  try {
    (void)LoadConfig("/proc/self/fd/" + std::to_string(file), Tokens::kLeave);
  } catch (const ConfigError&) {
  }
  ::close(file);
}

}  // namespace
}  // namespace hushlog

// A mistake in the base would hide all that follows.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  hushlog::LoadRuleFile("");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  hushlog::LoadConfigFile(text);
  try {
    hushlog::LoadRuleFile(text);
  } catch (const hushlog::ConfigError&) {
  }
  return 0;
}
