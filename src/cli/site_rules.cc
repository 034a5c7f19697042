#include "src/cli/site_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "rules/config_error.h"

namespace hushlog {
namespace {

constexpr std::size_t kMaxFiles = 200;
constexpr std::size_t kMaxBytes = 1 << 20;

std::vector<std::filesystem::path> FilesIn(const std::string& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".toml") && !name.starts_with('.')) files.push_back(entry.path());
  }
  if (error)
    throw ConfigError(fmt::format("{}: the directory of rules cannot be read: {}", directory, error.message()));
  if (files.size() > kMaxFiles) throw ConfigError(fmt::format("{}: more than {} rule files", directory, kMaxFiles));
  std::ranges::sort(files);
  return files;
}

SiteRules ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  SiteRules rules{path.string(), std::string(kMaxBytes + 1, '\0')};
  file.read(rules.text.data(), static_cast<std::streamsize>(rules.text.size()));
  if (!file.is_open() || file.bad()) throw ConfigError(fmt::format("{}: the rules cannot be read", rules.name));
  rules.text.resize(static_cast<std::size_t>(file.gcount()));
  if (rules.text.size() > kMaxBytes)
    throw ConfigError(fmt::format("{}: more than {} bytes of rules", rules.name, kMaxBytes));
  return rules;
}

}  // namespace

std::vector<SiteRules> ReadSiteRules(const std::string& directory) {
  std::vector<SiteRules> rules;
  if (directory.empty()) return rules;
  for (const std::filesystem::path& path : FilesIn(directory)) rules.push_back(ReadFile(path));
  return rules;
}

std::shared_ptr<const RuleSet> LoadRules(const std::string& directory) {
  return RuleSet::Load(ReadSiteRules(directory));
}

std::vector<std::string> MissingFields(const RuleSet& rules, const LogFormat& format) {
  std::vector<std::string> sentences;
  for (const std::string& name : rules.site_fields()) {
    if (format.has_field(name)) continue;
    sentences.push_back(fmt::format("the log format {} has no field {}, which a rule asks for", format.name(), name));
  }
  return sentences;
}

}  // namespace hushlog
