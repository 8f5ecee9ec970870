#include "api/resources/links.hpp"

#include <array>
#include <utility>

namespace turnix::api {

boost::json::value link_from(const std::string& link_template, const link_names& names) {
    if (link_template.empty()) return nullptr;
    // Names have letters, digits, hyphens and underscores only: nothing in them needs to be encoded.
    const std::array<std::pair<std::string_view, std::string_view>, 3> places{
        {{"{room}", names.room}, {"{client}", names.client}, {"{session}", names.session}}};
    std::string link = link_template;
    for (const auto& [place, name] : places) {
        for (auto at = link.find(place); at != std::string::npos; at = link.find(place, at + name.size())) {
            if (name.empty()) return nullptr;
            link.replace(at, place.size(), name);
        }
    }
    return boost::json::value(link);
}

}  // namespace turnix::api
