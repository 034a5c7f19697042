// PERF NOTES
// - simdjson finds the structure of the line; its keys are looked up in a small hash table, so the cost of a line grows
//   with its keys and not with keys x fields. Values nobody asked for are skipped without being looked at.
// - A string without escapes, which is nearly every one, is taken as a view of the line instead of being copied.
#include "parsers/json_splitter.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "parsers/json_shape.h"
#include "parsers/line_parser.h"
#include "parsers/scan.h"

namespace hushlog {
namespace {

static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

// The first and the last eight bytes of a key tell nearly all keys apart.
std::size_t HashOf(std::string_view key) noexcept {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (key.size() >= sizeof(head)) {
    std::memcpy(&head, key.data(), sizeof(head));
    std::memcpy(&tail, key.data() + key.size() - sizeof(tail), sizeof(tail));
  } else {
    for (const char c : key) head = head << 8 | static_cast<unsigned char>(c);
  }
  const std::uint64_t mixed = (head ^ std::rotl(tail, 23) ^ key.size()) * 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>(mixed >> 40);
}

// The text of a scalar; null (no data) for JSON's null.
simdjson::error_code ReadScalar(simdjson::ondemand::value value, std::string_view* text) noexcept {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    *text = token.substr(1, token.size() - 2);
    if (std::memchr(text->data(), '\\', text->size()) == nullptr) return simdjson::SUCCESS;
    return value.get_string().get(*text);
  }
  if (token == "null") return simdjson::SUCCESS;
  const bool number = !token.empty() && (token[0] == '-' || (token[0] >= '0' && token[0] <= '9'));
  *text = token;
  return number ? simdjson::SUCCESS : simdjson::INCORRECT_TYPE;
}

}  // namespace

void IndexKeys(FormatPlan* plan) {
  plan->key_table.assign(std::bit_ceil(plan->keys.size() * 4 + 1), 0);
  const std::size_t mask = plan->key_table.size() - 1;
  for (std::size_t i = 0; i < plan->keys.size(); ++i) {
    std::size_t slot = HashOf(plan->keys[i].name) & mask;
    while (plan->key_table[slot] != 0) slot = (slot + 1) & mask;
    plan->key_table[slot] = static_cast<std::uint8_t>(i + 1);
  }
}

const JsonKey* FindKey(const FormatPlan& plan, std::string_view name) noexcept {
  const std::size_t mask = plan.key_table.size() - 1;
  for (std::size_t slot = HashOf(name) & mask; plan.key_table[slot] != 0; slot = (slot + 1) & mask) {
    const JsonKey& key = plan.keys[plan.key_table[slot] - 1u];
    if (key.name == name) return &key;
  }
  return nullptr;
}

JsonSplitter::JsonSplitter(std::size_t max_line_bytes)
    : ascii_(std::make_unique_for_overwrite<char[]>(max_line_bytes + simdjson::SIMDJSON_PADDING)) {
  if (parser_.allocate(max_line_bytes) != simdjson::SUCCESS) throw std::bad_alloc();
}

std::string_view JsonSplitter::WithoutHighBytes(std::string_view line) noexcept {
  std::transform(line.begin(), line.end(), ascii_.get(), [](char c) { return (c & 0x80) != 0 ? '?' : c; });
  std::memset(ascii_.get() + line.size(), 0, simdjson::SIMDJSON_PADDING);
  return {ascii_.get(), line.size()};
}

simdjson::error_code JsonSplitter::Read(const FormatPlan& plan, std::string_view line, FieldValues* values) noexcept {
  JsonValues taken(values);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
  if (const auto error = parser_.iterate(padded).get(document)) return error;
  if (const auto error = document.get_object().get(object)) return error;
  for (auto item : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(item).get(field)) return error;
    const char* name = field.key().raw();
    const char* name_end = FindAny(name, line.data() + line.size(), '"');
    const JsonKey* key = FindKey(plan, {name, static_cast<std::size_t>(name_end - name)});
    if (key == nullptr || !taken.Wants(*key)) continue;
    std::string_view text;
    if (const auto error = ReadScalar(field.value(), &text)) return error;
    if (text.data() != nullptr) taken.Take(*key, text);
  }
  // Nothing may follow the object.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
}

bool JsonSplitter::Split(const FormatPlan& plan, std::string_view line, FieldValues* values) noexcept {
  simdjson::error_code error = Read(plan, line, values);
  if (error == simdjson::UTF8_ERROR) error = Read(plan, WithoutHighBytes(line), values);
  return error == simdjson::SUCCESS;
}

}  // namespace hushlog
