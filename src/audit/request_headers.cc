#include "src/audit/request_headers.h"

#include "src/audit/scanner.h"

namespace hushlog {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHostBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_[]";
constexpr std::string_view kPathBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~/%-";
constexpr std::size_t kMostBytes = 2048;
constexpr std::uint64_t kMostBody = std::uint64_t{1} << 32;

// "/matomo.php HTTP/1.1": the path comes from the configuration, and has no query.
class RequestLine : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override {
    Scanner scanner(value);
    if (scanner.next() != '/') return 0;
    const std::size_t path = scanner.TakeAnyOf(kPathBytes, kMostBytes);
    if (!value.substr(0, path).ends_with(".php")) return path;
    return scanner.Verdict(scanner.Take(" HTTP/1.1"));
  }
  SetDescription Describe() const override {
    return {"the path that the configuration gives, without a query, and HTTP/1.1", {}, {}};
  }
};

class Host : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override {
    Scanner scanner(value);
    return scanner.Verdict(scanner.TakeAnyOf(kHostBytes, kMostBytes) > 0);
  }
  SetDescription Describe() const override { return {"the host that the configuration gives", {}, {}}; }
};

class Program : public ValueSet {
 public:
  std::optional<std::size_t> FirstForeign(std::string_view value) const override {
    Scanner scanner(value);
    bool fits = scanner.Take("hushlog/");
    for (const std::string_view before : {"", ".", "."}) {
      fits = fits && scanner.Take(before) && scanner.TakeAnyOf(kDigits, 4) > 0;
    }
    return scanner.Verdict(fits);
  }
  SetDescription Describe() const override { return {"hushlog/ and its version", {}, {}}; }
};

std::unique_ptr<const ValueSet> Only(std::string value) {
  return std::make_unique<Enumeration>("value", std::vector<std::string>{std::move(value)});
}

}  // namespace

std::vector<std::pair<std::string, std::unique_ptr<const ValueSet>>> RequestHeaders() {
  std::vector<std::pair<std::string, std::unique_ptr<const ValueSet>>> headers;
  headers.emplace_back("POST", std::make_unique<RequestLine>());
  headers.emplace_back("Host", std::make_unique<Host>());
  headers.emplace_back("User-Agent", std::make_unique<Program>());
  headers.emplace_back("Content-Type", Only("application/json"));
  headers.emplace_back("Accept", Only("application/json"));
  headers.emplace_back("Content-Length", std::make_unique<WholeNumber>("the size of the body", 1, kMostBody));
  return headers;
}

}  // namespace hushlog
