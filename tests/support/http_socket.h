// What servers of tests share: HTTP/1.1 on 127.0.0.1, as far as they need it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/unique_fd.h"

namespace hushlog::test {

// Listens on a port of 127.0.0.1 that is free. Throws std::system_error.
UniqueFd ListenOnLoopback(int* port);

// Connected to a port of 127.0.0.1. Throws std::system_error.
UniqueFd ConnectToLoopback(int port);
// What a server there answers to `request` until it closes the connection; "" if it closes it without an answer.
std::string Ask(int port, std::string_view request);

// Appends what arrives; false at the end of the connection.
bool Receive(int fd, std::string* buffer);
bool SendAll(int fd, std::string_view bytes);

// Of the header with this name; 0 if there is none. `headers` begin with the request line.
std::size_t ContentLength(const std::string& headers);

}  // namespace hushlog::test
