#include "relay/io/engine_factory.hpp"

#include "relay/io/epoll_engine.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace turnix::io {

std::unique_ptr<datagram_engine> make_datagram_engine(std::string_view name, boost::asio::io_context& context,
                                                      std::vector<datagram_listener> listeners) {
    if (name == "auto" || name == "epoll") {
        return std::make_unique<epoll_engine>(context, std::move(listeners));
    }
    throw std::runtime_error{fmt::format("relay.engine: there is no engine \"{}\"; use auto or epoll", name)};
}

}  // namespace turnix::io
