// SIGINT and SIGTERM as a wish to stop, and SIGHUP as one to read rules and configuration again, that the program
// polls.
#pragma once

namespace hushlog {

// From now on the first SIGINT or SIGTERM only sets the flag below; a second one of either has its default action, so
// that a program that hangs can still be ended. Interrupted system calls are restarted. Call once, before any thread.
void InstallStopSignals() noexcept;

// SIGINT and SIGTERM wait, for this thread, until InstallStopSignals is called, by another program in this process,
// too.
void BlockStopSignals() noexcept;

// Number of the signal that asked the program to stop; 0 if none did. Thread-safe.
int StopSignal() noexcept;

// From now on SIGHUP only sets the flag below. Call once, before any thread.
void InstallReloadSignal() noexcept;

// Whether SIGHUP came since the last call. Thread-safe.
bool TakeReloadSignal() noexcept;

}  // namespace hushlog
