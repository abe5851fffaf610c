// SPDX-License-Identifier: MIT
// Builds nodes from yaml-cpp's events. Events instead of yaml-cpp's own nodes, because those lose
// duplicate keys, share what aliases repeat without counting it, and are built before a bound can
// stop them.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>

#include "superd/config/node.hpp"
#include "superd/config/report.hpp"
#include "superd/config/source.hpp"

namespace superd {

/// What the builder throws through yaml-cpp to stop it: beyond a bound, and where going on makes no
/// sense.
class UnfitYaml : public YAML::ParserException {
 public:
  using ParserException::ParserException;
};

class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(const Source& source, Report& report) : source_(source), report_(report) {}

  NodePtr root() const { return root_; }
  std::optional<YAML::Mark> unclosed() const;
  Place place(const YAML::Mark& mark) const;

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  struct Open {
    std::shared_ptr<Node> node;
    NodePtr key;  // of the entry whose value comes next
    YAML::anchor_t anchor;
    YAML::Mark mark;
    bool flow;
  };

  void refuse_tag(const YAML::Mark& mark, const std::string& tag);
  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, bool flow);
  void close();
  void add(NodePtr node, const YAML::Mark& mark, YAML::anchor_t anchor);
  void add_to_mapping(Open& mapping, NodePtr node);
  std::string written_null(const YAML::Mark& mark) const;

  const Source& source_;
  Report& report_;
  std::vector<Open> stack_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  NodePtr root_;
  bool in_document_ = false;
};

}  // namespace superd
