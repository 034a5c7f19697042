#include <curl/curl.h>

#include <memory>
#include <stdexcept>

#include "src/delivery/deliverer.h"

namespace hushlog {
namespace {

constexpr std::string_view kTracker = "matomo.php";
constexpr std::string_view kUserInterface = "index.php";

using UrlHandle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

bool Has(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const CURLUcode code = curl_url_get(url, part, &text, 0);
  curl_free(text);
  return code == CURLUE_OK;
}

std::string Get(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) throw std::invalid_argument("the URL of a Matomo is not valid");
  std::string copy(text);
  curl_free(text);
  return copy;
}

// Messages never repeat the URL: what is wrong with it may be a password or a token in it.
void CheckParts(CURLU* url) {
  const std::string scheme = Get(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    throw std::invalid_argument("the URL of a Matomo must start with https:// or http://");
  }
  if (Has(url, CURLUPART_USER) || Has(url, CURLUPART_PASSWORD)) {
    throw std::invalid_argument("the URL of a Matomo must not hold a user name or password");
  }
  if (Has(url, CURLUPART_QUERY) || Has(url, CURLUPART_FRAGMENT)) {
    throw std::invalid_argument("the URL of a Matomo must end with its path: remove everything from '?' or '#' on");
  }
}

// A word alone is more likely something else, such as a token, which must not become a name to look up.
bool IsWord(const std::string& url, const std::string& host) {
  return url.find("://") == std::string::npos && host.find_first_of(".[") == std::string::npos && host != "localhost";
}

std::string CompletePath(std::string path) {
  if (path.ends_with("/" + std::string(kUserInterface))) path.resize(path.size() - kUserInterface.size());
  if (path.ends_with(".php")) return path;
  if (!path.ends_with('/')) path.push_back('/');
  return path.append(kTracker);
}

}  // namespace

std::string NormalizeTrackerUrl(const std::string& url) {
  const UrlHandle parts(curl_url(), &curl_url_cleanup);
  const CURLUcode code =
      curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME);
  if (code == CURLUE_BAD_SCHEME) throw std::invalid_argument("the URL of a Matomo must start with https:// or http://");
  if (code != CURLUE_OK) throw std::invalid_argument("the URL of a Matomo is not valid");
  CheckParts(parts.get());
  if (IsWord(url, Get(parts.get(), CURLUPART_HOST))) {
    throw std::invalid_argument("the URL of a Matomo must start with https:// or http://");
  }
  const std::string path = CompletePath(Get(parts.get(), CURLUPART_PATH));
  if (curl_url_set(parts.get(), CURLUPART_PATH, path.c_str(), 0) != CURLUE_OK) {
    throw std::invalid_argument("the URL of a Matomo is not valid");
  }
  return Get(parts.get(), CURLUPART_URL);
}

std::string NormalizeInterfaceUrl(const std::string& url) {
  const std::string tracker = NormalizeTrackerUrl(url);
  return tracker.substr(0, tracker.rfind('/') + 1).append(kUserInterface);
}

}  // namespace hushlog
