// Runs every seed of a directory through the target; fails when there is none.
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

void replay(const std::filesystem::path& seed) {
    std::ifstream file{seed, std::ios::binary};
    const std::string input{std::istreambuf_iterator<char>{file}, {}};
    std::cout << seed.filename().string() << '\n' << std::flush;
    turnix::fuzz::run(std::as_bytes(std::span{input}));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " DIRECTORY\n";
        return EXIT_FAILURE;
    }
    const std::filesystem::directory_iterator seeds{argv[1]};
    if (seeds == std::filesystem::directory_iterator{}) {
        std::cerr << "no seed in " << argv[1] << '\n';
        return EXIT_FAILURE;
    }
    std::ranges::for_each(seeds, replay);
    return EXIT_SUCCESS;
}
