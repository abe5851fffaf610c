// SPDX-License-Identifier: MIT
// Answers as superd gives them, for tests of what is made from them.
#pragma once

#include <string>

#include "superd/ctl/json.hpp"

namespace superd {

inline Json json(const std::string& text) { return Json::parse(text); }

/// A service of `status`; `more` are members that replace or join the usual ones.
inline Json service_json(const std::string& name, const std::string& more = "{}") {
  Json service = json(R"({"description":"","addresses":["127.0.0.1:7001"],"state":"listening",
      "running":0,"started":0,"failed":0,"refused":{},
      "ended":{"fine":0,"failed":0,"signal":0},"last_used":null,"overrides":[]})");
  service["name"] = name;
  service.update(json(more));
  return service;
}

inline Json connection_json(int number, const std::string& more = "{}") {
  Json connection = json(R"({"service":"hello","peer":"127.0.0.1:50212","state":"running",
      "age_ms":1250,"cpu_ms":20,"memory":1048576})");
  connection["connection"] = number;
  connection["pid"] = 900 + number;
  connection.update(json(more));
  return connection;
}

inline Json daemon_json(const std::string& more = "{}") {
  Json daemon = json(R"({"version":"0.1.0","pid":811,"user":"root",
      "started":"2026-11-22T10:00:00.000+0000","uptime_ms":86400000,"state":"serving",
      "table":"/etc/superd/superd.yaml","generation":3,"running":12,"instances":10000,
      "paused":null,"connections":102345,"dropped_lines":0,"memory":5242880,"descriptors":48})");
  daemon.update(json(more));
  return daemon;
}

}  // namespace superd
