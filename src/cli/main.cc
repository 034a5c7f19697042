// The program: options -> command -> exit status.
#include <sys/resource.h>

#include <exception>
#include <string>

#include "parsers/log_format.h"
#include "rules/config_error.h"
#include "src/base/tell.h"
#include "src/cli/command_line.h"
#include "src/cli/exit_status.h"

int main(int argc, char** argv) {
  // A core dump would hold lines of the log and tokens.
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  try {
    return hushlog::CommandLine().Run(argc, argv);
  } catch (const hushlog::ConfigError& error) {
    hushlog::Tell(std::string("error: ") + error.what());
    return hushlog::kExitUsage;
  } catch (const hushlog::FormatError& error) {
    hushlog::Tell(std::string("error: ") + error.what());
    return hushlog::kExitUsage;
  } catch (const std::exception& error) {
    hushlog::Tell(std::string("error: ") + error.what());
    return hushlog::kExitFailed;
  }
}
