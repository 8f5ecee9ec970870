#include "bench/issue_load/issue_client.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace turnix::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view header_end = "\r\n\r\n";

std::size_t body_bytes_of(std::string_view header) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    const auto at = header.find(name);
    if (at == std::string_view::npos) throw std::runtime_error{"an answer without Content-Length"};
    const auto digits = header.substr(at + name.size());
    std::size_t bytes{0};
    std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    return bytes;
}

template <class Stream>
class stream_client final : public issue_client {
  public:
    template <class... Arguments>
    stream_client(issue_run& run, asio::io_context& io, Arguments&... arguments)
        : run_{run}, timer_{io}, stream_{io, arguments...} {}

    Stream& stream() noexcept { return stream_; }

    void start(clock::time_point first) override {
        due_ = first;
        wait();
    }

  private:
    void wait() {
        if (due_ >= run_.until) return;
        if (run_.interval.count() == 0 || due_ <= clock::now()) return ask(due_);
        timer_.expires_at(due_);
        timer_.async_wait([this](boost::system::error_code code) {
            // How late this process is woken is not the server's.
            if (!code) ask(clock::now());
        });
    }

    void ask(clock::time_point counted_from) {
        asked_at_ = counted_from;
        asio::async_write(stream_, asio::buffer(run_.request),
                          [this](boost::system::error_code code, std::size_t /*bytes*/) {
                              if (code) throw boost::system::system_error{code};
                              read();
                          });
    }

    void read() {
        stream_.async_read_some(asio::buffer(piece_),
                                [this](boost::system::error_code code, std::size_t bytes) {
                                    if (code) throw boost::system::system_error{code};
                                    answer_.append(piece_.data(), bytes);
                                    const auto end = answer_.find(header_end);
                                    if (end == std::string::npos) return read();
                                    const auto header = std::string_view{answer_}.substr(0, end + 2);
                                    const auto whole = end + header_end.size() + body_bytes_of(header);
                                    if (answer_.size() < whole) return read();
                                    finish(header.starts_with("HTTP/1.1 200 "));
                                });
    }

    void finish(bool is_issued) {
        const auto now = clock::now();
        answer_.clear();
        ++(is_issued ? run_.issued : run_.failed);
        run_.latency.add(now - asked_at_);
        due_ = run_.interval.count() == 0 ? now : due_ + run_.interval;
        wait();
    }

    issue_run& run_;
    asio::steady_timer timer_;
    Stream stream_;
    clock::time_point due_{};
    clock::time_point asked_at_{};
    std::array<char, 4096> piece_{};
    std::string answer_;
};

}  // namespace

std::unique_ptr<issue_client> connect(asio::io_context& io, const tcp::endpoint& to, asio::ssl::context* tls,
                                      issue_run& run) {
    if (tls == nullptr) {
        auto made = std::make_unique<stream_client<tcp::socket>>(run, io);
        made->stream().connect(to);
        made->stream().set_option(tcp::no_delay{true});
        return made;
    }
    auto made = std::make_unique<stream_client<asio::ssl::stream<tcp::socket>>>(run, io, *tls);
    made->stream().lowest_layer().connect(to);
    made->stream().lowest_layer().set_option(tcp::no_delay{true});
    made->stream().handshake(asio::ssl::stream_base::client);
    return made;
}

}  // namespace turnix::bench
