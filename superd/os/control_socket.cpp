// SPDX-License-Identifier: MIT
// Opening, adopting, accepting, asking who.
#include "superd/os/control_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "superd/base/text.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

constexpr mode_t folder_mode = 0755;

SocketOptions options_of(const ControlSettings& settings) {
  const auto names_anybody = [](const Accounts& accounts) {
    return !accounts.users.empty() || !accounts.groups.empty();
  };
  const bool is_shared = names_anybody(settings.read) || names_anybody(settings.change);
  SocketOptions options;
  options.owner = settings.owner;
  options.group = settings.group;
  options.mode = settings.mode.value_or(is_shared ? 0666 : 0600);
  return options;
}

// The mode is given after: mkdir's is cut by the umask, and clients must get through.
Result<void> make_folder_of(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  if (folder.empty()) return {};
  if (mkdir(folder.c_str(), folder_mode) != 0) {
    if (errno == EEXIST) return {};
    return system_error("can't make the folder " + quote(folder, folder.size()), errno);
  }
  if (chmod(folder.c_str(), folder_mode) != 0)
    return system_error("can't give the folder " + quote(folder, folder.size()) + " its mode",
                        errno);
  return {};
}

Error no_control_socket(const std::string& path, const Error& why) {
  const std::string where = quote(path, path.size());
  switch (why.number) {
    case EADDRINUSE:
      return {"another superd answers at " + where +
                  "; stop it first, or give this one another path by daemon.control",
              EADDRINUSE};
    case ENOTSOCK:
      return {where +
                  " is in the way and is no socket; remove it, or set daemon.control to "
                  "another path",
              ENOTSOCK};
    default:
      return {"no control socket at " + where + ": " + why.text, why.number};
  }
}

Result<UniqueFd> listening_at(const std::string& path, const ControlSettings& settings) {
  if (auto made = make_folder_of(path); !made) return made.error();
  UniqueFd low(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!low) return system_error("socket", errno);
  // First high, so that nothing can fail once the path is there.
  auto high = moved_high(std::move(low));
  if (!high) return high.error();
  const UnixAddress address{path, false};
  if (auto bound = bind_unix_path(high->get(), address, options_of(settings)); !bound)
    return bound.error();
  // The kernel cuts it to net.core.somaxconn.
  if (::listen(high->get(), 65535) != 0) return system_error("listen", errno);
  return high;
}

bool listens_at(int socket, const std::string& path) {
  int listens = 0;
  socklen_t length = sizeof listens;
  if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || listens == 0)
    return false;
  KernelAddress bound;
  if (getsockname(socket, bound.get(), &bound.length) != 0) return false;
  const KernelAddress asked = to_kernel(UnixAddress{path, false});
  return bound.length == asked.length && std::memcmp(bound.get(), asked.get(), asked.length) == 0;
}

// They grow no more once the client has connected, but their number must be asked.
Result<std::vector<gid_t>> groups_of(int client) {
  std::vector<gid_t> groups(32);
  for (;;) {
    auto length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const int got = getsockopt(client, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
    const std::size_t count = length / sizeof(gid_t);
    if (got != 0 && (errno != ERANGE || count <= groups.size()))
      return system_error("the client's groups", errno);
    groups.resize(count);
    if (got == 0) return groups;
  }
}

}  // namespace

Result<ControlSocket> open_control_socket(const std::string& path,
                                          const ControlSettings& settings) {
  if (path.size() > longest_unix_path)
    return no_control_socket(
        path, {"a UNIX socket's path has at most " + count_of(longest_unix_path, "byte")});
  auto socket = listening_at(path, settings);
  if (!socket) return no_control_socket(path, socket.error());
  return ControlSocket{std::move(*socket), path, UnixPath(path)};
}

Result<ControlSocket> adopt_control_socket(UniqueFd socket, const std::string& path) {
  if (!listens_at(socket.get(), path))
    return Error{"what was handed over doesn't listen at " + quote(path, path.size())};
  const int flags = fcntl(socket.get(), F_GETFL);
  if (fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return system_error("the control socket's flags", errno);
  auto high = moved_high(std::move(socket));
  if (!high) return high.error();
  return ControlSocket{std::move(*high), path, UnixPath(path)};
}

Result<void> give_control_socket(const std::string& path, const ControlSettings& settings) {
  const SocketOptions options = options_of(settings);
  auto given = give_unix_path(path, options.owner.value_or(geteuid()),
                              options.group.value_or(getegid()), options.mode);
  if (!given) return no_control_socket(path, given.error());
  return {};
}

Result<UniqueFd> accept_control_client(int listener) {
  UniqueFd low(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!low) return Error{{}, errno};
  return moved_high(std::move(low));
}

Result<ControlCaller> caller_of(int client) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
    return system_error("the client's credentials", errno);
  auto groups = groups_of(client);
  if (!groups) return groups.error();
  return ControlCaller{credentials.uid, credentials.gid, std::move(*groups), credentials.pid};
}

}  // namespace superd
