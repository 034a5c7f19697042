#include "parsers/log_format.h"

#include <doctest/doctest.h>

#include "tests/parsers/parse_support.h"

namespace hushlog {

TEST_CASE("every preset reads its own sample") {
  for (const Preset& preset : Presets()) {
    CAPTURE(preset.name);
    CHECK(Parsed(preset.name, preset.sample).status == LineStatus::kOk);
    CHECK_FALSE(preset.description.empty());
  }
}

TEST_CASE("the names of other tools are known in any case") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"combined", "combined"},
      {"COMBINED", "combined"},
      {"ncsa_extended", "combined"},
      {"common", "common"},
      {"COMMON", "common"},
      {"common_vhost", "vhost_common"},
      {"VCOMMON", "vhost_common"},
      {"VCOMBINED", "vhost_combined"},
      {"common_complete", "vhost_combined"},
      {"vhost-combined", "vhost_combined"},
      {" json ", "json"},
      {"nginx_json", "nginx_json"},
  };
  for (const auto& [alias, name] : cases) {
    CAPTURE(alias);
    CHECK(LogFormat::Compile(alias).name() == name);
  }
}

TEST_CASE("format strings of web servers are accepted as they are configured") {
  for (const std::string_view spec : {
           R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)",
           R"(${remote_addr} [${time_local}] "${request}" ${status} ${http_x_anything} $pid)",
           "log_format main '$remote_addr [$time_local] '\n   '\"$request\" $status';",
           "log_format main escape=default \"$remote_addr [$time_local] \\\"$request\\\" $status\";",
           "'$remote_addr [$time_local] ' '\"$request\" $status'",
           R"(%h %l %u %t \"%r\" %>s %b)",
           R"(LogFormat "%h %l %u %t \"%r\" %>s %b" common)",
           R"(%a %!200,304{Referer}i %t "%r" %s %% %X %k %L %P %{tid}P %p %{c}a %f "%{X}e" "%{X}n" "%{X}o" "%{X}C")",
           R"(%V %A %I %O %S %R %^FB %h %t "%r" %s "%{SSL_PROTOCOL}x" %{us}T)",
           "$time_iso8601\t$remote_addr\t$request\t$status\t$http_user_agent",
           "json:time=ts,remote_addr=ip,target=uri,status=code",
       }) {
    CAPTURE(spec);
    CHECK_NOTHROW(LogFormat::Compile(spec));
  }
}

TEST_CASE("a format that cannot be used is refused with the reason") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "neither a known name"},
      {"combnied", "neither a known name"},
      {R"($remote_addr "$request" $status)", "no time"},
      {R"($remote_addr [$time_local] $status)", "no request"},
      {R"($remote_addr [$time_local] "$request")", "no status"},
      {R"([$time_local] "$request" $status)", "no client address"},
      {R"($remote_addr$status [$time_local] "$request")", "nothing separates \"$remote_addr\" from \"$status\""},
      {R"($remote_addr [$time_local] "$request" $status $http_user_agent $request_time)", "must be in quotes"},
      {R"($remote_addr [$time_local] $request $status)", "must be in quotes"},
      {R"($remote_addr ${time_local "$request" $status)", "without a variable name"},
      {"log_format main '$remote_addr", "not closed"},
      {"log_format main;$x", "needs a name and a format"},
      {"log_format main escape=xml '$remote_addr';", "escape=xml"},
      {R"(%h %t "%r" %>s %y)", "\"%y\": unknown"},
      {R"(%h %t "%r" %>s %)", "without a directive"},
      {R"(%h %{%c}t "%r" %>s)", "cannot be read back"},
      {R"(%h [%{%d/%b/%Y:%T}t] "%r" %>s)", "no time zone"},
      {R"(%h %{%F %T}t "%r" %>s)", "no time zone"},
      {R"(%h %t "%r" %>s %{h}T)", "unit"},
      {R"(%h %t "%r" %>s %i)", "name of a header"},
      {R"(LogFormat %h)", "in quotes"},
      {R"(%h %^[%d:%t %^] "%r" %s %b "%R" "%u")", "unknown"},  // GoAccess
      {"json:", "no time"},
      {"json:time", "not field=key"},
      {"json:when=ts", "unknown field \"when\""},
      {"json:time=ts,status=ts", "stands for two fields"},
      {R"(log_format j escape=json '{"status":$status';)", "not closed"},
      {R"(log_format j escape=json '{"status" $status}';)", "is missing after the key"},
  };
  for (const auto& [spec, reason] : cases) {
    CAPTURE(spec);
    std::string what = "accepted";
    try {
      LogFormat::Compile(spec);
    } catch (const FormatError& error) {
      what = error.what();
    }
    CAPTURE(what);
    CHECK(what.find(reason) != std::string::npos);
  }
}

TEST_CASE("a format knows which optional fields its lines carry") {
  CHECK_FALSE(LogFormat::Compile("common").has_user_agent());
  CHECK_FALSE(LogFormat::Compile("common").has_referer());
  CHECK_FALSE(LogFormat::Compile("combined").has_request_time());
  CHECK(LogFormat::Compile("combined").has_user_agent());
  CHECK(LogFormat::Compile("combined").has_referer());
  CHECK(LogFormat::Compile("combined_d").has_request_time());
  CHECK(LogFormat::Compile("json").has_request_time());
}

}  // namespace hushlog
