// SPDX-License-Identifier: MIT
// Accounts through NSS, names through the resolver, files through stat. Only look-ups that may run
// in several threads: a table is read while another is served.
#include "superd/os/this_host.hpp"

#include <grp.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>

#include "superd/base/number.hpp"
#include "superd/core/lookup_message.hpp"
#include "superd/os/socket_address.hpp"
#include "superd/os/time_zone.hpp"

namespace superd {
namespace {

// What the look-ups of getpwnam_r(3) and its kin have in common: they fill `entry`, whose words are
// in a buffer that may be too small at first. A group of an enterprise can have a megabyte of
// names.
template <class Entry, class Result, class LookUp, class Take>
std::optional<Result> looked_up(LookUp look_up, Take take) {
  constexpr std::size_t most = 64 << 20;
  for (std::vector<char> buffer(1024); buffer.size() <= most; buffer.resize(4 * buffer.size())) {
    Entry entry{};
    Entry* found = nullptr;
    const int error = look_up(&entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    if (found == nullptr) return std::nullopt;
    return take(*found);
  }
  return std::nullopt;
}

Account to_account(const passwd& entry) { return {entry.pw_name, entry.pw_uid, entry.pw_gid}; }

std::optional<Account> user_named(const std::string& name) {
  return looked_up<passwd, Account>([&](auto... into) { return getpwnam_r(name.c_str(), into...); },
                                    to_account);
}

std::optional<Account> user_of(uid_t uid) {
  return looked_up<passwd, Account>([&](auto... into) { return getpwuid_r(uid, into...); },
                                    to_account);
}

std::optional<unsigned> as_id(std::string_view name) {
  const auto number = parse_number(name, 0, UINT32_MAX - 1);
  if (!number) return std::nullopt;
  return static_cast<unsigned>(*number);
}

// What the mode bits say; access control lists may say more, so the caller only warns.
bool may(const struct stat& file, const Identity& identity, unsigned bit) {
  if (identity.uid == 0) return true;
  if (file.st_uid == identity.uid) return (file.st_mode & (bit << 6)) != 0;
  const auto& groups = identity.groups;
  const bool in_group = file.st_gid == identity.gid ||
                        std::find(groups.begin(), groups.end(), file.st_gid) != groups.end();
  return (file.st_mode & (in_group ? bit << 3 : bit)) != 0;
}

std::string closed(const std::string& path, const struct stat& file) {
  return fmt::format("'{}' is closed to it (mode {:04o})", path, file.st_mode & 07777U);
}

}  // namespace

Account ThisHost::self() const {
  if (auto account = user_of(geteuid())) return *account;
  return {std::to_string(geteuid()), geteuid(), getegid()};
}

std::vector<gid_t> ThisHost::own_groups() const {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(0, count)));
  return groups;
}

std::optional<Account> ThisHost::user(std::string_view name) const {
  if (auto account = user_named(std::string(name))) return account;
  const auto id = as_id(name);
  return id ? user_of(*id) : std::nullopt;
}

// A group number needs no name: containers often have none for theirs.
std::optional<gid_t> ThisHost::group(std::string_view name) const {
  const std::string text(name);
  const auto found = looked_up<struct group, gid_t>(
      [&](auto... into) { return getgrnam_r(text.c_str(), into...); },
      [](const struct group& entry) { return entry.gr_gid; });
  return found ? found : as_id(name);
}

std::vector<gid_t> ThisHost::groups_of(const Account& account) const {
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (getgrouplist(account.name.c_str(), account.gid, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

Result<std::vector<IpAddress>> ThisHost::resolve(const std::string& name) const {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(name.c_str(), nullptr, &hints, &found); fault != 0)
    return Error{fault == EAI_SYSTEM ? errno_text(errno) : gai_strerror(fault), 0};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    KernelAddress kernel;
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<char*>(&kernel.storage));
    const IpAddress address = to_endpoint(kernel).address;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      addresses.push_back(address);
  }
  return addresses;
}

std::optional<std::uint16_t> ThisHost::service_port(const std::string& service_name,
                                                    Transport transport) const {
  const Transport listed = transport == Transport::mptcp ? Transport::tcp : transport;
  const std::string protocol(name_of(listed));
  return looked_up<servent, std::uint16_t>(
      [&](auto... into) {
        return getservbyname_r(service_name.c_str(), protocol.c_str(), into...);
      },
      [](const servent& entry) { return ntohs(static_cast<std::uint16_t>(entry.s_port)); });
}

std::optional<std::uint32_t> ThisHost::rpc_program(const std::string& name) const {
  return looked_up<rpcent, std::uint32_t>(
      [&](auto... into) { return getrpcbyname_r(name.c_str(), into...); },
      [](const rpcent& entry) { return static_cast<std::uint32_t>(entry.r_number); });
}

bool ThisHost::has_interface(const std::string& name) const {
  return if_nametoindex(name.c_str()) != 0;
}

std::optional<std::string> ThisHost::environment(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return value;
}

std::optional<std::string> ThisHost::program_fault(const std::string& path) const {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return errno == ENOENT ? "no such file" : errno_text(errno);
  if (S_ISDIR(file.st_mode)) return "it is a directory";
  if (!S_ISREG(file.st_mode)) return "it is not a regular file";
  if ((file.st_mode & 0111) == 0) return "it is not executable";
  return std::nullopt;
}

std::optional<std::string> ThisHost::reach_fault(const std::string& path,
                                                 const Identity& identity) const {
  struct stat file {};
  for (std::size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
    if (stat(parent.c_str(), &file) == 0 && !may(file, identity, 1)) return closed(parent, file);
  }
  if (stat(path.c_str(), &file) == 0 && !may(file, identity, 1)) return closed(path, file);
  return std::nullopt;
}

std::optional<std::string> ThisHost::directory_fault(const std::string& path) const {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0)
    return errno == ENOENT ? "no such directory" : errno_text(errno);
  if (!S_ISDIR(file.st_mode)) return "it is not a directory";
  return std::nullopt;
}

bool ThisHost::has_zone(const std::string& name) const { return superd::has_zone(name); }

// Built without libwrap, so far.
bool ThisHost::has_hosts_access() const { return has_libwrap(); }

bool ThisHost::has_journal() const { return access("/run/systemd/journal/socket", F_OK) == 0; }

}  // namespace superd
