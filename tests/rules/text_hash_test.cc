#include "rules/text_hash.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using hushlog::TextKey;

TEST_CASE("the key of a text is the same whether more may be read behind it or not") {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 0; size <= 20; ++size) {
    CAPTURE(size);
    const std::string alone = text.substr(0, size);
    CHECK(TextKey(alone) == TextKey::OfReadable(std::string_view(text).substr(0, size)));
    CHECK_FALSE(TextKey(alone) == TextKey(alone + "x"));
  }
}

TEST_CASE("keys of short texts differ in every byte") {
  for (std::size_t size = 1; size <= 16; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(size);
      CAPTURE(at);
      std::string text(size, 'a');
      const TextKey key(text);
      text[at] = 'b';
      CHECK_FALSE(TextKey(text) == key);
    }
  }
}
