#include "src/delivery/http_client.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "src/base/failpoint.h"

namespace hushlog {
namespace {

// Web servers close idle connections after 5 to 75 s; a younger one is unlikely to die under a request.
constexpr long kMaxIdleSeconds = 2;

// One request and its answer on their way.
struct Exchange {
  const HttpClient::Options& options;
  std::string_view body;
  std::size_t handed_out = 0;  // of body, to libcurl
  std::size_t header_bytes = 0;
  std::stop_token stop;
  HttpReply reply{};
};

std::size_t ReadBody(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto* exchange = static_cast<Exchange*>(context);
  const std::string_view rest = exchange->body.substr(exchange->handed_out);
  const std::size_t n = std::min(rest.size(), size * count);
  std::memcpy(buffer, rest.data(), n);
  exchange->handed_out += n;
  return n;
}

// libcurl rewinds the body only to send it once more.
int RefuseRewind(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

bool TakeHeader(std::string_view line, std::string_view name, std::string* value) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  if (strncasecmp(line.data(), name.data(), name.size()) != 0) return false;
  line.remove_prefix(name.size() + 1);
  const std::size_t begin = line.find_first_not_of(" \t");
  const std::size_t end = line.find_last_not_of(" \t\r\n");
  *value = begin == std::string_view::npos || end < begin ? "" : std::string(line.substr(begin, end - begin + 1));
  return true;
}

std::size_t ReceiveHeader(char* data, std::size_t size, std::size_t count, void* context) {
  auto* exchange = static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  exchange->header_bytes += line.size();
  if (exchange->header_bytes > kMaxReplyHeaders) {
    exchange->reply.fault = HttpReply::Fault::kTooLarge;
    return 0;
  }
  std::string date;
  if (TakeHeader(line, "Date", &date)) {
    exchange->reply.date_s = std::max<std::int64_t>(0, curl_getdate(date.c_str(), nullptr));
  } else if (!TakeHeader(line, "Content-Type", &exchange->reply.content_type)) {
    TakeHeader(line, "Retry-After", &exchange->reply.retry_after);
  }
  return line.size();
}

std::size_t ReceiveBody(char* data, std::size_t size, std::size_t count, void* context) {
  auto* exchange = static_cast<Exchange*>(context);
  HttpReply* reply = &exchange->reply;
  const std::size_t n = size * count;
  if (reply->body.size() + n > exchange->options.max_reply) {
    reply->fault = HttpReply::Fault::kTooLarge;
    return 0;
  }
  reply->body.append(data, n);
  return n;
}

int CheckStop(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto* exchange = static_cast<Exchange*>(context);
  if (sent == static_cast<curl_off_t>(exchange->body.size())) Failpoint("body-out");
  const bool out = exchange->handed_out == exchange->body.size() && !exchange->options.stop_gives_up_answer;
  if (out || !exchange->stop.stop_requested()) return 0;
  exchange->reply.fault = HttpReply::Fault::kStopped;
  return 1;
}

HttpReply::Fault FaultOf(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpReply::Fault::kNone;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return HttpReply::Fault::kUntrusted;
    default:
      return HttpReply::Fault::kTransfer;
  }
}

std::string WordsOf(CURLcode code, HttpReply::Fault fault) {
  if (fault == HttpReply::Fault::kTooLarge) return "the answer is too large";
  if (fault == HttpReply::Fault::kStopped) return "stopped on request";
  switch (code) {
    case CURLE_OK:
      return "";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host name is unknown";
    case CURLE_COULDNT_CONNECT:
      return "no connection can be made";
    case CURLE_OPERATION_TIMEDOUT:
      return "no answer in time";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the TLS certificate is not valid for this host; for one of your own authority, set ca_file";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS connection can be made; perhaps the port is one for http://";
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return "the connection broke";
    case CURLE_PARTIAL_FILE:
      return "the answer was cut off";
    default:
      return curl_easy_strerror(code);
  }
}

// Counted is what libcurl has taken, though it may not have passed it on: its own count of bytes sent starts anew when
// it thinks of sending again, and too little would mean a hit recorded twice.
HttpReply::Sent SentOf(const Exchange& exchange) {
  if (exchange.handed_out == exchange.body.size()) return HttpReply::Sent::kWhole;
  return exchange.handed_out > 0 ? HttpReply::Sent::kPartly : HttpReply::Sent::kNothing;
}

}  // namespace

struct HttpClient::Impl {
  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
  const Options options;

  explicit Impl(const Options& wanted) : options(wanted) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    curl = global == CURLE_OK ? curl_easy_init() : nullptr;
    if (curl == nullptr) throw std::runtime_error("libcurl cannot be set up");
    SetUpConnection();
    SetUpRequest();
  }

  ~Impl() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }

  void SetUpConnection() {
    Set(CURLOPT_URL, options.url.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_PROXY, options.proxy.c_str());  // if empty, not even one of the environment
    Set(CURLOPT_NOPROXY, "");
    if (!options.ca_file.empty()) Set(CURLOPT_CAINFO, options.ca_file.c_str());
    Set(CURLOPT_SSL_VERIFYPEER, 1L);
    Set(CURLOPT_SSL_VERIFYHOST, 2L);
    Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    Set(CURLOPT_NOSIGNAL, 1L);  // signals and threads do not mix
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(options.timeout, options.connect_timeout).count()));
    if (options.stop_gives_up_answer) Set(CURLOPT_QUICK_EXIT, 1L);  // not even the lookup of a name is waited for
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  }

  void SetUpRequest() {
    const std::string content_type = "Content-Type: " + options.content_type;
    for (const char* header : {content_type.c_str(), "Accept: application/json", "Expect:"}) {
      headers = curl_slist_append(headers, header);
    }
    Set(CURLOPT_HTTPHEADER, headers);
    Set(CURLOPT_USERAGENT, "hushlog/" HUSHLOG_VERSION);
    Set(CURLOPT_POST, 1L);
    // The body is read by a function, as only this way a rewind can be refused.
    Set(CURLOPT_READFUNCTION, &ReadBody);
    Set(CURLOPT_SEEKFUNCTION, &RefuseRewind);
    Set(CURLOPT_WRITEFUNCTION, &ReceiveBody);
    Set(CURLOPT_HEADERFUNCTION, &ReceiveHeader);
    Set(CURLOPT_XFERINFOFUNCTION, &CheckStop);
    Set(CURLOPT_NOPROGRESS, 0L);
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    if (curl_easy_setopt(curl, option, value) != CURLE_OK) throw std::runtime_error("libcurl refuses a setting");
  }
};

HttpClient::HttpClient(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
HttpClient::~HttpClient() = default;

HttpReply HttpClient::Post(std::string_view body, const std::stop_token& stop) {
  Exchange exchange{.options = impl_->options, .body = body, .stop = stop};
  impl_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  for (const CURLoption option : {CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA}) {
    impl_->Set(option, &exchange);
  }
  const CURLcode code = curl_easy_perform(impl_->curl);
  Failpoint("answered");

  HttpReply reply = std::move(exchange.reply);
  if (reply.fault == HttpReply::Fault::kNone) reply.fault = FaultOf(code);
  reply.error = WordsOf(code, reply.fault);
  reply.sent = SentOf(exchange);
  long status = 0;
  curl_easy_getinfo(impl_->curl, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

}  // namespace hushlog
