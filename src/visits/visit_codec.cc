#include "src/visits/visit_codec.h"

#include <cstdint>
#include <type_traits>
#include <vector>

namespace hushlog {
namespace {

// One description of what a visit holds serves both directions: Fields(archive, value) hands each member to the
// archive, which writes or reads it.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  template <typename T>
  void operator()(const T& value) {
    AppendNumber(static_cast<std::uint64_t>(value), out_);
  }
  void operator()(const std::string& text) {
    AppendNumber(text.size(), out_);
    out_->append(text);
  }
  template <typename T, typename F>
  void Each(const std::vector<T>& list, F fields) {
    AppendNumber(list.size(), out_);
    for (const T& element : list) fields(element);
  }

 private:
  std::string* out_;
};

class Reader {
 public:
  explicit Reader(std::string_view* bytes) : bytes_(bytes) {}
  bool good() const { return good_; }

  template <typename T>
  void operator()(T& value) {
    std::uint64_t number = 0;
    good_ = good_ && TakeNumber(bytes_, &number);
    value = static_cast<T>(number);
  }
  void operator()(std::string& text) {
    std::uint64_t size = 0;
    (*this)(size);
    good_ = good_ && size <= bytes_->size();
    if (!good_) return;
    text = bytes_->substr(0, size);
    bytes_->remove_prefix(size);
  }
  template <typename T, typename F>
  void Each(std::vector<T>& list, F fields) {
    std::uint64_t size = 0;
    (*this)(size);
    good_ = good_ && size <= bytes_->size();  // an element takes at least a byte
    list.clear();
    for (std::uint64_t i = 0; good_ && i < size; ++i) fields(list.emplace_back());
  }

 private:
  std::string_view* bytes_;
  bool good_ = true;
};

template <typename Archive, typename P>
void ParameterFields(Archive& archive, P& parameter) {
  archive(parameter.name);
  archive(parameter.kind);
  archive(parameter.value);
  archive(parameter.number);
  archive(parameter.date.kind);
  archive(parameter.date.first);
  archive(parameter.date.last);
  if (parameter.kind != Parameter::Kind::kText) return;
  archive(parameter.text.size);
  for (auto& byte : parameter.text.bytes) archive(byte);
}

template <typename Archive, typename H>
void HitFields(Archive& archive, H& hit) {
  archive(hit.kind);
  archive(hit.time_ms);
  archive(hit.day);
  archive(hit.hour);
  archive(hit.visitor);
  archive(hit.access);
  archive(hit.address.family);
  for (auto& byte : hit.address.prefix) archive(byte);
  archive(hit.user_agent.browser);
  archive(hit.user_agent.browser_major);
  archive(hit.user_agent.system);
  archive(hit.user_agent.system_major);
  archive(hit.user_agent.device);
  archive(hit.user_agent.is_bot);
  archive(hit.user_agent.is_browser);
  for (auto& brand : hit.client_hints.brands) {
    archive(brand.name);
    archive(brand.major);
  }
  archive(hit.client_hints.mobile);
  archive(hit.client_hints.platform);
  archive(hit.client_hints.platform_major);
  for (auto& letter : hit.language.language) archive(letter);
  for (auto& letter : hit.language.region) archive(letter);
  for (auto* text : {&hit.title, &hit.url, &hit.category, &hit.action, &hit.name, &hit.download, &hit.user,
                     &hit.identified_url, &hit.identified_title})
    archive(*text);
}

template <typename Archive, typename D>
void DocumentFields(Archive& archive, D& document) {
  archive(document.document);
  archive(document.time_ms);
  ParameterFields(archive, document.site);
  ParameterFields(archive, document.period);
  ParameterFields(archive, document.date);
  archive(document.index_hit);
  archive(document.undecided);
  archive(document.forbidden);
  archive(document.left);
  archive(document.alive);
  archive(document.segment);
  archive(document.comparison);
  archive(document.last_was_dashboard);
  archive(document.last_title);
  archive(document.last_url);
}

template <typename Archive, typename L>
void LoadFields(Archive& archive, L& load) {
  archive(load.document);
  archive(load.view);
  archive(load.item);
  archive(load.page);
  archive(load.time_ms);
  archive(load.has_layout);
  archive(load.first);
  archive.Each(load.widgets, [&](auto& widget) {
    archive(widget.id);
    archive(widget.time_ms);
    archive(widget.aborted);
  });
}

template <typename Archive, typename V>
void VisitFields(Archive& archive, V& visit) {
  archive(visit.last_ms);
  archive(visit.live);
  archive(visit.day);
  archive(visit.last_document);
  archive(visit.last_opener);
  archive(visit.access);
  archive(visit.last_change);
  archive(visit.last_change_ms);
  archive.Each(visit.documents, [&](auto& document) { DocumentFields(archive, document); });
  archive.Each(visit.loads, [&](auto& load) { LoadFields(archive, load); });
  archive.Each(visit.dashboard_widgets, [&](auto& widget) { archive(widget); });
  visit.hits.Fields(archive, [&](auto& hit) { HitFields(archive, hit); });
}

}  // namespace

void AppendNumber(std::uint64_t number, std::string* out) {
  for (; number >= 0x80; number >>= 7) out->push_back(static_cast<char>(number | 0x80));
  out->push_back(static_cast<char>(number));
}

bool TakeNumber(std::string_view* bytes, std::uint64_t* number) {
  *number = 0;
  for (int shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    *number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void AppendVisit(const Visit& visit, std::string* out) {
  Writer writer(out);
  VisitFields(writer, visit);
}

bool TakeVisit(std::string_view* bytes, Visit* visit) {
  Reader reader(bytes);
  VisitFields(reader, *visit);
  return reader.good();
}

}  // namespace hushlog
