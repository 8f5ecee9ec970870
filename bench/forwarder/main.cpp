// turnix-forwarder ADDRESS FIRST-RELAY-PORT: see forwarder.hpp. Prints where it listens, as one line.

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <span>
#include <string_view>

#include "bench/forwarder/forwarder.hpp"

int main(int argument_count, char** arguments) {
    const std::span given{arguments, static_cast<std::size_t>(argument_count)};
    if (given.size() != 3) {
        std::cerr << "usage: turnix-forwarder ADDRESS FIRST-RELAY-PORT\n";
        return 2;
    }
    try {
        const std::string_view port{given[2]};
        std::uint16_t first = 0;
        std::from_chars(port.data(), port.data() + port.size(), first);
        turnix::bench::forwarder ceiling{turnix::net::address::parse(given[1]).value(), first};
        std::cout << ceiling.listening_at().to_string() << "\n" << std::flush;
        ceiling.serve();
    } catch (const std::exception& error) {
        std::cerr << "turnix-forwarder: " << error.what() << '\n';
        return 1;
    }
}
