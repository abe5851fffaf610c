// SPDX-License-Identifier: MIT
// Writes each variable once, straight into the buffer. The longest set (UNIX, two paths of 107
// bytes) fits by far.
#include "superd/core/peer_environment.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace superd {
PeerEnvironment::PeerEnvironment(const Peer& peer, std::uint64_t connection) {
  add("SUPERD_CONNECTION", connection);
  std::visit([this](const auto& who) { add_all(who); }, peer);
}

PeerEnvironment::PeerEnvironment(std::uint64_t connection, std::size_t sockets,
                                 std::string_view names, std::string_view notify) {
  add("SUPERD_CONNECTION", connection);
  if (!notify.empty()) add("NOTIFY_SOCKET", notify);
  if (sockets == 0) return;
  add("LISTEN_FDS", sockets);
  add("LISTEN_FDNAMES", names);
  add("LISTEN_PID", "          ");
  listen_pid_ = used_ - pid_digits;
}

void PeerEnvironment::add_all(const InetPeer& peer) {
  const std::string local = to_text(peer.local.address), remote = to_text(peer.remote.address);
  switch (peer.transport) {
    case Transport::tcp:
    case Transport::mptcp:  // TCP to programs
      add("PROTO", "TCP");
      add("TCPLOCALIP", local);
      add("TCPLOCALPORT", peer.local.port);
      add("TCPREMOTEIP", remote);
      add("TCPREMOTEPORT", peer.remote.port);
      break;
    case Transport::udp:
      add("PROTO", "UDP");
      add("UDPLOCALIP", local);
      add("UDPLOCALPORT", peer.local.port);
      add("UDPREMOTEIP", remote);
      add("UDPREMOTEPORT", peer.remote.port);
      break;
    case Transport::sctp:
      add("PROTO", "SCTP");
      add("SCTPLOCALIP", local);
      add("SCTPLOCALPORT", peer.local.port);
      add("SCTPREMOTEIP", remote);
      add("SCTPREMOTEPORT", peer.remote.port);
      break;
  }
  add("REMOTE_ADDR", remote);
  add("REMOTE_PORT", peer.remote.port);
  add("REMOTE_HOST", remote);  // xinetd's: the address
}

void PeerEnvironment::add_all(const UnixPeer& peer) {
  add("PROTO", "IPC");
  add("IPCLOCALPATH", peer.local.abstract ? "@" + peer.local.path : peer.local.path);
  add("IPCREMOTEEUID", peer.uid);
  add("IPCREMOTEEGID", peer.gid);
  add("IPCREMOTEPID", static_cast<std::uint64_t>(peer.pid));
  if (peer.path) add("IPCREMOTEPATH", *peer.path);
}

void PeerEnvironment::add_all(const VsockPeer& peer) {
  add("PROTO", "VSOCK");
  if (peer.local.cid) add("VSOCKLOCALCID", *peer.local.cid);
  add("VSOCKLOCALPORT", peer.local.port);
  add("VSOCKREMOTECID", peer.cid);
  add("VSOCKREMOTEPORT", peer.port);
}

void PeerEnvironment::add_all(const UnseenPeer&) {}

void PeerEnvironment::add(std::string_view name, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  add(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void PeerEnvironment::add(std::string_view name, std::string_view value) {
  const std::size_t length = name.size() + 1 + value.size() + 1;
  if (count_ == starts_.size() || length > text_.size() - used_)
    throw std::length_error(
        "PeerEnvironment: its buffer is too small");  // a bug, not a peer's doing
  starts_[count_++] = static_cast<std::uint16_t>(used_);
  char* at = text_.data() + used_;
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  *at++ = '=';
  std::memcpy(at, value.data(), value.size());
  at[value.size()] = '\0';
  used_ += length;
}

}  // namespace superd
