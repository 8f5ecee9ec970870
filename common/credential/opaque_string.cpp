#include "common/credential/opaque_string.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

namespace turnix::credential {
namespace {

constexpr std::uint32_t letters_to_symbols =
    UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S;

bool is_space(ucs4_t point) noexcept { return uc_is_general_category_withtable(point, UC_CATEGORY_MASK_Zs); }

// RFC 8264 §9.9. What is unassigned in these blocks is refused as such.
bool is_old_hangul_jamo(ucs4_t point) noexcept {
    return (point >= 0x1100 && point <= 0x11ff) || (point >= 0xa960 && point <= 0xa97f) ||
           (point >= 0xd7b0 && point <= 0xd7ff);
}

// RFC 5892 §2.6, which RFC 8264 §9.6 takes over: those that their category would let in.
bool is_disallowed_exception(ucs4_t point) noexcept {
    return point == 0x0640 || point == 0x07fa || point == 0x302e || point == 0x302f ||
           (point >= 0x3031 && point <= 0x3035) || point == 0x303b;
}

// RFC 8264 §8, for the FreeformClass.
bool is_freeform(ucs4_t point) noexcept {
    if (uc_is_property_join_control(point)) return true;
    if (is_disallowed_exception(point) || is_old_hangul_jamo(point)) return false;
    if (uc_is_property_default_ignorable_code_point(point) || uc_is_property_not_a_character(point)) {
        return false;
    }
    return is_space(point) || uc_is_general_category_withtable(point, letters_to_symbols);
}

bool is_printable_ascii(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char character) { return character >= ' ' && character <= '~'; });
}

const std::uint8_t* utf8_of(std::string_view text) noexcept {
    const void* const start = text.data();
    return static_cast<const std::uint8_t*>(start);
}

// Every character freeform, every space U+0020.
std::optional<std::string> with_plain_spaces(std::string_view text) {
    std::string mapped;
    while (!text.empty()) {
        ucs4_t point{};
        const auto length = u8_mbtoucr(&point, utf8_of(text), text.size());
        if (length <= 0 || !is_freeform(point)) return std::nullopt;
        const auto bytes = static_cast<std::size_t>(length);
        mapped += is_space(point) ? std::string_view{" "} : text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return mapped;
}

struct deallocate {
    void operator()(void* allocated) const noexcept { std::free(allocated); }
};

std::optional<std::string> composed(std::string_view text) {
    std::size_t length = 0;
    const std::unique_ptr<void, deallocate> allocated{
        u8_normalize(UNINORM_NFC, utf8_of(text), text.size(), nullptr, &length)};
    if (!allocated) return std::nullopt;
    return std::string{static_cast<const char*>(allocated.get()), length};
}

}  // namespace

std::optional<std::string> opaque_string(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (is_printable_ascii(text)) return std::string{text};
    const auto mapped = with_plain_spaces(text);
    return mapped ? composed(*mapped) : std::nullopt;
}

}  // namespace turnix::credential
