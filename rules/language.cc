#include "rules/language.h"

namespace hushlog {
namespace {

using Code = std::array<char, 2>;

// ISO 639-1 and ISO 3166-1 alpha-2. Codes of three bytes, so that a code stands at a multiple of three.
constexpr std::string_view kLanguages =
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
    "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
    "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu ";
constexpr std::string_view kRegions =
    "ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by "
    "bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk "
    "fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir "
    "is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk "
    "ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm "
    "pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf "
    "tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";

static_assert(kLanguages.size() == 183 * 3);
static_assert(kRegions.size() == 249 * 3);

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `subtag` in lower case if `list` has it, otherwise zero bytes.
Code Find(std::string_view list, std::string_view subtag) noexcept {
  if (subtag.size() != 2) return {};
  const Code code = {Lower(subtag[0]), Lower(subtag[1])};
  for (std::size_t i = 0; i < list.size(); i += 3) {
    if (list[i] == code[0] && list[i + 1] == code[1]) return code;
  }
  return {};
}

// Cuts `*text` after the first subtag and returns that.
std::string_view NextSubtag(std::string_view* text) noexcept {
  const std::size_t end = text->find_first_of("-_");
  const std::string_view subtag = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return subtag;
}

// The region is the first subtag of two characters before any extension, which a single character starts (RFC 5646).
Code FindRegion(std::string_view subtags) noexcept {
  while (!subtags.empty()) {
    const std::string_view subtag = NextSubtag(&subtags);
    if (subtag.size() < 2) break;
    if (subtag.size() == 2) return Find(kRegions, subtag);
  }
  return {};
}

// Codes that browsers sent before ISO 639 replaced them.
Code Modern(Code code) noexcept {
  if (code == Code{'i', 'w'}) return {'h', 'e'};
  if (code == Code{'i', 'n'}) return {'i', 'd'};
  if (code == Code{'j', 'i'}) return {'y', 'i'};
  return code;
}

std::string_view FirstTag(std::string_view header) noexcept {
  const std::size_t begin = header.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  header.remove_prefix(begin);
  return header.substr(0, header.find_first_of(",; \t"));
}

}  // namespace

std::string Language::ToString() const {
  if (language[0] == 0) return "";
  std::string text(language.data(), language.size());
  if (region[0] != 0) text.append(1, '-').append(region.data(), region.size());
  return text;
}

Language ReduceLanguage(std::string_view accept_language) noexcept {
  std::string_view tag = FirstTag(accept_language);
  Language result;
  const std::string_view first = NextSubtag(&tag);
  if (first.size() == 2) {
    const Code modern = Modern({Lower(first[0]), Lower(first[1])});
    result.language = Find(kLanguages, {modern.data(), modern.size()});
  }
  if (result.language[0] != 0) result.region = FindRegion(tag);
  return result;
}

}  // namespace hushlog
