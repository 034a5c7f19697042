// src/visits/hit_encoder.cc with a leak.
#define AppendParams AppendParamsAsShipped
#include "src/visits/hit_encoder.cc"
#undef AppendParams

#include "tests/audit/leak.h"

namespace hushlog {

void AppendParams(const Hit& hit, const UserAgentRules& user_agents, std::string* out) {
  std::string params;
  AppendParamsAsShipped(hit, user_agents, &params);
  out->append(test::WithLeak(std::move(params)));
}

namespace test {

Leak leak;

std::string WithLeak(std::string json) {
  if (leak.parameter.empty()) return json;
  const std::string name = "\"" + leak.parameter + "\":";
  for (std::size_t at = json.find(name); at != std::string::npos; at = json.find(name, at)) {
    at += name.size() + (json[at + name.size()] == '"' ? 1 : 0);
    const std::size_t end = json.find_first_of(json[at - 1] == '"' ? "\"" : ",}", at);
    json.insert(at + (end - at) / 2, leak.byte);
    ++leak.times;
  }
  return json;
}

}  // namespace test
}  // namespace hushlog
