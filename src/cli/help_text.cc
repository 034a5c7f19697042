#include "src/cli/help_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace hushlog {
namespace {

constexpr std::size_t kColumns = 80;

// `text` with breaks instead of blanks, so that no line is longer than what is right of the `indent`.
void AppendWrapped(std::string_view text, std::size_t indent, std::string* out) {
  const std::size_t width = kColumns - indent;
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    if (end == text.npos) end = std::min(text.find(' '), text.size());
    out->append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!text.empty()) out->append(indent, ' ');
  }
  out->append(text).append("\n");
}

void AppendEntry(const std::string& name, std::string_view text, std::size_t indent, std::string* out) {
  out->append("  ").append(name);
  if (name.size() + 3 > indent) {
    out->append("\n").append(indent, ' ');
  } else {
    out->append(indent - 2 - name.size(), ' ');
  }
  AppendWrapped(text, indent, out);
}

std::string LabelOf(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  const std::vector<std::string> names = NamesOf(option);
  const std::string value = ValueOf(option);
  const std::string indent = option.get_snames().empty() ? "    " : "";  // long names below each other
  return fmt::format("{}{}{}{}", indent, fmt::join(names, ", "), value.empty() ? "" : " ", value);
}

std::string Usage(const CLI::App& app) {
  std::string usage = "Usage: ";
  for (const CLI::App* each = &app; each != nullptr; each = each->get_parent()) {
    usage.insert(std::string_view("Usage: ").size(), each->get_name() + " ");
  }
  usage.append(SubcommandsOf(app).empty() ? "[OPTION...]" : "COMMAND [OPTION...]");
  for (const CLI::Option* option : OptionsOf(app)) {
    if (!option->get_positional()) continue;
    usage.append(option->get_required() ? " " : " [").append(option->get_name(true)).append("...");
    if (!option->get_required()) usage.append("]");
  }
  return usage + "\n\n";
}

}  // namespace

std::vector<const CLI::App*> SubcommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

std::vector<const CLI::Option*> OptionsOf(const CLI::App& app) {
  const auto shown = [](const CLI::Option* option) { return !option->get_group().empty(); };
  std::vector<const CLI::Option*> options = app.get_options(shown);
  for (const CLI::App* group : app.get_subcommands([](const CLI::App* each) { return each->get_name().empty(); })) {
    for (const CLI::Option* option : group->get_options(shown)) {
      if (option != group->get_help_ptr()) options.push_back(option);  // the command has one
    }
  }
  return options;
}

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::string ValueOf(const CLI::Option& option) {
  if (option.get_positional() || option.get_items_expected_max() == 0) return "";
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));  // what follows are the limits
}

std::string HelpText::make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode /*mode*/) const {
  constexpr std::size_t kOptionIndent = 29, kCommandIndent = 12;
  std::string help = Usage(*app);
  AppendWrapped(app->get_description(), 0, &help);
  help.append("\n");
  const std::vector<const CLI::App*> commands = SubcommandsOf(*app);
  for (const CLI::App* each : commands) AppendEntry(each->get_name(), each->get_description(), kCommandIndent, &help);
  if (commands.empty()) {
    for (const CLI::Option* each : OptionsOf(*app)) {
      AppendEntry(LabelOf(*each), each->get_description(), kOptionIndent, &help);
    }
  }
  if (!app->get_footer().empty()) help.append("\n").append(app->get_footer()).append("\n");
  return help;
}

}  // namespace hushlog
