// Writes what packages and docs/ hold about commands, options and keys of hushlog, from those themselves:
//   describe_commands man DATE | bash | zsh | fish | commands | keys | import_logs
// `man` is hushlog(1) in mdoc(7); then come completions of that shell; the last three are Markdown, as it stands
// between the marks of docs/*.md. Not part of the shipped program.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/command_line.h"
#include "src/cli/config_keys.h"
#include "src/cli/exit_status.h"
#include "src/cli/help_text.h"
#include "src/cli/import_logs.h"

namespace hushlog {
namespace {

struct Command {
  const CLI::App* app;
  std::vector<std::string> path;  // names, that of the program first

  bool IsProgram() const { return path.size() == 1; }
  std::string Name(std::string_view separator = " ") const { return fmt::format("{}", fmt::join(path, separator)); }
};

// Each before its subcommands.
void Walk(const Command& command, std::vector<Command>* all) {
  all->push_back(command);
  for (const CLI::App* app : SubcommandsOf(*command.app)) {
    Command sub{app, command.path};
    sub.path.push_back(app->get_name());
    Walk(sub, all);
  }
}

// Within single quotes, with all of `special` behind a backslash, too.
std::string Quoted(std::string_view text, std::string_view special = "") {
  std::string quoted = "'";
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) quoted += '\\';
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// ---- hushlog(1)

// Text of a line that begins with none of roff's own characters.
std::string Roff(std::string_view text) {
  std::string roff;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) roff += "\\&";
    if (c == '\\') {
      roff += "\\e";
    } else {
      roff += c;
    }
    begins = c == '\n';
  }
  return roff;
}

void PrintManUsage(const Command& command) {
  fmt::print(".Nm\n");
  fmt::print(".Cm {}\n", fmt::join(command.path.begin() + 1, command.path.end(), " "));
  fmt::print(".Op Ar option ...\n");
  for (const CLI::Option* option : OptionsOf(*command.app)) {
    if (option->get_positional()) fmt::print(".Op Ar {} ...\n", option->get_name(true));
  }
}

void PrintManOption(const CLI::Option& option) {
  fmt::print(".It");
  const char* comma = "";
  for (const std::string& name : NamesOf(option)) {
    const std::string letters = name.starts_with("--") ? "\\-" + name.substr(2) : name.substr(1);
    fmt::print("{} Fl {}", comma, letters);
    comma = " ,";
  }
  if (option.get_positional()) fmt::print(" Ar {}", option.get_name(true));
  if (!ValueOf(option).empty()) fmt::print(" Ar {}", ValueOf(option));
  fmt::print("\n{}\n", Roff(option.get_description()));
}

void PrintManOptions(const CLI::App& app) {
  fmt::print(".Bl -tag -width Ds\n");
  for (const CLI::Option* option : OptionsOf(app)) PrintManOption(*option);
  fmt::print(".El\n");
}

void PrintManExamples(const CLI::App& app) {
  if (!app.get_footer().empty()) fmt::print(".Bd -literal\n{}\n.Ed\n", Roff(app.get_footer()));
}

void PrintManStatuses() {
  fmt::print(".Sh EXIT STATUS\n.Bl -tag -width Ds\n");
  for (const auto& [status, meaning] : kExitMeanings) fmt::print(".It {}\n{}.\n", status, Roff(meaning));
  fmt::print(".El\n");
}

void PrintMan(const std::vector<Command>& commands, std::string_view date) {
  const CLI::App& program = *commands.front().app;
  fmt::print(".Dd {}\n.Dt HUSHLOG 1\n.Os\n.Sh NAME\n.Nm hushlog\n", date);
  fmt::print(".Nd measures how a Matomo user interface is used, from access logs\n.Sh SYNOPSIS\n");
  for (const Command& command : commands) {
    if (SubcommandsOf(*command.app).empty()) PrintManUsage(command);
  }
  fmt::print(".Sh DESCRIPTION\n{}\n", Roff(program.get_description()));
  PrintManOptions(program);
  fmt::print(".Sh COMMANDS\n");
  for (const Command& command : commands) {
    if (command.IsProgram()) continue;
    fmt::print(".Ss {}\n{}.\n", command.Name(), Roff(command.app->get_description()));
    PrintManOptions(*command.app);
    if (SubcommandsOf(*command.app).empty()) PrintManExamples(*command.app);
  }
  fmt::print(
      ".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/hushlog/hushlog.toml\nConfiguration of the service.\n"
      ".It Pa /var/lib/hushlog\nState directory of the service, and of root.\n.El\n");
  PrintManStatuses();
  fmt::print(".Sh SEE ALSO\n.Xr hushlog.toml 5\n");
}

// ---- completions

void PrintBash(const std::vector<Command>& commands) {
  fmt::print(
      "_hushlog() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} command=hushlog words= options= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$command ${{COMP_WORDS[i]}}\" in\n");
  for (const Command& command : commands) {
    if (!command.IsProgram()) fmt::print("      '{0}') command='{0}' ;;\n", command.Name());
  }
  fmt::print("    esac\n  done\n  case $command in\n");
  for (const Command& command : commands) {
    std::vector<std::string> options, words;
    for (const CLI::Option* option : OptionsOf(*command.app)) {
      const std::vector<std::string> names = NamesOf(*option);
      options.insert(options.end(), names.begin(), names.end());
    }
    for (const CLI::App* app : SubcommandsOf(*command.app)) words.push_back(app->get_name());
    fmt::print("    '{}') words='{}' options='{}' ;;\n", command.Name(), fmt::join(words, " "),
               fmt::join(options, " "));
  }
  fmt::print(
      "  esac\n"
      "  [[ $current != -* ]] || words=$options\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "}}\n"
      "complete -o default -F _hushlog hushlog  # files, if no word fits\n");
}

void PrintZshOption(const CLI::Option& option) {
  for (const std::string& name : NamesOf(option)) {
    fmt::print(" \\\n    {}'['{}']'", name, Quoted(option.get_description(), "\\[]"));
    if (!ValueOf(option).empty()) fmt::print("{}", Quoted(":" + ValueOf(option) + ":_files"));
  }
  if (option.get_positional()) fmt::print(" \\\n    {}", Quoted("*:" + option.get_name(true) + ":_files"));
}

void PrintZsh(const std::vector<Command>& commands) {
  fmt::print("#compdef hushlog\n");
  for (const Command& command : commands) {
    const std::vector<const CLI::App*> subcommands = SubcommandsOf(*command.app);
    const std::string function = "_" + command.Name("_");
    fmt::print("\n{}() {{\n", function);
    if (!subcommands.empty()) fmt::print("  local state\n");
    fmt::print("  _arguments{}", subcommands.empty() ? "" : " -C '1: :->command' '*:: :->rest'");
    for (const CLI::Option* option : OptionsOf(*command.app)) PrintZshOption(*option);
    fmt::print("\n");
    if (!subcommands.empty()) {
      fmt::print("  local -a commands=(\n");
      for (const CLI::App* app : subcommands) {
        fmt::print("    {}\n", Quoted(app->get_name() + ":" + app->get_description()));
      }
      fmt::print("  )\n  case $state in\n    command) _describe command commands ;;\n");
      fmt::print("    rest) (( $+functions[{0}_$words[1]] )) && {0}_$words[1] ;;\n  esac\n", function);
    }
    fmt::print("}}\n");
  }
  fmt::print("\n_hushlog \"$@\"\n");
}

void PrintFish(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    std::string condition = command.IsProgram() ? "__fish_use_subcommand" : "";
    for (std::size_t i = 1; i < command.path.size(); ++i) {
      condition += (i == 1 ? "__fish_seen_subcommand_from " : "; and __fish_seen_subcommand_from ") + command.path[i];
    }
    for (const CLI::App* app : SubcommandsOf(*command.app)) {
      fmt::print("complete -c hushlog -f -n {} -a {} -d {}\n", Quoted(condition), app->get_name(),
                 Quoted(app->get_description(), "\\"));
    }
    for (const CLI::Option* option : OptionsOf(*command.app)) {
      if (option->get_positional()) continue;
      fmt::print("complete -c hushlog -n {}", Quoted(condition));
      for (const std::string& name : option->get_snames()) fmt::print(" -s {}", name);
      for (const std::string& name : option->get_lnames()) fmt::print(" -l {}", name);
      fmt::print("{} -d {}\n", !ValueOf(*option).empty() ? " -r" : "", Quoted(option->get_description(), "\\"));
    }
  }
}

// ---- docs/*.md

std::string MarkdownCell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '<') cell += '\\';
    cell += c;
  }
  return cell;
}

void PrintCommandsMarkdown(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (command.IsProgram()) continue;
    fmt::print("{} {}\n\n", command.path.size() == 2 ? "##" : "###", command.Name());
    fmt::print("```text\n{}```\n\n", command.app->help());
  }
  fmt::print("## Exit status\n\n| status | meaning |\n|---|---|\n");
  for (const auto& [status, meaning] : kExitMeanings) fmt::print("| {} | {} |\n", status, MarkdownCell(meaning));
  fmt::print("\nOf several the first of this list is given: that of a signal, 2, 1, 5, 4, 3.\n");
}

void PrintKeysMarkdown() {
  std::string table = "none";
  for (const ConfigKey& key : ConfigKeys()) {
    if (std::exchange(table, key.table) != key.table) {
      const bool many = key.table == "source" || key.table == "target";
      const std::string name = key.table.empty() ? "Above all tables"
                               : many            ? fmt::format("`[[{}]]`, once for each", key.table)
                                                 : fmt::format("`[{}]`", key.table);
      fmt::print("{}## {}\n\n| key | value | default | meaning |\n|---|---|---|---|\n", key.table.empty() ? "" : "\n",
                 name);
    }
    fmt::print("| `{}` | {} | {} | {} |\n", key.name, key.type,
               key.fallback.empty() ? "must be given" : MarkdownCell(key.fallback), key.meaning);
  }
}

void PrintImportLogsMarkdown() {
  using Kind = ImportLogsOption::Kind;
  for (const Kind kind : {Kind::kSame, Kind::kOther}) {
    fmt::print("{}\n\n| import_logs.py | hushlog import |\n|---|---|\n",
               kind == Kind::kSame ? "## Options that mean the same" : "\n## Options that do not");
    for (const ImportLogsOption& each : ImportLogsOptions()) {
      if (each.kind == kind) fmt::print("| `--{}` | {} |\n", each.name, MarkdownCell(each.text));
    }
  }
}

}  // namespace
}  // namespace hushlog

int main(int argc, char** argv) {
  const hushlog::CommandLine command_line;
  std::vector<hushlog::Command> commands;
  hushlog::Walk({&command_line.app(), {"hushlog"}}, &commands);
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "man" && argc == 3) {
    hushlog::PrintMan(commands, argv[2]);
  } else if (what == "bash" && argc == 2) {
    hushlog::PrintBash(commands);
  } else if (what == "zsh" && argc == 2) {
    hushlog::PrintZsh(commands);
  } else if (what == "fish" && argc == 2) {
    hushlog::PrintFish(commands);
  } else if (what == "commands" && argc == 2) {
    hushlog::PrintCommandsMarkdown(commands);
  } else if (what == "keys" && argc == 2) {
    hushlog::PrintKeysMarkdown();
  } else if (what == "import_logs" && argc == 2) {
    hushlog::PrintImportLogsMarkdown();
  } else {
    std::fputs("usage: describe_commands man DATE | bash | zsh | fish | commands | keys | import_logs\n", stderr);
    return 2;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
