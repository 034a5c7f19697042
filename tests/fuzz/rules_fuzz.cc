// Rule files and configuration files: whatever they hold, they are taken or refused with a message.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/rule_set.h"
#include "src/cli/config.h"

namespace hushlog {
namespace {

void LoadRuleFile(std::string_view text) {
  static const std::shared_ptr<const RuleSet> shipped = RuleSet::Shipped();
  const Catalogue& catalogue = shipped->catalogue();
  const RuleSource source{"site.toml", text, true};
  RuleFiles files({&source, 1});
  const RequestRules requests(&files, catalogue);
  const ParameterRules parameters(&files, catalogue);
  const EventRules events(&files, catalogue);
  const AccessRules access(&files, catalogue);
  const OptOut opt_out(&files);
  (void)Reduction::Load(&files);
  (void)PageMap::Load(&files, catalogue);
  requests.CheckPathSamples(&files);
  parameters.CheckSamples(&files);
  files.Check();
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  hushlog::LoadConfigFile(text);
  try {
    hushlog::LoadRuleFile(text);
  } catch (const hushlog::ConfigError&) {
  }
  return 0;
}
