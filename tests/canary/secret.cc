#include "tests/canary/secret.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace hushlog::test {
namespace {

constexpr std::string_view kMark = "Zq7J";
constexpr std::size_t kPeriod = 6;  // the mark and two digits
constexpr std::size_t kBlocks = 4;
constexpr std::size_t kPiece = 8;
constexpr std::size_t kBase64Period = kPeriod * 4 / 3;
constexpr std::size_t kBase64Piece = (kPiece * 8 + 5) / 6;
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string EachByte(std::string_view text, std::string_view format) {
  std::string out;
  for (const char c : text) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), static_cast<unsigned char>(c));
  }
  return out;
}

std::string OtherCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::isupper(c) != 0 ? std::tolower(c) : std::toupper(c));
  return out;
}

std::string Base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kBase64Digits[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kBase64Digits[bits << (6 - count) & 63];
  return out;
}

std::string Base64Url(std::string_view text) {
  std::string out = Base64(text);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::string Overlong(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += static_cast<char>(0xc0 | (static_cast<unsigned char>(c) >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
  return out;
}

// --- patterns: one byte of a secret, `c`, or '\0' for one of its digits

// What stands before two hexadecimal digits: also of "%25" and "%24" for "%" and "$", and with backslashes doubled.
constexpr std::string_view kEscape = R"((?:%|\$|\\+x|\\+u00)(?:2[45])*)";

std::string HexOf(char c) {
  if (c == '\0') return "[3-7][0-9a-f]";
  const auto upper = static_cast<unsigned>(std::toupper(c)), lower = static_cast<unsigned>(std::tolower(c));
  return fmt::format("(?:{:02x}|{:02x})", upper, lower);
}

std::string ByteOf(char c) {
  const std::string plain = c == '\0' ? "[0-9a-z]" : std::string(1, c);
  std::string overlong = R"([\xC0\xC1][\x80-\xBF])", overlong_hex = "c[01]{0}[89ab][0-9a-f]";
  if (c != '\0') {
    const std::string upper = Overlong(std::string(1, static_cast<char>(std::toupper(c))));
    const std::string lower = Overlong(std::string(1, static_cast<char>(std::tolower(c))));
    overlong = fmt::format("(?:{}|{})", EachByte(upper, R"(\x{:02X})"), EachByte(lower, R"(\x{:02X})"));
    overlong_hex = fmt::format("(?:{:02x}{{0}}{:02x}|{:02x}{{0}}{:02x})", static_cast<unsigned char>(upper[0]),
                               static_cast<unsigned char>(upper[1]), static_cast<unsigned char>(lower[0]),
                               static_cast<unsigned char>(lower[1]));
  }
  return fmt::format("(?:{}|{}{}|{}|{}{})", plain, kEscape, HexOf(c), overlong, kEscape,
                     fmt::format(fmt::runtime(overlong_hex), kEscape));
}

char ByteAt(std::size_t at) { return at % kPeriod < kMark.size() ? kMark[at % kPeriod] : '\0'; }

// Any eight bytes in a row, each written as `write` does.
template <typename Write>
void AddPieces(Write write, std::vector<std::string>* patterns) {
  for (std::size_t first = 0; first < kPeriod; ++first) {
    std::string pattern;
    for (std::size_t i = 0; i < kPiece; ++i) pattern += write(ByteAt(first + i));
    patterns->push_back(pattern);
  }
}

// The digits of base64 that are the same for all secrets that begin `shift` bytes into the text; others are ".".
std::string FixedBase64(std::string_view mark, std::size_t shift) {
  const auto text = [&](char digit) {
    std::string block = std::string(mark) + std::string(2, digit);
    std::string whole;
    for (std::size_t i = 0; i < kBlocks; ++i) whole += block;
    return Base64(std::string(shift, digit) + whole).substr(kBase64Period, kBase64Period);
  };
  const std::string low = text('\0'), high = text('\xff');
  std::string fixed(kBase64Period, '.');
  for (std::size_t i = 0; i < kBase64Period; ++i) {
    if (low[i] == high[i]) fixed[i] = low[i];
  }
  return fixed;
}

void AddBase64Pieces(std::string_view mark, std::vector<std::string>* patterns) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string fixed = FixedBase64(mark, shift);
    for (std::size_t first = 0; first < kBase64Period; ++first) {
      std::string pattern;
      for (std::size_t i = 0; i < kBase64Piece; ++i) {
        const char c = fixed[(first + i) % kBase64Period];
        pattern += c == '.' ? "[0-9a-z+/_-]" : std::string(1, c);
      }
      patterns->push_back(pattern);
    }
  }
}

std::string Pattern() {
  std::vector<std::string> patterns = {R"(203[.]0[.]113[.])", "2001:0?db8:0*77"};
  AddPieces(ByteOf, &patterns);
  AddPieces(HexOf, &patterns);
  AddBase64Pieces(kMark, &patterns);
  AddBase64Pieces("zq7j", &patterns);
  return fmt::format("(?i)(?:{})", fmt::join(patterns, "|"));
}

}  // namespace

std::string Secret(std::uint64_t number) {
  static constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string secret;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    secret += kMark;
    for (int digit = 0; digit < 2; ++digit, number /= kDigits.size()) secret += kDigits[number % kDigits.size()];
  }
  return secret;
}

std::string Disguised(std::string_view secret, Disguise disguise) {
  const std::string shift(static_cast<std::size_t>(secret.back()) % 3, ':');
  switch (disguise) {
    case Disguise::kPlain:
      return std::string(secret);
    case Disguise::kOtherCase:
      return OtherCase(secret);
    case Disguise::kPercent:
      return EachByte(secret, "%{:02X}");
    case Disguise::kPercentTwice:
      return EachByte(secret, "%25{:02x}");
    case Disguise::kPercentThrice:
      return EachByte(secret, "%2525{:02X}");
    case Disguise::kDollar:
      return EachByte(secret, "${:02X}");
    case Disguise::kPercentOfDollar:
      return EachByte(secret, "%24{:02X}");
    case Disguise::kBase64:
      return Base64(shift + std::string(secret));
    case Disguise::kBase64Url:
      return Base64Url(shift + std::string(secret));
    case Disguise::kHex:
      return EachByte(secret, "{:02x}");
    case Disguise::kUpperHex:
      return EachByte(secret, "{:02X}");
    case Disguise::kOverlong:
      return Overlong(secret);
    case Disguise::kPercentOverlong:
      return EachByte(Overlong(secret), "%{:02X}");
    case Disguise::kNginxEscape:
      return EachByte(secret, "\\x{:02X}");
    case Disguise::kJsonEscape:
      return EachByte(secret, "\\u00{:02X}");
    case Disguise::kCount:
      break;
  }
  throw std::invalid_argument("no disguise");
}

std::string SecretAddress(std::uint64_t number) {
  return number % 4 == 0 ? fmt::format("2001:db8:77::{:x}", number) : fmt::format("203.0.113.{}", number % 256);
}

SecretFinder::SecretFinder() {
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_max_mem(64 << 20);
  options.set_log_errors(false);
  pattern_ = std::make_unique<const re2::RE2>(Pattern(), options);
  if (!pattern_->ok()) throw std::logic_error(pattern_->error());
}

SecretFinder::~SecretFinder() = default;

std::optional<std::string> SecretFinder::Find(std::string_view bytes) const {
  constexpr std::size_t kAround = 60;
  re2::StringPiece found;
  if (!pattern_->Match({bytes.data(), bytes.size()}, 0, bytes.size(), re2::RE2::UNANCHORED, &found, 1)) return {};
  const auto at = static_cast<std::size_t>(found.data() - bytes.data());
  const std::size_t first = at > kAround ? at - kAround : 0;
  return std::string(bytes.substr(first, at + found.size() + kAround - first));
}

}  // namespace hushlog::test
