#include "src/audit/system_variables.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace hushlog {
namespace {

constexpr std::string_view kVersion = R"("[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}")";
constexpr std::string_view kMatomoVersion =
    R"("[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}(?:-(?:alpha|beta|rc|b)\.?[0-9]{0,39})?")";
// That of the configuration.
constexpr std::string_view kMysqlVersion = R"("[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}(?:-[A-Za-z0-9.+~-]{1,40})?")";
constexpr std::string_view kNumber = "(?:0|[1-9][0-9]{0,8})";

// Names and values by slot, from 1 on. Any may be missing.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSlots = {{{"Matomo Version", kMatomoVersion},
                                                                                  {"PHP Version", kVersion},
                                                                                  {"Num Users", kNumber},
                                                                                  {"Num Websites", kNumber},
                                                                                  {"Num Segments", kNumber},
                                                                                  {"MySQL Version", kMysqlVersion}}};

std::string Pattern() {
  std::string pattern;
  for (std::size_t i = 0; i < kSlots.size(); ++i) {
    const auto& [name, value] = kSlots[i];
    pattern += fmt::format(R"((?:"{}":\["{}",{}\](?:,|$))?)", i + 1, name, value);
  }
  return pattern;
}

}  // namespace

SystemVariables::SystemVariables() : pattern_(Pattern()), compiled_(pattern_) {}

std::optional<std::size_t> SystemVariables::FirstForeign(std::string_view value) const {
  const bool framed = value.size() > 2 && value.front() == '{' && value.back() == '}' && value[value.size() - 2] == ']';
  if (!framed) return 0;
  const re2::StringPiece inside(value.data() + 1, value.size() - 2);
  return RE2::FullMatch(inside, compiled_) ? std::nullopt : std::optional<std::size_t>(0);
}

SetDescription SystemVariables::Describe() const {
  return {"JSON of what the measured Matomo is; within its braces, a pattern matches", {pattern_}, {}};
}

}  // namespace hushlog
