#include "daemon/operator_api.hpp"

#include "api/auth/token_directory.hpp"
#include "api/http/router.hpp"
#include "api/resources/control_api.hpp"
#include "api/resources/front_desk.hpp"
#include "api/resources/tokens.hpp"
#include "api/store/store.hpp"
#include "daemon/control_client.hpp"

#include <utility>

namespace turnix::daemon {

class operator_api::offline {
  public:
    offline(data_directory_lock lock, const data_directory& directory)
        : lock_{std::move(lock)}, store_{directory.database()} {
        for (auto& each : tokens_.endpoints()) {
            const auto where = each.where;
            router_.add(where, desk_.serve(std::move(each)));
        }
    }

    [[nodiscard]] http::response answer(const http::request& request) const {
        return http::at_once(router_.answer(request, instant::now()));
    }

  private:
    data_directory_lock lock_;
    store::store store_;
    auth::tenant_directory tenants_{store_};
    auth::token_directory directory_{store_, tenants_};
    api::guard guard_{{.tokens = directory_, .tenants = tenants_}, {}};
    api::front_desk desk_{guard_, store_, api::inline_lanes()};
    api::tokens tokens_{directory_, tenants_};
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
