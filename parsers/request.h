// One entry of an access log, as the web server wrote it.
//
// Field names are nginx's variable names, whatever server wrote the line. All views point into the line that was parsed
// or into the scratch memory of the LineParser that parsed it, and die with the next call of LineParser::Parse.
// A field that the format does not have, or that the server logged as "-", is empty (views) or -1 (numbers).
//
// Everything in here is raw and may identify a person. It must not be stored, logged or sent: rules/ turns it into a
// UiAction, which cannot.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hushlog {

struct Request {
  std::string_view remote_addr;  // client address as text; behind trusted proxies already taken from X-Forwarded-For
  std::string_view remote_user;
  std::string_view host;    // virtual host, without the port
  std::string_view method;  // "GET"
  std::string_view
      target;  // request target (RFC 9112), log escapes undone, percent-encoding kept: "/index.php?module=Login"
  std::string_view protocol;  // "HTTP/2.0"
  std::string_view referer;
  std::string_view user_agent;
  std::string_view accept_language;
  std::string_view dnt;      // header DNT
  std::string_view sec_gpc;  // header Sec-GPC
  std::string_view sec_ch_ua;
  std::string_view sec_ch_ua_mobile;
  std::string_view sec_ch_ua_platform;
  std::string_view sec_ch_ua_platform_version;
  std::string_view sec_ch_ua_full_version_list;
  std::span<const std::string_view> extra;  // by LogFormat::extra_fields(); empty if the format has none of them

  // Milliseconds since 1970-01-01 UTC. nginx writes the moment the request ended, Apache's %t the moment it began:
  // time_is_start tells which, where the format tells.
  std::int64_t time_ms = -1;
  std::int32_t utc_offset_s = 0;  // as printed in the line; 0 where the format has none
  bool time_is_start = false;

  int status = -1;                    // three digits
  std::int64_t body_bytes_sent = -1;  // bytes
  std::int64_t request_time_us = -1;  // microseconds, from $request_time (s), %D (us), %T (s), %{ms}T
};

}  // namespace hushlog
