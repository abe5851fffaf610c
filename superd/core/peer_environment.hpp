// SPDX-License-Identifier: MIT
// The variables that tell a handler who is connected, in every dialect of the field: UCSPI
// (ucspi-tcp(1), s6-tcpserver, s6-ipcserver) and the REMOTE_… of CGI, xinetd and systemd. A fixed
// buffer: no allocation per connection, and the pointers stay good while the value stays where it
// is.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "superd/core/peer.hpp"

namespace superd {

class PeerEnvironment {
 public:
  PeerEnvironment() = default;
  PeerEnvironment(const Peer& peer, std::uint64_t connection);
  /// For a program that gets listening sockets from descriptor 3 on, sd_listen_fds(3): their names,
  /// with colons between them. Its own process writes listen_pid(). No sockets: only the number.
  /// `notify`: where it says that it is ready, sd_notify(3); empty: nobody asks.
  PeerEnvironment(std::uint64_t connection, std::size_t sockets, std::string_view names,
                  std::string_view notify = {});

  /// Where the digits of LISTEN_PID go, with the NUL at most `pid_digits`; null where there is
  /// none.
  char* listen_pid() { return listen_pid_ ? text_.data() + listen_pid_ : nullptr; }
  static constexpr std::size_t pid_digits = 11;

  std::size_t count() const { return count_; }
  /// "NAME=VALUE", ended by a NUL.
  char* variable(std::size_t index) { return text_.data() + starts_[index]; }

 private:
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::uint64_t value);
  void add_all(const InetPeer& peer);
  void add_all(const UnixPeer& peer);
  void add_all(const VsockPeer& peer);
  void add_all(const UnseenPeer& peer);

  std::array<char, 1024> text_{};
  std::array<std::uint16_t, 10> starts_{};
  std::size_t used_ = 0;
  std::size_t count_ = 0;
  std::size_t listen_pid_ = 0;
};

}  // namespace superd
