// One connection of the server: reads a request, answers it, and so on, within the times of server_limits.
//
// Lives on the io_context's thread. It keeps itself alive while an operation is under way and tells its owner
// when it has ended.
#pragma once

#include "api/http/body_stream.hpp"
#include "api/http/byte_stream.hpp"
#include "api/http/message_reader.hpp"
#include "api/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace turnix::http {

class connection : public std::enable_shared_from_this<connection> {
  public:
    /// What the owner does for its connections; it outlives them.
    /// The server, as its connections see it. Not used after on_connection_end.
    class owner {
      public:
        owner() = default;
        owner(const owner&) = delete;
        owner& operator=(const owner&) = delete;
        virtual ~owner() = default;

        /// `asked` lacks request_id and client, which the owner fills in.
        virtual response answer(request asked) = 0;
        /// The answer to what could not be read as a request.
        virtual response answer_fault(const error& what) = 0;
        /// A phase has begun; not told of the last one.
        virtual void on_phase(const connection& which) = 0;
        virtual void on_connection_end(const connection& which) = 0;
        /// A connection is about to end for want of memory.
        virtual void on_out_of_memory() noexcept = 0;
    };

    /// `remote` is absent over the control socket.
    connection(boost::asio::io_context& io, std::unique_ptr<byte_stream> stream,
               std::optional<net::endpoint> remote, const server_limits& limits, owner& above);

    void start();
    /// Ends at once.
    void close();

    [[nodiscard]] const std::optional<net::endpoint>& remote() const noexcept { return remote_; }
    /// Is it the client's turn to send or to read, an open stream aside?
    [[nodiscard]] bool waits_for_client() const noexcept;
    /// Since when it is in its phase.
    [[nodiscard]] std::chrono::steady_clock::time_point since() const noexcept { return since_; }

  private:
    class piecewise_body;
    class owed_answer;
    enum class phase : std::uint8_t {
        handshake,
        idle,
        header,
        body,
        answering,
        writing,
        stream_writing,
        stream_quiet,  ///< all is written; it ends with the stream
        draining,
        shutdown,
        closed
    };

    /// Begins a phase and its time; what is not done by then is cut off.
    void enter(phase next);
    /// The same, unless it is the phase already: what comes in drips has one time for all of it.
    void stay_in(phase current);
    [[nodiscard]] std::chrono::milliseconds time_of(phase which) const noexcept;
    void wait();
    void on_time_over();

    /// Without memory for the step the connection ends.
    template <class Step>
    void within_memory(const Step& step);
    /// What is called when an operation is done: `step`, unless the connection has ended meanwhile.
    template <class Step>
    [[nodiscard]] auto later(Step step);

    void read();
    void proceed();
    void on_request();
    /// 503 when there is no memory for another one.
    response answer_to(request asked);
    /// The same for one that was to come later and does not.
    void give_up();
    void reply(const response& answer, bool keep_alive, bool head_only);
    /// The answer's header, and then what the stream is given.
    void open_stream(const response& answer);
    void send_piece(std::string_view bytes);
    void end_stream();
    void write_pieces();
    /// Hears when the client leaves its stream; what it says meanwhile counts for nothing.
    void watch();
    [[nodiscard]] bool is_streaming() const noexcept {
        return phase_ == phase::stream_writing || phase_ == phase::stream_quiet;
    }
    void say_continue();
    void fail(const error& what);
    /// `then` runs when all is written, the lasting body included.
    void write(std::string wire, void (connection::*then)());
    void write_each(boost::asio::const_buffer bytes, void (connection::*then)());
    /// Takes what the client still sends, so that it comes to read the answer, then shuts down.
    void drain();
    void shut_down();

    boost::asio::steady_timer timer_;
    bool is_waiting_{false};
    boost::asio::steady_timer::time_point since_{};     ///< when the phase began
    boost::asio::steady_timer::time_point deadline_{};  ///< of the phase; the timer may be behind it
    std::unique_ptr<byte_stream> stream_;
    std::optional<net::endpoint> remote_;
    server_limits limits_;
    owner& owner_;
    message_reader reader_;
    std::string wire_;
    std::string_view lasting_;  ///< to be written behind it
    std::string pieces_;        ///< of the stream, behind what is being written
    std::shared_ptr<piecewise_body> body_;
    bool ends_when_written_{false};
    std::size_t drained_bytes_{0};
    phase phase_{phase::handshake};
    bool timed_out_{false};
};

}  // namespace turnix::http
