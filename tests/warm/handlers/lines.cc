// SPDX-License-Identifier: MIT
// Answers each line with iostreams.
#include <iostream>
#include <string>

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << "got " << line << std::endl;
}
