// The configuration file: TOML, read once at start.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "parsers/trusted_proxies.h"
#include "rules/config_error.h"
#include "src/delivery/deliverer.h"
#include "src/status/http_server.h"

namespace hushlog {

struct SourceConfig {
  std::string name;
  std::vector<std::string> paths;  // files and globs
  std::string format = "auto";     // as LogFormat::Compile takes it, or "auto"
  bool from_end = true;            // tail: passes over what files hold when they are followed for the first time
};

// Of hushlog tail.
struct TailConfig {
  std::chrono::milliseconds flush{250};   // after which a line that was read is kept, and goes to targets
  std::chrono::seconds stop_timeout{10};  // how long targets get what waits for them when hushlog is to stop
};

// The measured Matomo, of which the daily system report tells what it is.
struct InstanceConfig {
  std::string url;            // of its index.php; empty: it is not asked
  std::string token_file;     // read when it is asked; empty: none
  std::string ca_file;        // as those of TargetConfig
  std::string proxy;          //
  std::string mysql_version;  // in the form of IsVersion; cannot be asked for
  std::chrono::milliseconds request_timeout{10'000};
};

// The status page of hushlog tail.
struct StatusConfig {
  std::optional<ListenAddress> listen = ListenAddress{"127.0.0.1", 4874};  // nothing: there is none
  std::vector<std::string> allowed_hosts;                                  // see HttpServer::Options::hosts
};

struct Config {
  std::string state_dir;  // empty: DefaultStateDir()
  std::string rules_dir;  // of the site; empty: none
  std::vector<std::string> trusted_proxies;
  std::size_t max_visits = 26'000;  // open at a time: a million people in a day, evenly
  std::chrono::hours keep_sent{0};  // of targets that do not say otherwise, see TargetConfig
  TailConfig tail;
  StatusConfig status;
  InstanceConfig instance;
  std::vector<SourceConfig> sources;
  std::vector<TargetConfig> targets;  // the enabled ones, tokens read
  std::vector<std::string> warnings;  // for the user
};

// Nothing if no proxy is trusted.
std::optional<TrustedProxies> ProxiesOf(const Config& config);

// Throws ConfigError with every mistake of the file, each with its line. Tokens are only read if asked for;
// kRemovedToken stands for those that are left.
enum class Tokens { kRead, kLeave };
Config LoadConfig(const std::string& path, Tokens tokens = Tokens::kRead);

// /etc/hushlog/hushlog.toml for root, else hushlog/hushlog.toml in $XDG_CONFIG_HOME or ~/.config.
std::string DefaultConfigFile();
// $XDG_STATE_HOME/hushlog (~/.local/state/hushlog) for a person, /var/lib/hushlog for root and services.
std::string DefaultStateDir();
// `state_dir` if it is not empty, else that of the configuration file if there is one, else the default.
std::string StateDirOf(const std::string& state_dir, const std::string& config_file);

}  // namespace hushlog
