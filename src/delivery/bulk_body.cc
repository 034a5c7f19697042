#include "src/delivery/bulk_body.h"

#include <fmt/format.h>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

constexpr std::string_view kTokenName = ",\"token_auth\":";
constexpr std::size_t kFrameBytes = 64;  // around a row: idsite, cip, punctuation

void AppendRow(const HitRow& row, std::string_view site, bool with_address, std::string* body) {
  body->append(site);
  if (!row.params.empty()) body->append(",").append(row.params);
  if (with_address && !row.address.empty()) {
    body->append(",\"cip\":");
    AppendJsonString(body, row.address);
  }
  body->push_back('}');
}

std::size_t SizeOf(const std::vector<HitRow>& rows) {
  std::size_t size = 2 * kFrameBytes;
  for (const HitRow& row : rows) size += row.params.size() + row.address.size() + kFrameBytes;
  return size;
}

}  // namespace

std::string BulkBody(const std::vector<HitRow>& rows, std::uint32_t site_id, std::string_view token_auth) {
  std::string body;
  body.reserve(SizeOf(rows));
  const std::string site = fmt::format("{{\"idsite\":{}", site_id);
  body.append("{\"requests\":[");
  for (const HitRow& row : rows) {
    if (&row != &rows.front()) body.push_back(',');
    AppendRow(row, site, !token_auth.empty(), &body);
  }
  body.push_back(']');
  if (!token_auth.empty()) {
    body.append(kTokenName);
    AppendJsonString(&body, token_auth);
  }
  body.push_back('}');
  return body;
}

// A quote within a value has a backslash before it: what is found last is the name of the token.
std::string WithoutToken(std::string_view body) {
  const std::size_t name = body.rfind(kTokenName);
  std::string copy(body.substr(0, name));
  if (name != std::string_view::npos) copy.append(fmt::format("{}\"{}\"}}", kTokenName, kRemovedToken));
  return copy;
}

std::string HealthCheckBody(std::uint32_t site_id, std::string_view token_auth) {
  HitRow row;
  row.params = R"("rec":"0")";
  return BulkBody({row}, site_id, token_auth);
}

}  // namespace hushlog
