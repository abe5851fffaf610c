// SPDX-License-Identifier: MIT
// Rules from a few words: networks and names, each on a line of its own.
#pragma once

#include "superd/core/access.hpp"

namespace superd {

inline RuleSet rules(const std::vector<std::string>& words, const std::string& file = "t.yaml") {
  RuleList list;
  list.file = std::make_shared<const std::string>(file);
  std::vector<NetworkSet::Entry> networks;
  std::uint32_t line = 0;
  for (const std::string& word : words) {
    ++line;
    if (const auto written = parse_network(word)) {
      networks.push_back({written->network, line});
    } else {
      list.names.push_back({as_name_pattern(word), line});
    }
  }
  list.networks = NetworkSet(std::move(networks));
  tidy(list);
  return {{std::make_shared<const RuleList>(std::move(list))}};
}

inline std::vector<std::string> texts_of(const std::vector<Network>& networks) {
  std::vector<std::string> texts;
  for (const Network& network : networks) texts.push_back(to_text(network));
  return texts;
}

}  // namespace superd
