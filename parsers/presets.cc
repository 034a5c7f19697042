// The formats known by name. Order matters: of formats that suit a log equally well the first is chosen.
#include "parsers/log_format.h"

namespace hushlog {

const std::vector<Preset>& Presets() {
  static const std::vector<Preset> presets = {
      {.name = "common",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent",
       .description = "Common Log Format of nginx and Apache",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120",
       .aliases = {"clf", "ncsa_common"}},
      {.name = "combined",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\"",
       .description = "the default of nginx, Apache's \"combined\"",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
       .aliases = {"ncsa_extended"}},
      {.name = "vhost_common",
       .spec = "$host:$server_port $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent",
       .description = "common after the virtual host (%v %h ... or %v:%p %h ...)",
       .sample = "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
                 "HTTP/1.1\" 200 5120",
       .aliases = {"common_vhost", "vcommon"}},
      {.name = "vhost_combined",
       .spec = "$host:$server_port $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
               "\"$http_referer\" \"$http_user_agent\"",
       .description = "combined after the virtual host, as Debian's Apache has it",
       .sample = "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
                 "HTTP/1.1\" 200 5120 \"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
       .aliases = {"common_complete", "vcombined"}},
      {.name = "combined_rt",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" $request_time",
       .description = "combined and $request_time (nginx, seconds with a fraction)",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0.083",
       .aliases = {"combined_request_time"}},
      {.name = "combined_rt_host",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" $request_time \"$host\"",
       .description = "combined, $request_time and the host",
       .sample =
           "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
           "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0.083 \"analytics.example.org\"",
       .aliases = {}},
      {.name = "vhost_combined_rt",
       .spec = "$host:$server_port $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
               "\"$http_referer\" \"$http_user_agent\" $request_time",
       .description = "vhost_combined and $request_time",
       .sample = "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
                 "HTTP/1.1\" 200 5120 \"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0.083",
       .aliases = {}},
      {.name = "main",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" \"$http_x_forwarded_for\"",
       .description = "combined and X-Forwarded-For, the \"main\" of nginx's packages",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" \"203.0.113.7\"",
       .aliases = {"nginx_main"}},
      {.name = "main_rt",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" \"$http_x_forwarded_for\" $request_time",
       .description = "main and $request_time",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" \"203.0.113.7\" 0.083",
       .aliases = {}},
      {.name = "upstream",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" \"$http_x_forwarded_for\" rt=$request_time uct=\"$upstream_connect_time\" "
               "uht=\"$upstream_header_time\" urt=\"$upstream_response_time\"",
       .description = "main and the times of the upstream (rt= uct= uht= urt=)",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" \"203.0.113.7\" rt=0.083 "
                 "uct=\"0.001\" uht=\"0.055\" urt=\"0.084\"",
       .aliases = {"upstream_time", "apm"}},
      {.name = "upstream_host",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" \"$http_x_forwarded_for\" rt=$request_time uct=\"$upstream_connect_time\" "
               "uht=\"$upstream_header_time\" urt=\"$upstream_response_time\" host=\"$host\" sn=\"$server_name\"",
       .description = "upstream, host= and sn=",
       .sample =
           "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
           "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" \"203.0.113.7\" rt=0.083 "
           "uct=\"0.001\" uht=\"0.055\" urt=\"0.084\" host=\"analytics.example.org\" sn=\"analytics.example.org\"",
       .aliases = {}},
      {.name = "amplify",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" \"$http_x_forwarded_for\" \"$host\" sn=\"$server_name\" rt=$request_time "
               "ua=\"$upstream_addr\" us=\"$upstream_status\" ut=\"$upstream_response_time\" "
               "ul=\"$upstream_response_length\" cs=$upstream_cache_status",
       .description = "the format of NGINX Amplify",
       .sample =
           "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
           "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" \"-\" \"analytics.example.org\" "
           "sn=\"_\" rt=0.083 ua=\"10.0.0.5:80\" us=\"200\" ut=\"0.082\" ul=\"5120\" cs=-",
       .aliases = {}},
      {.name = "ingress_nginx",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" $request_length $request_time [$proxy_upstream_name] "
               "[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time "
               "$upstream_status $req_id",
       .description = "the default of the Kubernetes ingress-nginx controller",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 412 0.083 [default-matomo-80] "
                 "[] 10.0.0.5:80 5120 0.082 200 2cb00d4c97664e6e7fd3299b80aef71b",
       .aliases = {"upstreaminfo"}},
      {.name = "json",
       .spec = "json",
       .description = "nginx with escape=json, keys named like nginx's variables",
       .sample = "{\"time_iso8601\":\"2026-11-23T05:19:28+00:00\",\"remote_addr\":\"192.0.2.10\",\"request_method\":"
                 "\"GET\",\"request_uri\":\"/index.php?module=Login\",\"status\":200,\"http_user_agent\":\"Mozilla/5.0 "
                 "(X11; Linux x86_64)\"}",
       .aliases = {}},
      {.name = "nginx_json",
       .spec = "json:remote_addr=ip,host=host,target=path,status=status,referer=referrer,user_agent=user_agent,body_"
               "bytes_sent=length,request_time=generation_time_milli,time=date",
       .description = "nginx JSON with the keys Matomo's log importer asks for",
       .sample =
           "{\"ip\":\"192.0.2.10\",\"host\":\"analytics.example.org\",\"path\":\"/"
           "index.php?module=Login\",\"status\":\"200\",\"referrer\":\"\",\"user_agent\":\"Mozilla/5.0 (X11; Linux "
           "x86_64)\",\"length\":5120,\"generation_time_milli\":0.083,\"date\":\"2026-11-23T05:19:28+00:00\"}",
       .aliases = {}},
      {.name = "combined_extra",
       .spec = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
               "\"$http_user_agent\" $more",
       .description = "combined and anything behind it, which is ignored",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 412 whatever",
       .aliases = {}},
      {.name = "vhost_combined_extra",
       .spec = "$host:$server_port $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
               "\"$http_referer\" \"$http_user_agent\" $more",
       .description = "vhost_combined and anything behind it, which is ignored",
       .sample =
           "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
           "HTTP/1.1\" 200 5120 \"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 412 whatever",
       .aliases = {}},
      // Apache writes these like the ones above, or like each other, so they are never chosen for a log.
      {.name = "apache_common",
       .spec = "%h %l %u %t \"%r\" %>s %b",
       .description = "common, of Apache: the time is the start of the request",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120",
       .aliases = {},
       .detectable = false},
      {.name = "apache_combined",
       .spec = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
       .description = "combined, of Apache: the time is the start of the request",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
       .aliases = {},
       .detectable = false},
      {.name = "apache_vhost_common",
       .spec = "%v:%p %h %l %u %t \"%r\" %>s %b",
       .description = "vhost_common, of Apache",
       .sample = "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
                 "HTTP/1.1\" 200 5120",
       .aliases = {},
       .detectable = false},
      {.name = "apache_vhost_combined",
       .spec = "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"",
       .description = "vhost_combined, of Apache",
       .sample = "analytics.example.org:443 192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login "
                 "HTTP/1.1\" 200 5120 \"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
       .aliases = {},
       .detectable = false},
      {.name = "combined_d",
       .spec = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D",
       .description = "combined and %D (microseconds)",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 83370",
       .aliases = {"combined_us"},
       .detectable = false},
      {.name = "combined_t",
       .spec = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %T",
       .description = "combined and %T (seconds)",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0",
       .aliases = {"combined_s"},
       .detectable = false},
      {.name = "combined_ms",
       .spec = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %{ms}T",
       .description = "combined and %{ms}T (milliseconds)",
       .sample = "192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 "
                 "\"https://analytics.example.org/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 83",
       .aliases = {},
       .detectable = false},
  };
  return presets;
}

}  // namespace hushlog
