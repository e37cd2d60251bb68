// SPDX-License-Identifier: BSD-3-Clause
// Layout of the two kinds of sheets. All lengths are pixels.
#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fovea/detail/number_text.hpp>

namespace examples {

namespace {

constexpr colour paper{255, 255, 255};
constexpr colour ink{30, 30, 30};
constexpr colour faint{200, 200, 200};
constexpr colour right_green{0, 130, 60};
constexpr colour wrong_red{200, 30, 30};
constexpr colour bar_blue{60, 110, 180};

constexpr std::size_t text_scale = 2;
constexpr std::size_t line_height = glyph_height * text_scale + 4;

/// The largest scale up to text_scale at which the text fits into `width`; at scale 1 it is cut.
void draw_fitted(picture& on, std::size_t x, std::size_t y, std::string_view text, colour c, std::size_t width) {
    std::size_t scale = text_scale;
    while (scale > 1 && text_width(text, scale) > width) {
        --scale;
    }
    const std::size_t lower = (text_scale - scale) * glyph_height / 2;
    draw_text(on, x, y + lower, text.substr(0, width / (glyph_width * scale)), c, scale);
}

void draw_line(picture& on, double x0, double y0, double x1, double y1, colour c, std::size_t thickness) {
    const double steps = std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0});
    for (double i = 0; i <= steps; ++i) {
        fill_rectangle(on, static_cast<std::size_t>(std::lround(x0 + (x1 - x0) * i / steps)),
                       static_cast<std::size_t>(std::lround(y0 + (y1 - y0) * i / steps)), thickness, thickness, c);
    }
}

/// A tick or a cross of 14 x 14.
void draw_mark(picture& on, std::size_t x, std::size_t y, bool right) {
    const auto left = static_cast<double>(x);
    const auto top = static_cast<double>(y);
    if (right) {
        draw_line(on, left, top + 7, left + 4, top + 11, right_green, 3);
        draw_line(on, left + 4, top + 11, left + 12, top + 1, right_green, 3);
    } else {
        draw_line(on, left, top, left + 11, top + 11, wrong_red, 3);
        draw_line(on, left + 11, top, left, top + 11, wrong_red, 3);
    }
}

void draw_frame(picture& on, std::size_t x, std::size_t y, std::size_t width, std::size_t height, std::size_t thickness,
                colour c) {
    fill_rectangle(on, x, y, width, thickness, c);
    fill_rectangle(on, x, y + height - thickness, width, thickness, c);
    fill_rectangle(on, x, y, thickness, height, c);
    fill_rectangle(on, x + width - thickness, y, thickness, height, c);
}

picture map_picture(const std::vector<std::uint8_t>& labels, std::size_t height, std::size_t width) {
    return picture_of_labels([&](std::size_t y, std::size_t x) { return labels[y * width + x]; }, height, width);
}

}  // namespace

picture contact_sheet(const std::vector<classified>& items, const std::string& title) {
    constexpr std::size_t tile_width = 156;
    constexpr std::size_t image_width = 128;
    constexpr std::size_t frame = 4;
    constexpr std::size_t gap = 8;
    std::size_t zoom = 1;
    std::size_t image_height = 1;
    bool truths = false;
    for (const classified& item : items) {
        zoom = std::max<std::size_t>(1, image_width / item.image.shape()[1]);
        image_height = std::max(image_height, item.image.shape()[0] * zoom);
        truths = truths || item.truth.has_value();
    }
    // A tile: image in a frame, predicted class, bar with the probability, mark with the truth.
    const std::size_t tile_height = image_height + 2 * frame + (truths ? 3 : 2) * line_height + 2 * gap;
    const std::size_t columns = std::clamp<std::size_t>(items.size(), 1, 6);
    const std::size_t rows = (items.size() + columns - 1) / columns;
    const std::size_t top = line_height + 2 * gap;
    const std::size_t width = std::max(columns * (tile_width + gap) + gap,
                                       std::min<std::size_t>(text_width(title, text_scale) + 2 * gap, 1200));
    picture sheet = fovea::make_picture(width, top + rows * tile_height + gap, paper);
    draw_fitted(sheet, gap, gap, title, ink, width - 2 * gap);

    for (std::size_t i = 0; i < items.size(); ++i) {
        const classified& item = items[i];
        const std::size_t x = gap + i % columns * (tile_width + gap);
        std::size_t y = top + i / columns * tile_height;
        const picture image = enlarge(item.image, zoom);
        const bool right = item.truth && *item.truth == item.predicted;
        const std::size_t left = x + (tile_width - image.shape()[1] - 2 * frame) / 2;
        draw_frame(sheet, left, y, image.shape()[1] + 2 * frame, image.shape()[0] + 2 * frame, frame,
                   !item.truth ? faint
                   : right     ? right_green
                               : wrong_red);
        paste(sheet, image, left + frame, y + frame);
        y += image_height + 2 * frame + 4;
        draw_fitted(sheet, x, y, item.predicted, ink, tile_width);
        y += line_height;
        constexpr std::size_t bar = 100;
        fill_rectangle(sheet, x, y, bar, 12, faint);
        fill_rectangle(sheet, x, y, static_cast<std::size_t>(std::lround(item.probability * bar)), 12, bar_blue);
        draw_text(sheet, x + bar + 6, y, fovea::detail::fixed_text(100.0 * item.probability, 0) + "%", ink, text_scale);
        y += line_height;
        if (item.truth) {
            draw_mark(sheet, x, y, right);
            if (!right) {
                draw_fitted(sheet, x + 20, y, *item.truth, wrong_red, tile_width - 20);
            }
        }
    }
    return sheet;
}

picture segmentation_sheet(const std::vector<segmented>& items, const std::vector<std::string>& class_names,
                           const std::string& title, std::size_t across, std::size_t zoom) {
    constexpr std::size_t gap = 10;
    constexpr std::size_t inner = 3;
    const bool truths = std::any_of(items.begin(), items.end(), [](const segmented& s) { return !s.truth.empty(); });
    const std::size_t panels = truths ? 3 : 2;
    const std::size_t panel_width = items.front().image.shape()[1] * zoom;
    const std::size_t panel_height = items.front().image.shape()[0] * zoom;
    const std::size_t block = panels * panel_width + (panels - 1) * inner;
    across = std::clamp<std::size_t>(across, 1, items.size());
    const std::size_t rows = (items.size() + across - 1) / across;

    constexpr std::size_t swatch = 18;
    std::size_t entry = 0;
    for (const std::string& name : class_names) {
        entry = std::max(entry, text_width(name, text_scale) + swatch + 8 + 2 * gap);
    }
    const std::size_t width = std::max(across * (block + gap) + gap, entry + 2 * gap);
    const std::size_t entries_across = std::max<std::size_t>(1, (width - gap) / entry);
    const std::size_t legend_rows = (class_names.size() + entries_across - 1) / entries_across;
    const std::size_t legend_line = swatch + 6;
    const std::size_t top = gap + 2 * line_height + gap;
    const std::size_t bottom = top + rows * (panel_height + gap);
    picture sheet = fovea::make_picture(width, bottom + legend_rows * legend_line + gap, paper);

    draw_fitted(sheet, gap, gap, title, ink, width - 2 * gap);
    for (std::size_t b = 0; b < across; ++b) {
        std::size_t x = gap + b * (block + gap);
        for (const char* heading : {"image", "truth", "prediction"}) {
            if (truths || std::string_view(heading) != "truth") {
                draw_text(sheet, x, gap + line_height + 4, heading, ink, text_scale);
                x += panel_width + inner;
            }
        }
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        const segmented& item = items[i];
        const std::size_t height_in = item.image.shape()[0];
        const std::size_t width_in = item.image.shape()[1];
        std::size_t x = gap + i % across * (block + gap);
        const std::size_t y = top + i / across * (panel_height + gap);
        paste(sheet, enlarge(item.image, zoom), x, y);
        x += panel_width + inner;
        if (truths) {
            if (!item.truth.empty()) {
                paste(sheet, enlarge(map_picture(item.truth, height_in, width_in), zoom), x, y);
            }
            x += panel_width + inner;
        }
        paste(sheet, enlarge(map_picture(item.predicted, height_in, width_in), zoom), x, y);
    }
    for (std::size_t c = 0; c < class_names.size(); ++c) {
        const std::size_t x = gap + c % entries_across * entry;
        const std::size_t y = bottom + c / entries_across * legend_line;
        fill_rectangle(sheet, x, y, swatch, swatch, class_palette[c % class_palette.size()]);
        draw_frame(sheet, x, y, swatch, swatch, 1, ink);
        draw_text(sheet, x + swatch + 8, y + 2, class_names[c], ink, text_scale);
    }
    return sheet;
}

}  // namespace examples
