// A log format, compiled once from the string that configures the web server.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

// A format string or name that cannot be used. what() says which part and why.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FormatPlan;  // format_plan.h

// Fields beside those of Request that can be read, because somebody asks for them by name: any nginx variable, such as
// "cookie_NAME", "http_x_name" or "ssl_protocol", in lower case. In Apache's formats %{Name}C, %{X-Name}i and
// %{SSL_PROTOCOL}x have these names, %{X-Name}o is "sent_http_x_name", %{Name}e "env_name", %{Name}n "note_name".
inline constexpr std::size_t kMaxExtraFields = 8;
// False for what is no such name, and for names of which Request has a field.
bool IsExtraField(std::string_view name);

class LogFormat {
 public:
  // `spec` is one of
  //   - a name: "combined", "vhost_combined", ... (Presets()) or one of their aliases in other tools, in any case;
  //   - an nginx log_format string, recognised by its `$variables`; alone or as it stands in
  //     nginx.conf: `log_format main escape=json '...' '...';`. A format that is a JSON object becomes a field map;
  //   - an Apache LogFormat string, recognised by its `%directives`, alone or as `LogFormat "..." name`;
  //   - "json" for nginx escape=json lines with nginx's variable names as keys, or a field map
  //     "json:time=ts,remote_addr=client_ip,target=uri" that says which key holds which field of Request.
  // `extra_fields` are to be read too, where the format has them: at most kMaxExtraFields names (IsExtraField).
  // Throws FormatError if it is none of these, or holds no time, no request, no status or no client address.
  static LogFormat Compile(std::string_view spec, std::span<const std::string> extra_fields = {});

  // The name, or the format string itself.
  const std::string& name() const { return name_; }
  // True if lines carry the time a request took.
  bool has_request_time() const;
  bool has_user_agent() const;
  bool has_referer() const;
  // What was asked for, in that order.
  std::span<const std::string> extra_fields() const;
  // Whether lines carry the field of this name: one of Request ("host"), or an extra field that was asked for.
  bool has_field(std::string_view name) const;

  const FormatPlan& plan() const { return *plan_; }

 private:
  LogFormat(std::string name, std::shared_ptr<const FormatPlan> plan)
      : name_(std::move(name)), plan_(std::move(plan)) {}
  std::string name_;
  std::shared_ptr<const FormatPlan> plan_;
};

struct Preset {
  std::string_view name;
  std::string_view spec;         // the nginx or Apache format string
  std::string_view description;  // for --help and docs
  std::string_view sample;       // a line of this format
  std::vector<std::string_view> aliases;
  bool detectable = true;  // false if its lines look like those of another preset
};
const std::vector<Preset>& Presets();

// The outcome of looking at the first lines of a log.
struct Detection {
  // Set only if one format fits clearly (see DetectFormat).
  std::shared_ptr<const LogFormat> format;
  std::size_t lines = 0;    // looked at
  std::size_t fitting = 0;  // that fit the best format
  std::string message;      // one sentence for the user: what was chosen, or why none was; holds no byte of the log
};

// Chooses among the presets for `sample`, the beginning of a log (whole lines; followed by kLinePadding readable
// bytes). Among the formats that fit the most lines the one that yields the most fields wins. Refuses when fewer than 9
// of 10 lines fit, or when there is no line that is not bad in every format.
// `extra_fields` as for LogFormat::Compile.
Detection DetectFormat(std::string_view sample, std::span<const std::string> extra_fields = {});

}  // namespace hushlog
