#include "daemon/operator_api.hpp"

#include "api/auth/token_directory.hpp"
#include "api/http/router.hpp"
#include "api/resources/control_api.hpp"
#include "api/resources/tokens.hpp"
#include "api/store/store.hpp"
#include "daemon/control_client.hpp"

#include <utility>

namespace turnix::daemon {

class operator_api::offline {
  public:
    offline(data_directory_lock lock, const data_directory& directory)
        : lock_{std::move(lock)}, store_{directory.database()} {
        using enum http::method;
        const auto add = [this](http::method method, const char* pattern, auto handler) {
            router_.add({method, pattern}, [this, handler](const auto& asked, const auto& with) {
                return (tokens_.*handler)(asked, with);
            });
        };
        add(get, "/api/v1/tokens", &api::tokens::list);
        add(post, "/api/v1/tokens", &api::tokens::create);
        add(delete_, "/api/v1/tokens/{id}", &api::tokens::revoke);
    }

    [[nodiscard]] http::response answer(const http::request& request) const {
        return router_.answer(request, instant::now());
    }

  private:
    data_directory_lock lock_;
    store::store store_;
    auth::token_directory directory_{store_};
    api::guard guard_{directory_, api::operator_of(store_, directory_), {}};
    api::tokens tokens_{guard_, directory_};
    http::router router_;
};

operator_api::operator_api(data_directory directory) : directory_{std::move(directory)} {
    if (auto lock = data_directory_lock::try_acquire(directory_)) {
        offline_ = std::make_unique<offline>(*std::move(lock), directory_);
    }
}

operator_api::~operator_api() = default;

http::response operator_api::ask(http::request request) {
    request.origin = http::origin::control_socket;
    return offline_ ? offline_->answer(request) : ask_daemon(directory_.control_socket(), request);
}

}  // namespace turnix::daemon
