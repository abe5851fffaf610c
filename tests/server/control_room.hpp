// SPDX-License-Identifier: MIT
// A control socket with commands that tests steer, served in a thread, and clients for it.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "superd/os/socket_address.hpp"
#include "superd/server/control.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"

namespace superd {

/// `show N` answers with N bytes more, `reload` waits for let_go(), `drain` throws; whatever else
/// is answered with the name of its command.
class SteeredCommands final : public Commands {
 public:
  awaitable<ControlReply> answer(ControlCall call) override {
    ++asked;
    const std::string name(shape_of(call.request.command).name);
    if (call.request.command == Command::drain) throw std::runtime_error("a bug");
    if (call.request.command == Command::reload) {
      while (holds) co_await sleep_for(Milliseconds(1));
    }
    if (call.request.service == "missing")
      co_return failure(ControlFault::wrong, "there is no service 'missing'");
    ControlReply reply{true, R"({"ok":true,"command":")" + name + "\""};
    if (call.request.command == Command::show)
      reply.line += R"(,"text":")" + std::string(std::stoul(call.request.arguments[0]), 'x') + "\"";
    reply.line += "}";
    ++answered;
    co_return reply;
  }

  std::atomic<bool> holds = true;  // `reload`
  std::atomic<int> asked = 0, answered = 0;
};

inline UniqueFd knock(const std::string& path) {
  UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress address = to_kernel(UnixAddress{path, false});
  if (connect(client.get(), address.get(), address.length) != 0) client.reset();
  return client;
}

/// The answer to `bytes`, up to the end.
inline std::string ask(const std::string& path, const std::string& bytes) {
  const UniqueFd client = knock(path);
  if (!client) return "[no connection]";
  send_text(client.get(), bytes);
  return read_to_end(client.get());
}

inline std::string answer_of(const std::string& command) {
  return R"({"ok":true,"command":")" + command + "\"}\n";
}

inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class ControlRoom {
 public:
  explicit ControlRoom(ControlSettings settings = {}, ControlPatience times = {})
      : control_(loop_, commands, feed_, died_, times) {
    chmod(scratch_.path().c_str(), 0755);
    control_.permit(settings);
    control_.listen_on(open_control_socket(path, settings).value());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ControlRoom(const ControlRoom&) = delete;
  ControlRoom& operator=(const ControlRoom&) = delete;
  ~ControlRoom() {
    commands.holds = false;
    loop_.stop();
    thread_.join();
  }

  /// Does `work` on the loop's thread, with the Control, and returns what it returns.
  template <class Work>
  auto with_control(Work work) {
    std::packaged_task<decltype(work(control_))()> task([&] { return work(control_); });
    auto result = task.get_future();
    boost::asio::post(loop_, [&] { task(); });
    return result.get();
  }
  std::size_t clients() {
    return with_control([](Control& control) { return control.clients(); });
  }
  bool has_clients(std::size_t number) {
    return comes_true([&] { return clients() == number; });
  }
  void publish(const Event& event) {
    with_control([&](Control&) { feed_.publish(event); });
  }
  /// Ends the control as superd does, and waits for it.
  void end() {
    std::promise<void> ended;
    const auto ends = [&]() -> awaitable<void> {
      co_await control_.end();
      ended.set_value();
    };
    with_control([&](Control&) { spawn(loop_, "end", ends(), died_); });
    ended.get_future().get();
  }
  std::string deaths() {
    return with_control([&](Control&) { return deaths_; });
  }

 private:
  Scratch scratch_;

 public:
  const std::string path = scratch_ / "control.sock";
  const std::string other_path = scratch_ / "other.sock";
  SteeredCommands commands;

 private:
  Loop loop_{1};
  boost::asio::executor_work_guard<Loop::executor_type> work_{loop_.get_executor()};
  std::string deaths_;
  TaskDied died_ = [this](const char* name, const std::string& why) {
    deaths_ += std::string(name) + ": " + why + "\n";
  };
  Feed feed_;
  Control control_;
  std::thread thread_;
};

}  // namespace superd
