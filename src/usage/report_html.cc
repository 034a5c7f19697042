#include "src/usage/report_html.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <iterator>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "embedded/hushlog_usage.h"
#include "src/base/json_writer.h"

namespace hushlog {
namespace {

std::string Base64(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    kVariant);
  text.pop_back();  // its zero
  return text;
}

class PageData {
 public:
  void Add(const DayTotal& total) {
    if (days_.empty() || days_.back() != total.day) days_.push_back(total.day);
    Kind& kind = kinds_[KeyOf(total.kind)];
    kind.timed = IsTimed(total.kind);
    kind.days.resize(days_.size());
    std::string& rows = kind.days.back();
    fmt::format_to(std::back_inserter(rows), "{}{},{}", rows.empty() ? "" : ",", NumberOf(total.name), total.count);
    if (!kind.timed) return;
    fmt::format_to(std::back_inserter(rows), ",{},{},{},\"{}\"", total.timed, total.total_us, total.max_us,
                   Base64(total.times.Encode()));
  }

  std::string Json(const std::vector<std::string>& known_reports) const {
    std::string out = "{\"days\":[";
    for (const std::int32_t& day : days_) {
      fmt::format_to(std::back_inserter(out), "{}\"{}\"", &day == days_.data() ? "" : ",", DateText(day));
    }
    AppendTexts("],\"names\":[", names_, &out);
    AppendTexts("],\"known_reports\":[", known_reports, &out);
    out += "],\"kinds\":{";
    for (const auto& [key, kind] : kinds_) AppendKind(key, kind, &out);
    return out + "}}";
  }

 private:
  struct Kind {
    bool timed = false;
    std::vector<std::string> days;  // numbers of its rows; may end before days_ does
  };

  std::size_t NumberOf(const std::string& name) {
    const auto [known, added] = numbers_.try_emplace(name, names_.size());
    if (added) names_.push_back(name);
    return known->second;
  }

  template <typename Texts>
  static void AppendTexts(std::string_view start, const Texts& texts, std::string* out) {
    *out += start;
    const char* separator = "";
    for (const std::string& text : texts) {
      *out += std::exchange(separator, ",");
      AppendJsonString(out, text);
    }
  }

  void AppendKind(std::string_view key, const Kind& kind, std::string* out) const {
    if (out->back() != '{') *out += ',';
    fmt::format_to(std::back_inserter(*out), "\"{}\":{{\"columns\":[\"name\",\"count\"{}],\"days\":[", key,
                   kind.timed ? ",\"timed\",\"total_us\",\"max_us\",\"times\"" : "");
    for (std::size_t day = 0; day < days_.size(); ++day) {
      fmt::format_to(std::back_inserter(*out), "{}[{}]", day == 0 ? "" : ",",
                     day < kind.days.size() ? std::string_view(kind.days[day]) : "");
    }
    *out += "]}";
  }

  std::vector<std::int32_t> days_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> numbers_;  // of names_
  std::map<std::string_view, Kind> kinds_;
};

std::string_view Script() {
  static const std::string script = fmt::format(
      "'use strict';\n/* uPlot:\n{}*/\n{}\n{{\n{}\n{}}}\n", embedded::page_vendor_uplot_LICENSE(),
      embedded::page_vendor_uplot_uPlot_iife_min_js(), embedded::page_totals_js(), embedded::page_report_js());
  return script;
}

// The template with the marks replaced. The marks must be in the order of their places; texts put in are not looked at.
std::string Fill(std::string_view page, std::span<const std::pair<std::string_view, std::string_view>> marks) {
  std::string out;
  for (const auto& [mark, text] : marks) {
    const std::size_t at = page.find(mark);
    out += page.substr(0, at);
    out += text;
    page.remove_prefix(at + mark.size());
  }
  return out.append(page);
}

}  // namespace

std::string HashSource(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return fmt::format("'sha256-{}'", Base64({reinterpret_cast<const char*>(hash.data()), hash.size()}));
}

std::string ToPageData(std::span<const DayTotal> totals, const std::vector<std::string>& known_reports) {
  PageData data;
  for (const DayTotal& total : totals) data.Add(total);
  std::string json = data.Json(known_reports);
  for (std::size_t at = json.find('<'); at != std::string::npos; at = json.find('<', at)) {
    json.replace(at, 1, "\\u003c");
  }
  return json;
}

std::string_view UsagePageStyle() {
  static const std::string style =
      fmt::format("{}{}", embedded::page_vendor_uplot_uPlot_min_css(), embedded::page_report_css());
  return style;
}

std::string_view UsagePagePolicy() {
  static const std::string policy =
      fmt::format("script-src {}; style-src {}; img-src data:", HashSource(Script()), HashSource(UsagePageStyle()));
  return policy;
}

std::string ToHtml(std::span<const DayTotal> totals, const std::vector<std::string>& known_reports,
                   std::string_view links) {
  const std::string policy =
      fmt::format("default-src 'none'; {}; base-uri 'none'; form-action 'none'", UsagePagePolicy());
  const std::string data = ToPageData(totals, known_reports);
  const std::array<std::pair<std::string_view, std::string_view>, 5> marks{{
      {"{{policy}}", policy},
      {"{{style}}", UsagePageStyle()},
      {"{{links}}", links},
      {"{{data}}", data},
      {"{{script}}", Script()},
  }};
  return Fill(embedded::page_report_html(), marks);
}

}  // namespace hushlog
