// SPDX-License-Identifier: MIT
// Logging through spdlog: its queue, its thread, its sinks for syslog and the journal.
#include "superd/server/log_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <ctime>

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/sinks/systemd_sink.h>

#include "superd/server/drop_notes.hpp"

namespace superd {
namespace {

constexpr std::size_t queue_length = 4096;  // lines

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// xinetd's date has no leading zeros in month and day: "26/7/4".
class XinetdDate final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg&, const std::tm& time,
              spdlog::memory_buf_t& out) override {
    fmt::format_to(std::back_inserter(out), "{:02}/{}/{}", time.tm_year % 100, time.tm_mon + 1,
                   time.tm_mday);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<XinetdDate>();
  }
};

// Syslog and the journal keep the time and the level themselves.
std::string pattern_of(const LogSettings& settings) {
  const bool has_time =
      settings.to == LogSettings::To::stderr_stream || settings.to == LogSettings::To::file;
  switch (settings.format) {
    case LogFormat::json:
      return R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)";
    case LogFormat::xinetd:
      return has_time ? "%*@%H:%M:%S: %v" : "%v";
    case LogFormat::text:
      return has_time ? "%Y-%m-%dT%H:%M:%S.%e%z %l %v" : "%v";
  }
  return "%v";
}

std::string rendered(const Event& event, LogFormat format) {
  switch (format) {
    case LogFormat::json:
      return to_json(event);
    case LogFormat::xinetd:
      return to_xinetd(event);
    case LogFormat::text:
      return to_text(event);
  }
  return to_text(event);
}

}  // namespace

Result<std::unique_ptr<LogWriter>> LogWriter::open(const LogSettings& settings) {
  using Made = std::unique_ptr<LogWriter>;
  if (settings.to == LogSettings::To::syslog)
    return Made(new LogWriter(
        settings,
        std::make_shared<spdlog::sinks::syslog_sink_mt>("superd", LOG_PID, LOG_DAEMON, true),
        nullptr));
  if (settings.to == LogSettings::To::journal)
    return Made(new LogWriter(
        settings, std::make_shared<spdlog::sinks::systemd_sink_mt>("superd", true), nullptr));
  Result<UniqueFd> fd = settings.to == LogSettings::To::file
                            ? open_log_file(settings.path)
                            : Result<UniqueFd>(UniqueFd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)));
  if (!fd) return fd.error();
  auto sink = std::make_shared<LogSink>(std::move(*fd));
  return Made(new LogWriter(settings, sink, sink));
}

LogWriter::LogWriter(const LogSettings& settings, spdlog::sink_ptr sink,
                     std::shared_ptr<LogSink> own)
    : settings_(settings),
      own_sink_(std::move(own)),
      queue_(std::make_shared<spdlog::details::thread_pool>(queue_length, 1)) {
  auto notes = std::make_shared<DropNotes>(std::move(sink), [format = settings.format](auto count) {
    return rendered(LinesDropped{count}, format);
  });
  notes->count_with([&queue = *queue_] { return queue.overrun_counter(); });
  logger_ = std::make_shared<spdlog::async_logger>("superd", std::move(notes), queue_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<XinetdDate>('*').set_pattern(pattern_of(settings));
  logger_->set_formatter(std::move(formatter));
  logger_->set_level(to_spdlog(settings.level));
  if (own_sink_) own_sink_->ask_for_more([&queue = *queue_] { return queue.queue_size() > 0; });
}

// What is queued is written, but a reader who doesn't read is not waited for.
LogWriter::~LogWriter() {
  logger_->flush();
  if (own_sink_) own_sink_->stop_waiting();
}

void LogWriter::write(const Event& event) {
  const auto level = to_spdlog(level_of(event));
  if (!logger_->should_log(level)) return;
  logger_->log(level, spdlog::string_view_t(rendered(event, settings_.format)));
}

std::size_t LogWriter::dropped_lines() const { return queue_->overrun_counter(); }

Result<bool> LogWriter::reopen() {
  if (settings_.to != LogSettings::To::file) return false;
  auto fd = open_log_file(settings_.path);
  if (!fd) return fd.error();
  own_sink_->replace(std::move(*fd));
  return true;
}

}  // namespace superd
