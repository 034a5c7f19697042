#include "rules/user_agent.h"

#include <algorithm>
#include <charconv>

#include "rules/user_agent_tables.h"

namespace hushlog {
namespace {

constexpr std::size_t kTextLimit = 1024;
// Bytes RE2 may use for all patterns of a list at once, and for one pattern.
constexpr std::int64_t kListMemory = 16 << 20;
constexpr std::int64_t kPatternMemory = 2 << 20;
constexpr std::string_view kUnknownText = "-";
constexpr std::string_view kClientText = "Unknown ({system})";

RE2::Options PatternOptions(std::int64_t memory) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(memory);
  return options;
}

std::uint16_t ParseMajor(std::string_view digits) noexcept {
  std::uint16_t major = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), major);
  return error == std::errc() && end == digits.data() + digits.size() ? major : UserAgent::kNoMajor;
}

// The whole match and its capturing groups.
using Groups = std::array<re2::StringPiece, 4>;

// What the first group that took part holds.
std::uint16_t MajorIn(const Groups& groups) noexcept {
  const auto version = std::find_if(groups.begin() + 1, groups.end(), [](auto group) { return !group.empty(); });
  return version == groups.end() ? UserAgent::kNoMajor : ParseMajor({version->data(), version->size()});
}

char LowerCase(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `lower` is in lower case.
bool StartsWith(std::string_view text, std::string_view lower) noexcept {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) { return a == LowerCase(b); });
}

// Whether no token begins right behind this byte.
bool IsInsideWord(char c) noexcept {
  const char lower = LowerCase(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::uint16_t Bounded(std::uint16_t major, const Family& family) noexcept {
  return major <= family.largest_major ? major : UserAgent::kNoMajor;
}

struct Values {
  std::string_view system;
  std::uint16_t major = UserAgent::kNoMajor;
  bool mobile = false;
};

void AppendPlaceholder(std::string_view name, const Values& values, std::string* out) {
  if (name == "system") {
    *out += values.system;
  } else if (name == "mobile") {
    if (values.mobile) *out += "Mobile ";
  } else if (values.major != UserAgent::kNoMajor) {
    *out += std::to_string(values.major);
  }
}

// The loader has checked that brackets and braces are closed and known.
std::string Render(std::string_view text, const Values& values) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '{') {
      const std::size_t end = text.find('}');
      AppendPlaceholder(text.substr(1, end - 1), values, &out);
      text.remove_prefix(end + 1);
      continue;
    }
    const bool skip = c == '[' && values.major == UserAgent::kNoMajor;
    if (c != '[' && c != ']') out += c;
    text.remove_prefix(skip ? text.find(']') + 1 : 1);
  }
  return out;
}

std::string Label(const std::vector<Family>& families, std::uint16_t index, std::uint16_t major) {
  if (index >= families.size()) index = 0;
  return Render(families[index].label, {.system = {}, .major = major});
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerCase(c);
  return lower;
}

PatternList::PatternList() : set_(PatternOptions(kListMemory), RE2::UNANCHORED) {}

std::string PatternList::Add(const std::string& pattern, std::uint16_t owner, std::uint16_t major) {
  std::string error;
  if (set_.Add(pattern, &error) < 0) return error;
  Pattern& added = patterns_.emplace_back();
  added.text = pattern;
  added.rule = static_cast<std::uint16_t>(rules_.size() - 1);
  added.owner = owner;
  added.major = major;
  return "";
}

std::string PatternList::AddTokens(const Tokens& tokens, const std::string& after) {
  TokenList& list = token_lists_.emplace_back();
  list.position = patterns_.size();
  list.rule = static_cast<std::uint16_t>(rules_.size() - 1);
  list.after = std::make_unique<RE2>(after, PatternOptions(kPatternMemory));
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    if (token->first.empty()) return "a token is empty";
    list.by_first_byte[static_cast<unsigned char>(token->first.front())].push_back(*token);
  }
  return list.after->ok() ? "" : list.after->error();
}

bool PatternList::CompileAll() const {
  return std::all_of(patterns_.begin(), patterns_.end(), [](const Pattern& pattern) { return pattern.Regexp().ok(); });
}

const RE2& PatternList::Pattern::Regexp() const {
  std::call_once(compiled, [this] { regexp = std::make_unique<RE2>(text, PatternOptions(kPatternMemory)); });
  return *regexp;
}

PatternList::Found PatternList::Pattern::Match(std::string_view input) const {
  const Found found{true, owner, major, rule};
  if (major != UserAgent::kNoMajor || Regexp().NumberOfCapturingGroups() == 0) return found;
  Groups groups;
  if (!Regexp().Match(input, 0, input.size(), RE2::UNANCHORED, groups.data(), groups.size())) return {};
  return {true, owner, MajorIn(groups), rule};
}

PatternList::Found PatternList::TokenList::MatchAt(std::string_view text) const {
  for (const auto& [token, owner] : by_first_byte[static_cast<unsigned char>(LowerCase(text.front()))]) {
    if (!StartsWith(text, token)) continue;
    const std::string_view rest = text.substr(token.size());
    Groups groups;
    if (after->Match(rest, 0, rest.size(), RE2::ANCHOR_START, groups.data(), groups.size())) {
      return {true, owner, MajorIn(groups), rule};
    }
  }
  return {};
}

PatternList::Found PatternList::TokenList::Match(std::string_view text) const {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && IsInsideWord(text[at - 1])) continue;
    const Found found = MatchAt(text.substr(at));
    if (found.matched) return found;
  }
  return {};
}

PatternList::Found PatternList::Match(std::string_view text) const {
  std::vector<int> matches;
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  if (!patterns_.empty()) set_.Match(text, &matches, &error);
  if (error.kind != RE2::Set::kNoError) return {};
  const auto first = std::min_element(matches.begin(), matches.end());
  const std::size_t position = first == matches.end() ? patterns_.size() : static_cast<std::size_t>(*first);
  for (const TokenList& list : token_lists_) {
    if (list.position > position) break;
    const Found found = list.Match(text);
    if (found.matched) return found;
  }
  return position == patterns_.size() ? Found{} : patterns_[position].Match(text);
}

UserAgentRules::UserAgentRules(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
UserAgentRules::~UserAgentRules() = default;

UserAgent UserAgentRules::Reduce(std::string_view user_agent) const noexcept {
  const std::string_view text = user_agent.substr(0, kTextLimit);
  UserAgent result;
  if (text.empty() || text == kUnknownText) return result;
  if (tables_->bot_patterns.Match(text).owner == 1) {
    result.is_bot = true;
    return result;
  }
  const PatternList::Found browser = tables_->browser_patterns.Match(text);
  const Family& browser_family = tables_->browsers[browser.owner];
  const PatternList::Found system = tables_->system_patterns.Match(text);
  const Family& system_family = tables_->systems[system.owner];
  const PatternList::Found device = tables_->device_patterns.Match(text);
  result.browser = browser.owner;
  result.browser_major = Bounded(browser.major, browser_family);
  result.system = system.owner;
  result.system_major = Bounded(system.major, system_family);
  result.device = device.matched ? static_cast<UserAgent::Device>(device.owner) : system_family.device;
  // A browser without a name still presents itself as one; "acme-cli/1.0 (Linux)" does not.
  result.is_browser = browser.matched ? browser_family.is_browser : system.matched && text.starts_with("Mozilla/");
  return result;
}

UserAgentRules::Decision UserAgentRules::Decide(std::string_view user_agent) const {
  const std::string_view text = user_agent.substr(0, kTextLimit);
  if (text.empty() || text == kUnknownText) return {};
  const auto decided_by = [&](const PatternList& list) { return list.RuleOf(list.Match(text)); };
  const PatternList::Found bot = tables_->bot_patterns.Match(text);
  if (bot.owner == 1) return {.bot = tables_->bot_patterns.RuleOf(bot), .browser = {}, .system = {}, .device = {}};
  return {{},
          decided_by(tables_->browser_patterns),
          decided_by(tables_->system_patterns),
          decided_by(tables_->device_patterns)};
}

std::string UserAgentRules::ToString(const UserAgent& user_agent) const {
  if (user_agent.is_bot) return tables_->bot_text;
  if (user_agent == UserAgent{}) return std::string(kUnknownText);
  const Family& browser = tables_->browsers[user_agent.browser < browser_count() ? user_agent.browser : 0];
  const Family& system = tables_->systems[user_agent.system < system_count() ? user_agent.system : 0];
  const auto device = static_cast<std::size_t>(user_agent.device);
  const bool mobile = user_agent.device == UserAgent::Device::kMobile;

  const std::string& own = system.device_texts[device];
  std::string system_text = Render(own.empty() ? system.text : own, {{}, user_agent.system_major, mobile});
  if (own.empty() && user_agent.device != system.device) system_text += tables_->marks[device];
  const bool unnamed_client = user_agent.browser == 0 && !user_agent.is_browser;
  return Render(unnamed_client ? kClientText : browser.text, {system_text, user_agent.browser_major, mobile});
}

const ClientHintRules& UserAgentRules::client_hints() const noexcept { return tables_->client_hints; }

std::size_t UserAgentRules::browser_count() const noexcept { return tables_->browsers.size(); }
std::size_t UserAgentRules::system_count() const noexcept { return tables_->systems.size(); }

std::string_view UserAgentRules::BrowserName(std::uint16_t browser) const noexcept {
  return tables_->browsers[browser < browser_count() ? browser : 0].name;
}

std::string_view UserAgentRules::SystemName(std::uint16_t system) const noexcept {
  return tables_->systems[system < system_count() ? system : 0].name;
}

std::string UserAgentRules::BrowserLabel(const UserAgent& user_agent) const {
  return Label(tables_->browsers, user_agent.browser, user_agent.browser_major);
}

std::string UserAgentRules::SystemLabel(const UserAgent& user_agent) const {
  return Label(tables_->systems, user_agent.system, user_agent.system_major);
}

std::string_view ToString(UserAgent::Device device) noexcept {
  switch (device) {
    case UserAgent::Device::kDesktop:
      return "desktop";
    case UserAgent::Device::kMobile:
      return "mobile";
    case UserAgent::Device::kTablet:
      return "tablet";
    case UserAgent::Device::kTv:
      return "tv";
    case UserAgent::Device::kConsole:
      return "console";
    case UserAgent::Device::kOther:
      return "other";
    case UserAgent::Device::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace hushlog
