#include "api/webhooks/webhook_directory.hpp"

#include "api/store/webhook_table.hpp"
#include "common/clock/insist.hpp"

#include <algorithm>
#include <mutex>
#include <tuple>

namespace turnix::webhooks {

webhook_directory::webhook_directory(store::store& store) : store_{store} {
    std::vector<model::webhook> all;
    store_.run([&all](auto& database) { all = store::read_webhooks(database); });
    for (const auto& each : all) webhooks_.emplace(each.id, each);
}

bool webhook_directory::empty() const {
    const std::shared_lock lock{mutex_};
    return webhooks_.empty();
}

std::vector<model::webhook> webhook_directory::list(project_id project) const {
    std::vector<model::webhook> found;
    {
        const std::shared_lock lock{mutex_};
        for (const auto& [id, each] : webhooks_)
            if (each.project == project) found.push_back(each);
    }
    std::ranges::sort(found, {}, [](const auto& each) { return std::tuple{each.created_at, each.id}; });
    return found;
}

std::optional<model::webhook> webhook_directory::find(project_id project, webhook_id id) const {
    auto found = find(id);
    return found && found->project == project ? found : std::nullopt;
}

std::optional<model::webhook> webhook_directory::find(webhook_id id) const {
    const std::shared_lock lock{mutex_};
    const auto found = webhooks_.find(id);
    return found == webhooks_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<webhook_id> webhook_directory::wanting(events::event_kind kind, const project_id& of) const {
    const auto name = to_string(kind);
    std::vector<webhook_id> found;
    const std::shared_lock lock{mutex_};
    for (const auto& [id, each] : webhooks_) {
        const bool wants = std::ranges::find(each.events, name) != each.events.end();
        if (each.enabled && events::is_of(of, each.project) && wants) found.push_back(id);
    }
    return found;
}

void webhook_directory::add(const model::webhook& made) {
    store_.run([&made](auto& database) { store::insert_webhook(database, made); });
    settle(made);
}

void webhook_directory::change(const model::webhook& to) {
    store_.run([&to](auto& database) { store::update_webhook(database, to); });
    settle(to);
}

void webhook_directory::settle(const model::webhook& written) {
    // It is written down already: memory has to say the same.
    insist([&] {
        const std::unique_lock lock{mutex_};
        webhooks_.insert_or_assign(written.id, written);
    });
}

void webhook_directory::remove(webhook_id id) {
    store_.run([id](auto& database) { store::delete_webhook(database, id); });
    const std::unique_lock lock{mutex_};
    webhooks_.erase(id);
}

void webhook_directory::look_again(std::span<const webhook_id> webhooks) {
    for (const auto id : webhooks) {
        std::optional<model::webhook> found;
        store_.run([&](auto& database) { found = store::find_webhook(database, id); });
        const std::unique_lock lock{mutex_};
        if (found) {
            webhooks_.insert_or_assign(id, *std::move(found));
        } else {
            webhooks_.erase(id);
        }
    }
}

void webhook_directory::forget(project_id project) {
    const std::unique_lock lock{mutex_};
    std::erase_if(webhooks_, [project](const auto& each) { return each.second.project == project; });
}

}  // namespace turnix::webhooks
