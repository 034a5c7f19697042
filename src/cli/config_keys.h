// Every key of the configuration file: what it may be, and what the documentation says of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hushlog {

struct ConfigKey {
  std::string_view table;     // "" for those above all tables; "tail" for [tail], "target" for [[target]]
  std::string_view name;      //
  std::string_view type;      // for people: "string", "list of strings", "true or false", "1 to 4"
  std::string_view fallback;  // in TOML, if it is a value; else in words; empty: must be given
  std::string_view meaning;   // Markdown
  std::int64_t least = 0;     // of whole numbers
  std::int64_t most = 0;      //
};

// In the order of the documentation.
std::span<const ConfigKey> ConfigKeys();
// Of one table; "" are those above, and the names of tables.
std::vector<std::string_view> KeysOf(std::string_view table);
// Throws std::logic_error if there is no such key.
const ConfigKey& KeyOf(std::string_view table, std::string_view name);

}  // namespace hushlog
