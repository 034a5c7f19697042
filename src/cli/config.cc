#include "src/cli/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>

#include "parsers/log_format.h"
#include "src/base/nearest.h"
#include "src/cli/config_keys.h"
#include "src/cli/format_names.h"
#include "src/cli/token_file.h"
#include "src/delivery/bulk_body.h"
#include "src/usage/system_report.h"

namespace hushlog {
namespace {

// Collects the mistakes of one file, so that all are told at once.
class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  void Error(const toml::node& node, std::string_view what) {
    const std::uint32_t line = node.source().begin.line;
    errors_.emplace(line, fmt::format("{}:{}: {}", path_, line, what));
  }
  void ThrowIfErrors() const {
    std::vector<std::string_view> sentences;
    for (const auto& [line, sentence] : errors_) sentences.push_back(sentence);
    if (!sentences.empty()) throw ConfigError(fmt::format("{}", fmt::join(sentences, "\n")));
  }

  // `name` as in ConfigKey.
  void RefuseUnknownKeys(const toml::table& table, std::string_view name) {
    const std::vector<std::string_view> known = KeysOf(name);
    for (const auto& [key, node] : table) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      std::string hint = DidYouMean(key.str(), known);
      if (hint.empty()) hint = fmt::format("; known here: {}", fmt::join(known, ", "));
      Error(node, fmt::format("unknown key '{}'{}", key.str(), hint));
    }
  }

  // The value of a key, `fallback` if it is missing or of another type (which is an error).
  template <typename T>
  T Get(const toml::table& table, std::string_view key, T fallback, std::string_view type) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return fallback;
    if (const std::optional<T> value = node->value_exact<T>()) return *value;
    Error(*node, fmt::format("'{}' must be {}", key, type));
    return fallback;
  }
  std::string String(const toml::table& table, std::string_view key) {
    return Get(table, key, std::string(), "a string");
  }
  bool Flag(const toml::table& table, std::string_view key, bool fallback) {
    return Get(table, key, fallback, "true or false");
  }
  // Within the limits of the key of the table `name`.
  std::int64_t Integer(const toml::table& table, std::string_view name, std::string_view key, std::int64_t fallback) {
    const ConfigKey& limits = KeyOf(name, key);
    const auto value = Get(table, key, fallback, "a whole number");
    if (value >= limits.least && value <= limits.most) return value;
    Error(*table.get(key), fmt::format("'{}' must lie between {} and {}", key, limits.least, limits.most));
    return fallback;
  }
  std::vector<std::string> Strings(const toml::table& table, std::string_view key);

 private:
  std::string path_;
  std::multimap<std::uint32_t, std::string> errors_;  // by line
};

std::vector<std::string> Reader::Strings(const toml::table& table, std::string_view key) {
  std::vector<std::string> values;
  const toml::node* node = table.get(key);
  if (node == nullptr) return values;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    Error(*node, fmt::format("'{}' must be a list of strings", key));
    return values;
  }
  for (const toml::node& element : *array) {
    if (const auto text = element.value_exact<std::string>()) {
      values.push_back(*text);
    } else {
      Error(element, fmt::format("'{}' must be a list of strings", key));
    }
  }
  return values;
}

bool ReadFromEnd(const toml::table& table, Reader& reader) {
  const std::string text = reader.String(table, "start");
  if (!text.empty() && text != "end" && text != "beginning") {
    reader.Error(*table.get("start"), "'start' must be \"end\" or \"beginning\"");
  }
  return text != "beginning";
}

// The table [key]; null if there is none.
const toml::table* TableOf(const toml::table& file, std::string_view key, Reader& reader) {
  const toml::node* node = file.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) reader.Error(*node, fmt::format("write [{}], with its keys below", key));
  return node->as_table();
}

TailConfig ReadTail(const toml::table& file, Reader& reader) {
  TailConfig tail;
  const toml::table* table = TableOf(file, "tail", reader);
  if (table == nullptr) return tail;
  reader.RefuseUnknownKeys(*table, "tail");
  tail.flush = std::chrono::milliseconds(reader.Integer(*table, "tail", "flush_ms", tail.flush.count()));
  tail.stop_timeout = std::chrono::seconds(reader.Integer(*table, "tail", "stop_timeout_s", tail.stop_timeout.count()));
  return tail;
}

StatusConfig ReadStatus(const toml::table& file, Reader& reader) {
  StatusConfig status;
  const toml::table* table = TableOf(file, "status", reader);
  if (table == nullptr) return status;
  reader.RefuseUnknownKeys(*table, "status");
  status.allowed_hosts = reader.Strings(*table, "allowed_hosts");
  const std::string listen = reader.String(*table, "listen");
  try {
    if (!listen.empty()) status.listen = listen == "off" ? std::nullopt : std::optional(ListenAddress::Parse(listen));
    if (status.listen && !status.listen->IsLoopback() && status.allowed_hosts.empty()) {
      throw std::invalid_argument(
          "others can reach the address of 'listen': name the hosts by which they do in 'allowed_hosts', and let only "
          "those connect who may see how Matomo is used");
    }
  } catch (const std::invalid_argument& error) {
    reader.Error(*table->get("listen"), error.what());
  }
  return status;
}

SourceConfig ReadSource(const toml::table& table, Reader& reader) {
  reader.RefuseUnknownKeys(table, "source");
  SourceConfig source;
  source.name = reader.String(table, "name");
  source.paths = reader.Strings(table, "paths");
  if (const std::string format = reader.String(table, "format"); !format.empty()) source.format = format;
  source.from_end = ReadFromEnd(table, reader);
  if (source.name.empty()) reader.Error(table, "a source needs a name");
  if (source.paths.empty()) reader.Error(table, "a source needs paths, a list of files or patterns");
  if (source.format == "auto") return source;
  try {
    CompileFormat(source.format);
  } catch (const FormatError& error) {
    reader.Error(*table.get("format"), error.what());
  }
  return source;
}

OnAmbiguous ReadOnAmbiguous(const toml::table& table, Reader& reader) {
  const std::string text = reader.String(table, "on_ambiguous");
  if (text.empty() || text == "park") return OnAmbiguous::kPark;
  if (text == "resend") return OnAmbiguous::kResend;
  if (text == "drop") return OnAmbiguous::kDrop;
  reader.Error(*table.get("on_ambiguous"), "'on_ambiguous' must be \"park\", \"resend\" or \"drop\"");
  return OnAmbiguous::kPark;
}

// Empty if there is none.
std::string ReadUrl(const toml::table& table, Reader& reader, std::string (*normalize)(const std::string&)) {
  const std::string url = reader.String(table, "url");
  if (url.empty()) return "";
  try {
    return normalize(url);
  } catch (const std::invalid_argument& error) {
    reader.Error(*table.get("url"), error.what());
    return "";
  }
}

// Empty if there is none.
std::string ReadToken(const toml::table& table, Reader& reader, std::vector<std::string>* warnings) {
  const std::string file = reader.String(table, "token_file");
  if (file.empty()) return "";
  try {
    return ReadTokenFile(file, warnings);
  } catch (const ConfigError& error) {
    reader.Error(*table.get("token_file"), error.what());
    return "";
  }
}

// "30d" or "12h"; `fallback` if the key is missing.
std::chrono::hours ReadPeriod(const toml::table& table, Reader& reader, std::string_view key,
                              std::chrono::hours fallback) {
  constexpr int kHoursOfDay = 24;
  constexpr int kMostDigits = 4;
  if (table.get(key) == nullptr) return fallback;
  const std::string text = reader.String(table, key);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = std::string_view(text).substr(digits);
  if (digits >= 1 && digits <= kMostDigits && (unit == "d" || unit == "h")) {
    return std::chrono::hours(std::stoi(text.substr(0, digits)) * (unit == "d" ? kHoursOfDay : 1));
  }
  reader.Error(*table.get(key), fmt::format("'{}' must be a number of days or hours, like \"30d\" or \"12h\"", key));
  return fallback;
}

std::string ReadCaFile(const toml::table& table, Reader& reader) {
  std::string file = reader.String(table, "ca_file");
  if (!file.empty() && ::access(file.c_str(), R_OK) != 0) {
    reader.Error(*table.get("ca_file"), fmt::format("{}: cannot be read", file));
  }
  return file;
}

void ReadConnection(const toml::table& table, Reader& reader, TargetConfig* target) {
  target->ca_file = ReadCaFile(table, reader);
  target->proxy = reader.String(table, "proxy");
  target->request_timeout =
      std::chrono::seconds(reader.Integer(table, "target", "request_timeout_s", target->request_timeout.count()));
}

InstanceConfig ReadInstance(const toml::table& file, Reader& reader, Tokens tokens,
                            std::vector<std::string>* warnings) {
  InstanceConfig instance;
  const toml::table* table = TableOf(file, "instance", reader);
  if (table == nullptr) return instance;
  reader.RefuseUnknownKeys(*table, "instance");
  instance.url = ReadUrl(*table, reader, NormalizeInterfaceUrl);
  instance.token_file = reader.String(*table, "token_file");
  if (tokens == Tokens::kRead) (void)ReadToken(*table, reader, warnings);
  instance.ca_file = ReadCaFile(*table, reader);
  instance.proxy = reader.String(*table, "proxy");
  instance.mysql_version = reader.String(*table, "mysql_version");
  if (!instance.mysql_version.empty() && !IsVersion(instance.mysql_version)) {
    reader.Error(*table->get("mysql_version"), "'mysql_version' must be a version, like \"10.11.6-MariaDB\"");
  }
  return instance;
}

void ReadDelivery(const toml::table& table, Reader& reader, TargetConfig* target) {
  target->lanes = static_cast<int>(reader.Integer(table, "target", "lanes", target->lanes));
  target->batch_rows = static_cast<std::size_t>(
      reader.Integer(table, "target", "batch_rows", static_cast<std::int64_t>(target->batch_rows)));
  target->on_ambiguous = ReadOnAmbiguous(table, reader);
  target->ambiguous_retries =
      static_cast<int>(reader.Integer(table, "target", "ambiguous_retries", target->ambiguous_retries));
  target->max_attempts = static_cast<int>(reader.Integer(table, "target", "max_attempts", target->max_attempts));
  target->retry_delay =
      std::chrono::milliseconds(reader.Integer(table, "target", "retry_delay_ms", target->retry_delay.count()));
  constexpr int kMegabyteBits = 20;
  target->max_backlog_bytes =
      reader.Integer(table, "target", "max_backlog_mb", target->max_backlog_bytes >> kMegabyteBits) << kMegabyteBits;
  target->max_backlog_age = ReadPeriod(table, reader, "max_backlog_age", target->max_backlog_age);
}

// nullopt for a target that is switched off.
std::optional<TargetConfig> ReadTarget(const toml::table& table, Reader& reader, Tokens tokens,
                                       std::chrono::hours keep_sent, std::vector<std::string>* warnings) {
  reader.RefuseUnknownKeys(table, "target");
  const bool enabled = reader.Flag(table, "enabled", true);
  TargetConfig target;
  target.name = reader.String(table, "name");
  if (target.name.empty()) reader.Error(table, "a target needs a name");
  if (table["url"].value_or(std::string()).empty()) {
    reader.Error(table, "a target needs a url, the address of a Matomo");
  }
  target.url = ReadUrl(table, reader, NormalizeTrackerUrl);
  if (table.get("site_id") == nullptr)
    reader.Error(table, "a target needs a site_id, the number of the site in that Matomo");
  target.site_id = static_cast<std::uint32_t>(reader.Integer(table, "target", "site_id", 1));
  if (enabled && tokens == Tokens::kRead) target.token_auth = ReadToken(table, reader, warnings);
  if (!target.token_auth.empty()) target.new_token = WatchTokenFile(reader.String(table, "token_file"));
  if (tokens == Tokens::kLeave && !reader.String(table, "token_file").empty()) target.token_auth = kRemovedToken;
  target.identified = !reader.Flag(table, "anonymize", true);
  if (target.identified && enabled) {
    warnings->push_back(fmt::format(
        "the target '{}' gets users, titles and URLs as they are (anonymize = false); only secrets are removed",
        target.name));
  }
  target.reports = reader.Flag(table, "reports", target.reports);
  target.system_report = reader.Flag(table, "system_report", target.system_report);
  ReadConnection(table, reader, &target);
  ReadDelivery(table, reader, &target);
  target.keep_sent = ReadPeriod(table, reader, "keep_sent", keep_sent);
  if (!enabled) return std::nullopt;
  return target;
}

// Calls read(table) for each [[key]] and refuses two of the same name.
template <typename Read>
void ForEachNamed(const toml::table& file, std::string_view key, Reader& reader, Read read) {
  const toml::node* node = file.get(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return reader.Error(*node, fmt::format("write [[{}]], with two brackets", key));
  std::set<std::string> names;
  for (const toml::node& element : *array) {
    const toml::table* table = element.as_table();
    if (table == nullptr) {
      reader.Error(element, fmt::format("write [[{}]], with two brackets", key));
      continue;
    }
    const std::string name = (*table)["name"].value_or(std::string());
    if (!name.empty() && !names.insert(name).second)
      reader.Error(*table, fmt::format("there are two {}s '{}'", key, name));
    read(*table);
  }
}

void WarnOfTwins(const std::vector<TargetConfig>& targets, std::vector<std::string>* warnings) {
  std::map<std::pair<std::string_view, std::uint32_t>, std::string_view> names;
  for (const TargetConfig& target : targets) {
    const auto [first, is_new] = names.emplace(std::pair(std::string_view(target.url), target.site_id), target.name);
    if (is_new || target.url.empty()) continue;
    warnings->push_back(
        fmt::format("the targets '{}' and '{}' are the same site of the same Matomo, which gets every hit twice",
                    first->second, target.name));
  }
}

void CheckTrustedProxies(const toml::table& file, const std::vector<std::string>& ranges, Reader& reader) {
  try {
    TrustedProxies(std::vector<std::string_view>(ranges.begin(), ranges.end()));
  } catch (const FormatError& error) {
    reader.Error(*file.get("trusted_proxies"), error.what());
  }
}

// The directory that the variable names, else `in_home` of the user; `of_system` for root and who has no home, like the
// user of a service.
std::string OfUser(const char* variable, std::string_view in_home, const char* of_system) {
  if (::geteuid() == 0) return of_system;
  const char* directory = std::getenv(variable);
  if (directory != nullptr && *directory == '/') return directory;
  const char* home = std::getenv("HOME");
  const bool has_home = home != nullptr && *home != '\0' && ::access(home, X_OK) == 0;
  return has_home ? std::string(home).append(in_home) : of_system;
}

}  // namespace

std::optional<TrustedProxies> ProxiesOf(const Config& config) {
  const auto& ranges = config.trusted_proxies;
  if (ranges.empty()) return std::nullopt;
  return TrustedProxies(std::vector<std::string_view>(ranges.begin(), ranges.end()));
}

Config LoadConfig(const std::string& path, Tokens tokens) {
  toml::table file;
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    if (error.source().begin.line == 0) throw ConfigError(fmt::format("{}: cannot be read", path));
    throw ConfigError(fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
  Reader reader(path);
  Config config;
  reader.RefuseUnknownKeys(file, "");
  config.state_dir = reader.String(file, "state_dir");
  config.rules_dir = reader.String(file, "rules_dir");
  config.trusted_proxies = reader.Strings(file, "trusted_proxies");
  config.max_visits =
      static_cast<std::size_t>(reader.Integer(file, "", "max_visits", static_cast<std::int64_t>(config.max_visits)));
  CheckTrustedProxies(file, config.trusted_proxies, reader);
  config.keep_sent = ReadPeriod(file, reader, "keep_sent", std::chrono::hours(0));
  config.tail = ReadTail(file, reader);
  config.status = ReadStatus(file, reader);
  config.instance = ReadInstance(file, reader, tokens, &config.warnings);
  ForEachNamed(file, "source", reader,
               [&](const toml::table& table) { config.sources.push_back(ReadSource(table, reader)); });
  ForEachNamed(file, "target", reader, [&](const toml::table& table) {
    auto target = ReadTarget(table, reader, tokens, config.keep_sent, &config.warnings);
    if (target) config.targets.push_back(std::move(*target));
  });
  WarnOfTwins(config.targets, &config.warnings);
  reader.ThrowIfErrors();
  return config;
}

std::string DefaultConfigFile() { return OfUser("XDG_CONFIG_HOME", "/.config", "/etc") + "/hushlog/hushlog.toml"; }

std::string DefaultStateDir() { return OfUser("XDG_STATE_HOME", "/.local/state", "/var/lib") + "/hushlog"; }

std::string StateDirOf(const std::string& state_dir, const std::string& config_file) {
  if (!state_dir.empty()) return state_dir;
  const std::string configured = config_file.empty() ? "" : LoadConfig(config_file, Tokens::kLeave).state_dir;
  return configured.empty() ? DefaultStateDir() : configured;
}

}  // namespace hushlog
