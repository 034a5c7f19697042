#include "src/input/decoder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tests/input/archives.h"

namespace hushlog {
namespace {

struct Decoded {
  std::string text;
  std::string_view rest;  // of the archive, behind the member
  Decoder::State state = Decoder::State::kMore;
};

// Gives the decoder `in` bytes at a time, and room for `out`.
Decoded Decode(std::string_view archive, std::size_t in, std::size_t out) {
  const auto decoder = NewDecoder(DetectCompression(archive));
  REQUIRE(decoder != nullptr);
  Decoded decoded{{}, archive};
  std::string output(out, '\0');
  for (std::size_t given = 0; decoded.state == Decoder::State::kMore;) {
    given = given == 0 ? std::min(in, decoded.rest.size()) : given;
    const bool had_input = given > 0;
    const auto step = decoder->Decode(decoded.rest.substr(0, given), output.data(), out);
    decoded.text.append(output, 0, step.produced);
    decoded.rest.remove_prefix(step.consumed);
    decoded.state = step.state;
    given -= step.consumed;
    if (!had_input && step.produced == 0) break;  // cut off
  }
  return decoded;
}

std::string SomeLines() {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += "192.0.2." + std::to_string(i % 256) + " line " + std::to_string(i * 7919) + "\n";
  return text;
}

}  // namespace

TEST_CASE("archives are decompressed alike whatever pieces they come in") {
  const std::string text = SomeLines();
  for (const std::string& archive : {Gzip(text), Bzip2(text), Xz(text), Zstd(text)}) {
    const std::string two = archive + archive;
    for (const auto& [in, out] :
         {std::pair(1, 100'000), std::pair(7, 13), std::pair(100'000, 1), std::pair(100'000, 100'000)}) {
      CAPTURE(in);
      CAPTURE(out);
      const Decoded decoded = Decode(two, static_cast<std::size_t>(in), static_cast<std::size_t>(out));
      CHECK(decoded.text == text);
      CHECK(decoded.state == Decoder::State::kMemberEnd);
      CHECK(decoded.rest == archive);
    }
  }
}

TEST_CASE("a gzip header may have all of its parts, and end anywhere") {
  const std::string plain = Gzip("text");
  std::string archive = plain.substr(0, 10);
  archive[3] = 4 + 8 + 16;  // extra field, name, comment
  archive += std::string("\x05\0extra", 7) + std::string("access.log\0", 11) + std::string("a comment\0", 10) +
             plain.substr(10);
  for (std::size_t in = 1; in < archive.size(); ++in) CHECK(Decode(archive, in, 100).text == "text");
}

TEST_CASE("of a damaged or cut off archive all text before the fault is given") {
  const std::string text = SomeLines();
  const std::string archive = Gzip(text);
  const Decoded cut = Decode(archive.substr(0, archive.size() - 9), 1000, 1000);
  CHECK(cut.state == Decoder::State::kMore);
  CHECK(text.starts_with(cut.text));
  CHECK(cut.text.size() > text.size() - 100);
  std::string wrong = archive;
  wrong[wrong.size() - 6] ^= 1;  // of the checksum
  CHECK(Decode(wrong, 1000, 1000).state == Decoder::State::kCorrupt);
  CHECK(Decode(wrong, 1000, 1000).text == text);
}

}  // namespace hushlog
