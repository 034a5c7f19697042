// The public names of Matomo: plugins, controller actions, API methods, parameters, pages.
//
// Only what is in the catalogue may appear in a hit. The data stands in rules/catalogue/*.toml and in what a site adds.
// A Catalogue is immutable and may be shared by threads. Returned views live as long as the Catalogue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/text_hash.h"

namespace hushlog {

class RuleFiles;

// A name of the catalogue, as a small number. Only meaningful with the Catalogue that gave it.
enum class Name : std::uint16_t {
  kNone = 0,         // the request has no such name
  kPlaceholder = 1,  // it has one, but not a public one: written "XYZ", as the in-page plugin writes values it hides
};

class Catalogue {
 public:
  // The catalogue embedded in this program. Throws ConfigError if the data is broken.
  static std::shared_ptr<const Catalogue> Shipped();
  // What [names], [plugins.*] and the names and values of [[parameter]] make known. Notes what is broken.
  static std::shared_ptr<const Catalogue> Load(RuleFiles* files);

  // Text of a name; "" for kNone, "XYZ" for kPlaceholder.
  std::string_view Text(Name name) const noexcept { return texts_[static_cast<std::size_t>(name)]; }

  // Names of a request. Empty text gives kNone, an unknown one kPlaceholder. Comparison is exact.
  Name Plugin(std::string_view text) const noexcept { return FindAs(text, kPlugin); }
  // Controller action, report or widget of that plugin.
  Name Action(Name plugin, std::string_view text) const noexcept { return FindOf(plugin, text, kAction); }
  // "getPageUrls" of `plugin`.
  Name ApiMethod(Name plugin, std::string_view text) const noexcept { return FindOf(plugin, text, kMethod); }
  // Name of a URL parameter, PHP-normalised.
  Name Parameter(std::string_view text) const noexcept {
    return text.empty() ? Name::kNone : Parameter(TextKey(text), text);
  }
  // The same; `key` is that of `text`, which is not empty.
  [[gnu::always_inline]] Name Parameter(const TextKey& key, std::string_view text) const noexcept {
    const Name name = FindIn(parameters_, key, text);
    return name == Name::kNone ? Name::kPlaceholder : name;
  }
  Name Category(std::string_view text) const noexcept { return FindAs(text, kCategory); }
  Name Subcategory(std::string_view text) const noexcept { return FindAs(text, kSubcategory); }
  // "RowAction:RowEvolution"
  Name Popover(std::string_view text) const noexcept { return FindAs(text, kPopover); }
  // A word of an enumeration (period, format, viewDataTable, ...).
  Name Word(std::string_view text) const noexcept { return FindAs(text, kWord); }
  // Reverse of Text for names that code refers to ("idSite"); kNone if the catalogue lacks it.
  Name Find(std::string_view text) const noexcept { return FindIn(names_, text); }

  // Every report of every plugin: what `reports` of [plugins.*] lists.
  struct Report {
    Name plugin = Name::kNone;
    Name report = Name::kNone;
  };
  const std::vector<Report>& reports() const noexcept { return reports_; }

  // Names are smaller than size(); those of parameters are smaller than parameters_end(), for tables indexed by them.
  std::size_t size() const noexcept { return texts_.size(); }
  std::size_t parameters_end() const noexcept { return parameters_end_; }

 private:
  friend class CatalogueLoader;

  // What a name is, and what it is to a plugin.
  enum Role : std::uint8_t {
    kPlugin = 1,
    kParameter = 2,
    kCategory = 4,
    kSubcategory = 8,
    kPopover = 16,
    kWord = 32,
    kAction = 64,
    kMethod = 128,
  };
  struct NameSlot {
    TextKey key;
    Name name = Name::kNone;
  };
  // A hash table; its size is a power of two.
  struct NameTable {
    std::vector<NameSlot> slots;
    std::size_t mask = 0;
  };
  struct MemberSlot {
    std::uint32_t key = 0;  // plugin << 16 | name
    std::uint8_t roles = 0;
  };

  Catalogue() = default;
  [[gnu::always_inline]] Name FindIn(const NameTable& table, std::string_view text) const noexcept {
    return FindIn(table, TextKey(text), text);
  }
  [[gnu::always_inline]] Name FindIn(const NameTable& table, const TextKey& key, std::string_view text) const noexcept {
    for (std::size_t at = key.Hash() & table.mask;; at = (at + 1) & table.mask) {
      const NameSlot& slot = table.slots[at];
      if (slot.key == key && (key.IsWhole() || EqualTexts(Text(slot.name), text))) return slot.name;
      if (slot.name == Name::kNone) return Name::kNone;
    }
  }
  Name FindAs(std::string_view text, Role role) const noexcept;
  Name FindOf(Name plugin, std::string_view text, Role role) const noexcept;

  std::string storage_;                  // all texts, close together
  std::vector<std::string_view> texts_;  // by Name
  std::vector<std::uint8_t> roles_;      // by Name
  NameTable names_;
  NameTable parameters_;  // have one of their own, since each request asks for many
  std::vector<MemberSlot> members_;
  std::vector<Report> reports_;
  std::size_t parameters_end_ = 0;
};

}  // namespace hushlog
