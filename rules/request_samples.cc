// Checks the samples of [[path]].
#include <fmt/format.h>

#include "rules/request_rules.h"

namespace hushlog {
namespace {

class PathSampleChecker {
 public:
  PathSampleChecker(const RequestRules& rules, RuleFiles* files) : rules_(rules), files_(*files) {}

  // An accepted sample is decided as the table says, and by an entry of it.
  void Check(const toml::table& table) {
    const PathRules own = PathsOf(table);
    const bool front = table["front"].value_or(false);
    const std::string verdict = front ? rules_.drop_reasons()[kKept] : files_.Text(table, "drop");
    const auto check = [&](std::string_view key, bool expected) {
      files_.ForEachText(table, key, [&](const toml::node& node, std::string_view path) {
        const std::string& found = rules_.drop_reasons()[rules_.DropByPath(path)];
        const bool listed = own.Find(path) != PathRules::kUnknown;
        if ((listed && found == verdict) == expected) return;
        files_.Error(node, fmt::format("sample '{}' is decided as '{}'{}", path, found,
                                       listed ? "" : ", by nothing that stands here"));
      });
    };
    check("accept", true);
    check("reject", false);
  }

 private:
  PathRules PathsOf(const toml::table& table) {
    PathRules own;
    const auto add = [&](std::string_view key, auto method) {
      files_.ForEachText(table, key, [&](const auto&, std::string_view text) { (own.*method)(text, kKept); });
    };
    add("files", &PathRules::AddFile);
    add("extensions", &PathRules::AddExtension);
    add("directories", &PathRules::AddDirectory);
    return own;
  }

  const RequestRules& rules_;
  RuleFiles& files_;
};

}  // namespace

void RequestRules::CheckPathSamples(RuleFiles* files) const {
  PathSampleChecker checker(*this, files);
  files->ForEachRule("path", [&](const RuleFiles::Rule& rule) {
    if (files->ChecksSamplesOf(*rule.table)) checker.Check(*rule.table);
  });
}

}  // namespace hushlog
