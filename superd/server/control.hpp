// SPDX-License-Identifier: MIT
// The control socket: takes clients in, bounded, finds out who they are, reads each one's request,
// has it answered by Commands and lets the client go. Knows nothing of services.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "superd/core/control_request.hpp"
#include "superd/io/task.hpp"
#include "superd/os/control_socket.hpp"
#include "superd/server/control_client.hpp"
#include "superd/server/control_reply.hpp"
#include "superd/server/feed.hpp"

namespace superd {

/// A permitted request that waits for its answer. All of it lives until then.
struct ControlCall {
  const ControlRequest& request;
  const ControlCaller& caller;
  /// The client's socket, to look at. An upgrade lets it live on across exec and has the new superd
  /// answer by Control::reply_to(); where exec fails, the answer is an ordinary one.
  int client;
};

/// Who answers. The client may be gone meanwhile; the answer is asked for all the same.
class Commands {
 public:
  virtual ~Commands() = default;

  /// For `events` the first line only: where that is a success, the feed's lines follow.
  virtual awaitable<ControlReply> answer(ControlCall call) = 0;
};

class Control {
 public:
  static constexpr std::size_t most_clients = 64;

  /// All outlive the loop's last turn, and so does this.
  Control(Loop& loop, Commands& commands, Feed& feed, const TaskDied& died,
          ControlPatience patience = {});
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Who may ask what, from the next request on.
  void permit(ControlSettings settings) { settings_ = std::move(settings); }

  /// Takes clients in at `socket`, and no longer at another. Those who are here already stay.
  void listen_on(ControlSocket socket);
  /// Takes nobody in any more; the socket, for whoever closes or keeps it.
  std::optional<ControlSocket> stop_listening();
  /// What it listens on, to look at; -1: nothing.
  int listener() const { return listener_ ? listener_->native_handle() : -1; }
  const std::string& at() const { return socket_.at; }
  /// Owner, group and mode of the path as changed settings ask for.
  Result<void> give(const ControlSettings& settings) {
    return give_control_socket(socket_.at, settings);
  }

  /// The answer to a request that an earlier superd was asked.
  void reply_to(UniqueFd client, ControlReply reply);

  /// Clients that are here.
  std::size_t clients();

  /// Takes nobody in, lets those go who have asked nothing, and waits for the others to take their
  /// answers, a second at most. Not for use in an answer.
  awaitable<void> end();

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  enum class Next : std::uint8_t { more, wait, pause };

  awaitable<void> accept_clients(std::shared_ptr<Descriptor> listener);
  Next accept_one(int listener);
  void admit(UniqueFd socket);
  ControlClientPtr take_in(UniqueFd socket, ControlCaller caller);
  bool make_room_for(const ControlCaller& caller);
  bool is_stranger(const ControlCaller& caller) const;
  std::vector<ControlClientPtr> present();

  awaitable<void> attend(ControlClientPtr client);
  awaitable<void> converse(ControlClient& client);
  awaitable<void> deliver(ControlClientPtr client, ControlReply reply);
  std::variant<ControlRequest, ControlReply> understand(const std::string& line,
                                                        const ControlCaller& caller) const;
  void part_from(ControlClientPtr client);

  Loop& loop_;
  Commands& commands_;
  Feed& feed_;
  const TaskDied& died_;
  const ControlPatience patience_;
  ControlSettings settings_;
  ControlSocket socket_;                               // its descriptor is the listener's
  std::shared_ptr<Descriptor> listener_;               // absent: nobody is taken in
  std::vector<std::weak_ptr<ControlClient>> clients_;  // each lives as long as its task
  Alarm left_;
};

}  // namespace superd
