// SPDX-License-Identifier: BSD-3-Clause
// Which colours has a report, in light and in dark?
#pragma once

#include <string>
#include <string_view>

#include <fovea/report/markup.hpp>

namespace fovea::detail {

/// Two sequential palettes of twelve steps, even in OKLCH lightness: more is always further from the background.
inline constexpr std::string_view heat_light[] = {"#e4efc9", "#bfe3a6", "#8fd695", "#51c694", "#17b39b", "#069ea0",
                                                  "#08889c", "#017295", "#075d8e", "#0a478d", "#24346f", "#221f4d"};
inline constexpr std::string_view heat_dark[] = {"#2b2a5f", "#21387d", "#054f88", "#00658a", "#07798f", "#048f94",
                                                 "#12a593", "#15bd88", "#5ecf6f", "#a4d965", "#dae16e", "#ffeba2"};
inline constexpr std::size_t heat_steps = 12;

/// Colours of kinds in the order of kind_styles; at least 3:1 against the surface.
inline constexpr std::string_view kinds_light[] = {"#0b6fb8", "#8a5a00", "#2a7d3f", "#b3316b",
                                                   "#6b46c1", "#a6611a", "#5f6b7a", "#7a8594"};
inline constexpr std::string_view kinds_dark[] = {"#5db3f0", "#e0b341", "#62c77c", "#f07ab0",
                                                  "#b197fc", "#f0a35e", "#9aa7b8", "#7d8896"};

/// The variables of one scheme, as declarations.
inline std::string scheme(bool dark) {
    markup m;
    m << (dark ? "--bg:#0e1116;--surface:#161b22;--raised:#1d242e;--ink:#e8edf3;--muted:#a3afbf;--line:#2d3643;"
                 "--grid:#232b36;--accent:#5cc8e6;--accent-ink:#06212b;--warn:#f2b84b;--frame:#8794a6;--mark:#ff9f6b;"
               : "--bg:#f5f6f4;--surface:#ffffff;--raised:#f0f2f0;--ink:#161c24;--muted:#4f5b6a;--line:#d6dbe0;"
                 "--grid:#e6e9ec;--accent:#00698c;--accent-ink:#ffffff;--warn:#8a5200;--frame:#66727f;--mark:#c2410c;");
    for (std::size_t i = 0; i < heat_steps; ++i) {
        m << "--h" << i << ':' << (dark ? heat_dark : heat_light)[i] << ';';
    }
    for (std::size_t i = 0; i < std::size(kind_styles); ++i) {
        m << "--k-" << kind_styles[i].css << ':' << (dark ? kinds_dark : kinds_light)[i] << ';';
    }
    return std::move(m.text);
}

/// Rules of the drawings, shared by the page and by SVG files that stand alone.
inline std::string drawing_style() {
    markup m;
    m << ":root{color-scheme:light dark;" << scheme(false) << "}@media(prefers-color-scheme:dark){:root{"
      << scheme(true) << "}}";
    for (std::size_t i = 0; i < heat_steps; ++i) {
        m << ".h" << i << "{fill:var(--h" << i << ")}.s" << i << "{stroke:var(--h" << i << ")}";
    }
    for (const kind_style& k : kind_styles) {
        m << ".k-" << k.css << "{fill:var(--k-" << k.css << ")}";
    }
    m << R"css(
svg.fovea{font-family:ui-sans-serif,system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--ink)}
.node rect.box{fill:var(--surface);stroke:var(--line)}
.node text{fill:var(--ink);font-size:12.5px;font-weight:600}
.node text.sub{fill:var(--muted);font-size:10.5px;font-weight:400}
.node a:focus-visible rect.box,.node a:hover rect.box{stroke:var(--accent);stroke-width:2}
.edge{fill:none;stroke:var(--frame);stroke-width:1.4}
.edge.skip{stroke:var(--accent)}
.tip{fill:var(--frame)}
.inputframe{fill:var(--raised);stroke:var(--frame);stroke-dasharray:4 3}
.field{fill:var(--accent);fill-opacity:.035;stroke-width:1.4}
.cursor{fill:var(--accent);fill-opacity:.1;stroke:var(--mark);stroke-width:2.5}
.unit{fill:var(--mark)}
.label{fill:var(--ink);font-size:12px}
.label.muted{fill:var(--muted)}
.hole{fill:none;stroke:var(--mark);stroke-width:.18;stroke-linecap:round}
.seen{fill:var(--h6)}
.mesh{fill:none;stroke:var(--surface);stroke-width:.07}
.plate{fill:var(--raised)}
.ellipse{fill:none;stroke:var(--mark);stroke-width:2;vector-effect:non-scaling-stroke}
.halo{fill:none;stroke:var(--bg);stroke-width:4;stroke-opacity:.75;vector-effect:non-scaling-stroke}
)css";
    return std::move(m.text);
}

}  // namespace fovea::detail
