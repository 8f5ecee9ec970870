// Organisations, projects and tokens as shared records, still without version and base.
//
//   organisation   key id, 16       fields name | default project, 16 | created 8
//   project        key id, 16       fields organisation, 16 | slug | created 8 | settings, 9 each |
//                                   packet rates, 9 each, when there is one
//   project_link   key id, 16 | which 1   fields text
//   token          key id, 16       fields organisation, 16 | project, 17 | name | scopes | digest, 32 |
//                                   created 8 | expires 9 | revoked 9 | previous digest, 33 | its end 9
//
// Texts have their length in 2 bytes before them; what may be absent has one byte before it. Times are
// milliseconds since 1970. A project's links are records of their own, so that each fits into a datagram.
#pragma once

#include "api/model/shared_record.hpp"
#include "api/model/token.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnix::model {

/// Which of a project's links; in the order of link_templates.
enum class link_kind : std::uint8_t { room, client, session };

struct project_link {
    project_id project;
    link_kind kind{link_kind::room};
    std::string text;
};

[[nodiscard]] shared_record record_of(const organisation& from);
/// The project first, then its links, all three.
[[nodiscard]] std::vector<shared_record> records_of(const project& from);
/// Until a day after it has expired.
[[nodiscard]] shared_record record_of(const token& from);
/// That the project is gone.
[[nodiscard]] shared_record removal_of(const project_id& id);

/// Nothing when the record is another one, or malformed, or gone.
[[nodiscard]] std::optional<organisation> organisation_of(const shared_record& from);
[[nodiscard]] std::optional<project> project_of(const shared_record& from);
[[nodiscard]] std::optional<project_link> link_of(const shared_record& from);
[[nodiscard]] std::optional<token> token_of(const shared_record& from);
/// The project that this removal or this link is about.
[[nodiscard]] project_id subject_of(const shared_record& from);

/// A link without a text: as good as none.
[[nodiscard]] bool is_blank(const shared_record& from);
/// The text in the settings that the link is.
[[nodiscard]] std::string& link_in(project_settings& settings, link_kind kind) noexcept;

}  // namespace turnix::model
