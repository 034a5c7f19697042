#include "tests/cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace hushlog {

pid_t StartHushlog(const std::vector<std::string>& arguments, const std::string& input, const std::string& output,
                   const std::string& errors, const std::string& setting) {
  std::vector<char*> argv = {const_cast<char*>(HUSHLOG_PROGRAM)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  if (!setting.empty()) environment.push_back(const_cast<char*>(setting.c_str()));
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = 0;
  const int failed = posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " HUSHLOG_PROGRAM);
  return process;
}

Outcome RunHushlog(const std::vector<std::string>& arguments, const std::string& input) {
  const TempDir directory;
  WriteFile(directory / "in", input);
  const pid_t process = StartHushlog(arguments, directory / "in", directory / "out", directory / "err");
  int status = 0;
  ::waitpid(process, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), ReadFile(directory / "out"),
          ReadFile(directory / "err")};
}

void RunAndKillHushlog(const std::vector<std::string>& arguments, int milliseconds) {
  const pid_t process = StartHushlog(arguments, "/dev/null", "/dev/null", "/dev/null");
  // What is tested is that the moment does not matter: this is no waiting for something to be done.
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string ReadTree(const std::string& path) {
  std::string bytes;
  if (!std::filesystem::exists(path)) return bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    bytes += entry.path().filename().string();
    if (entry.is_regular_file()) bytes += ReadFile(entry.path().string());
  }
  return bytes;
}

std::string JsonField(const std::string& json, const std::string& key) {
  const std::string quoted = "\"" + key + "\":";
  std::size_t at = json.find(quoted);
  if (at == std::string::npos) return "";
  at += quoted.size();
  if (json[at] == '"') return json.substr(at + 1, json.find('"', at + 1) - at - 1);
  return json.substr(at, json.find_first_of(",}]", at) - at);
}

}  // namespace hushlog
