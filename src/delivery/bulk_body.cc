#include "src/delivery/bulk_body.h"

#include <fmt/format.h>

#include <iterator>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

constexpr std::string_view kTokenName = ",\"token_auth\":";
constexpr std::size_t kFrameBytes = 64;  // around a row: idsite, cid, cip, punctuation

void AppendRow(const HitRow& row, std::string_view site, const Receiver& receiver, std::string* body) {
  body->append(site);
  if (!row.params.empty()) body->append(",").append(row.params);
  if (row.visitor != 0) {
    fmt::format_to(std::back_inserter(*body), ",\"cid\":\"{:016x}\"", VisitorFor(receiver.key, row.visitor));
  }
  if (!receiver.token_auth.empty() && !row.address.empty()) {
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

std::string BulkBody(const std::vector<HitRow>& rows, const Receiver& receiver) {
  std::string body;
  body.reserve(SizeOf(rows));
  const std::string site = fmt::format("{{\"idsite\":{}", receiver.site_id);
  body.append("{\"requests\":[");
  for (const HitRow& row : rows) {
    if (&row != &rows.front()) body.push_back(',');
    AppendRow(row, site, receiver, &body);
  }
  body.push_back(']');
  if (!receiver.token_auth.empty()) {
    body.append(kTokenName);
    AppendJsonString(&body, receiver.token_auth);
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

std::string HealthCheckBody(const Receiver& receiver) {
  HitRow row;
  row.params = R"("rec":"0")";
  return BulkBody({row}, receiver);
}

std::string TokenCheckBody(const Receiver& receiver, std::uint64_t visitor, std::int64_t time_s) {
  const std::string params = fmt::format(R"("rec":"1","ping":"1","cdt":"{}")", time_s);
  HitRow row;
  row.params = params;
  row.address = "0.0.0.0";  // nobody's, and as masked as any mask may want it
  row.visitor = visitor;
  return BulkBody({row}, receiver);
}

}  // namespace hushlog
