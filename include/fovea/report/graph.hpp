// SPDX-License-Identifier: BSD-3-Clause
// How is a network's graph drawn? From top to bottom in data-flow order: branches in lanes side by side, skips as
// curves to the left of what they skip.
#pragma once

#include <map>

#include <fovea/report/style.hpp>

namespace fovea::detail {

/// A box of the drawing: a layer with the normalisation and activations behind it, or the input.
struct graph_node {
    std::size_t layer = 0;              ///< behind `input`: none
    std::vector<std::size_t> extras{};  ///< layers drawn inside the box
    std::vector<std::size_t> from{};    ///< nodes
    std::size_t row = 0;
    std::size_t lane = 0;
    bool input = false;
    bool output = false;
};

struct graph_layout {
    std::vector<graph_node> nodes{};
    std::size_t rows = 0;
    std::size_t lanes = 1;
};

inline bool drawn_inside(brick_kind k) {
    const brick_family f = facts_of(k).family;
    return f == brick_family::norm || f == brick_family::activation || k == brick_kind::dropout;
}

inline graph_layout lay_out(const graph& g) {
    graph_layout out;
    const std::size_t n = g.layers.size();
    std::vector<std::size_t> readers(n + 1), node_of(n + 1);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t m : g.inputs_of(i)) {
            ++readers[m];
        }
    }
    std::vector<bool> is_output(n + 1);
    for (std::size_t o : g.outputs) {
        is_output[o] = true;
    }
    out.nodes.push_back({.input = true, .output = is_output[0]});
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t first = g.inputs_of(i)[0];
        graph_node& before = out.nodes[node_of[first]];
        if (drawn_inside(g.layers[i].kind) && first == i && readers[first] == 1 && !is_output[first] && !before.input &&
            g.layers[before.layer].kind != brick_kind::tap) {
            before.extras.push_back(i);
            before.output = is_output[i + 1];
            node_of[i + 1] = node_of[first];
            continue;
        }
        graph_node node{.layer = i, .output = is_output[i + 1]};
        for (std::size_t m : g.inputs_of(i)) {
            node.from.push_back(node_of[m]);
            node.row = std::max(node.row, out.nodes[node_of[m]].row + 1);
        }
        node_of[i + 1] = out.nodes.size();
        out.rows = std::max(out.rows, node.row);
        out.nodes.push_back(std::move(node));
    }
    ++out.rows;

    // A chain goes on in its lane; what branches off takes the nearest lane to the right that is free for its rows.
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    const std::size_t count = out.nodes.size();
    std::vector<std::size_t> next(count, none), last_reader(count, 0);
    for (std::size_t v = 1; v < count; ++v) {
        const auto& from = out.nodes[v].from;
        if (next[from[0]] == none) {
            next[from[0]] = v;
        }
        for (std::size_t u : from) {
            last_reader[u] = std::max(last_reader[u], out.nodes[v].row);
        }
    }
    std::vector<bool> placed(count);
    struct interval {
        std::size_t first, last;
    };
    std::vector<std::vector<interval>> taken;
    for (std::size_t v = 0; v < count; ++v) {
        if (placed[v]) {
            continue;
        }
        std::size_t end = v;
        while (next[end] != none && !placed[next[end]]) {
            end = next[end];
        }
        const interval rows{out.nodes[v].row,
                            std::max(out.nodes[end].row, last_reader[end] > 0 ? last_reader[end] - 1 : 0)};
        std::size_t lane = out.nodes[v].from.empty() ? 0 : out.nodes[out.nodes[v].from[0]].lane + 1;
        const auto is_free = [&](std::size_t l) {
            return l >= taken.size() || std::none_of(taken[l].begin(), taken[l].end(), [&](const interval& t) {
                       return t.first <= rows.last && rows.first <= t.last;
                   });
        };
        while (!is_free(lane)) {
            ++lane;
        }
        taken.resize(std::max(taken.size(), lane + 1));
        taken[lane].push_back(rows);
        for (std::size_t w = v;; w = next[w]) {
            placed[w] = true;
            out.nodes[w].lane = lane;
            if (w == end) {
                break;
            }
        }
    }
    out.lanes = taken.size();
    return out;
}

inline std::string cut(const std::string& s, std::size_t characters) {
    std::string out;
    std::size_t seen = 0;
    for (char c : s) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && seen++ == characters - 1 && s.size() > characters) {
            return out += "…";
        }
        out += c;
    }
    return out;
}

inline std::string_view short_name(const layer_info& l) {
    return l.kind == brick_kind::batch_norm ? std::string_view{"BN"} : l.name;
}

/// Everything about a layer in one line, for tooltips and for ears.
inline std::string layer_sentence(const report_data& r, std::size_t i) {
    const layer_info& l = r.layers[i];
    markup m;
    m << l.path << ": " << brick_text(l, r.one_dimensional) << ", output " << shape_text(l.output, r.one_dimensional)
      << ", field " << field_text(l.receptive_field, r.one_dimensional);
    if (l.parameters > 0) {
        m << ", " << grouped_text(l.parameters) << " parameters";
    }
    if (l.macs > 0) {
        m << ", " << grouped_text(l.macs) << " MACs";
    }
    return std::move(m.text);
}

/// `id` keeps several drawings of a page apart; `links`: nodes lead to rows of the layer table.
inline std::string graph_svg(const report_data& r, std::string_view id, bool links) {
    constexpr std::int64_t box_width = 222, box_height = 36, row_height = 54, track = 13;
    const graph_layout g = lay_out(r);

    // Skips run in tracks to the left of their lane; tracks that overlap in rows lie side by side.
    struct skip {
        std::size_t from, to, lane, track;
    };
    std::vector<skip> skips;
    std::vector<std::size_t> tracks(g.lanes, 0);
    for (std::size_t v = 1; v < g.nodes.size(); ++v) {
        for (std::size_t k = 0; k < g.nodes[v].from.size(); ++k) {
            const graph_node &a = g.nodes[g.nodes[v].from[k]], &b = g.nodes[v];
            const bool crossed =
                b.row > a.row + 1 && std::any_of(g.nodes.begin(), g.nodes.end(), [&](const graph_node& n) {
                    return n.lane == a.lane && n.row > a.row && n.row < b.row;
                });
            if (crossed) {
                skips.push_back({g.nodes[v].from[k], v, std::min(a.lane, b.lane), 0});
            }
        }
    }
    std::sort(skips.begin(), skips.end(), [&](const skip& a, const skip& b) {
        const std::size_t length_a = g.nodes[a.to].row - g.nodes[a.from].row;
        const std::size_t length_b = g.nodes[b.to].row - g.nodes[b.from].row;
        return length_a != length_b ? length_a < length_b : a.to < b.to;
    });
    std::map<std::pair<std::size_t, std::size_t>, std::vector<std::pair<std::size_t, std::size_t>>> used;
    for (skip& s : skips) {
        const std::size_t first = g.nodes[s.from].row, last = g.nodes[s.to].row;
        for (s.track = 0; s.track < 12; ++s.track) {
            auto& rows = used[{s.lane, s.track}];
            if (std::none_of(rows.begin(), rows.end(),
                             [&](const auto& t) { return t.first < last && first < t.second; })) {
                rows.emplace_back(first, last);
                break;
            }
        }
        tracks[s.lane] = std::max(tracks[s.lane], s.track + 1);
    }
    std::vector<std::int64_t> left(g.lanes);
    std::int64_t x = 12;
    for (std::size_t lane = 0; lane < g.lanes; ++lane) {
        x += tracks[lane] == 0 ? 0 : 16 + track * static_cast<std::int64_t>(tracks[lane]);
        left[lane] = x;
        x += box_width + 24;
    }
    const std::int64_t width = x - 12, height = row_height * static_cast<std::int64_t>(g.rows) + 6;
    const auto top_of = [&](const graph_node& n) { return 10 + row_height * static_cast<std::int64_t>(n.row); };
    const auto centre_of = [&](const graph_node& n) { return left[n.lane] + box_width / 2; };

    markup m;
    m << "<svg class=\"fovea graph\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"" << id
      << "gt " << id << "gd\" width=\"" << width << "\" height=\"" << height << "\" viewBox=\"0 0 " << width << ' '
      << height << "\"><title id=\"" << id << "gt\">Graph of " << escaped(r.title) << "</title><desc id=\"" << id
      << "gd\">" << g.nodes.size() << " boxes from top to bottom in data-flow order, in " << g.lanes
      << (g.lanes == 1 ? " lane" : " lanes") << ", " << skips.size()
      << (skips.size() == 1 ? " skip connection" : " skip connections")
      << ". The table of layers holds the same information.</desc><defs><marker id=\"" << id
      << "tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
         "<path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>";

    const auto edge = [&](std::string_view kind, const std::string& path) {
        m << "<path class=\"edge" << kind << "\" marker-end=\"url(#" << id << "tip)\" d=\"" << path << "\"/>";
    };
    for (std::size_t v = 1; v < g.nodes.size(); ++v) {
        const graph_node& b = g.nodes[v];
        for (std::size_t u : b.from) {
            const graph_node& a = g.nodes[u];
            const auto s =
                std::find_if(skips.begin(), skips.end(), [&](const skip& k) { return k.from == u && k.to == v; });
            markup p;
            const std::int64_t y1 = top_of(a) + box_height, y2 = top_of(b) - 1, x1 = centre_of(a), x2 = centre_of(b);
            if (s != skips.end()) {
                const std::int64_t out = left[s->lane] - 16 - track * static_cast<std::int64_t>(s->track);
                const std::int64_t ya = top_of(a) + 26, yb = top_of(b) + 10, bend = 10;
                p << 'M' << left[a.lane] << ' ' << ya << 'H' << out + bend << 'Q' << out << ' ' << ya << ' ' << out
                  << ' ' << ya + bend << 'V' << yb - bend << 'Q' << out << ' ' << yb << ' ' << out + bend << ' ' << yb
                  << 'H' << left[b.lane] - 1;
                edge(" skip", p.text);
            } else if (a.lane == b.lane) {
                p << 'M' << x1 << ' ' << y1 << 'V' << y2;
                edge("", p.text);
            } else {
                const std::int64_t near =
                    x2 + (a.lane > b.lane
                              ? std::min<std::int64_t>(90, 24 + 22 * static_cast<std::int64_t>(a.lane - b.lane))
                              : 0);
                const std::int64_t turn = a.lane > b.lane ? y2 - 16 : y1;
                p << 'M' << x1 << ' ' << y1 << 'V' << turn << 'C' << x1 << ' ' << turn + 12 << ' ' << near << ' '
                  << turn + 3 << ' ' << near << ' ' << (a.lane > b.lane ? y2 : turn + 17);
                if (a.lane < b.lane) {
                    p << 'V' << y2;
                }
                edge("", p.text);
            }
        }
    }
    for (const graph_node& n : g.nodes) {
        const std::int64_t nx = left[n.lane], ny = top_of(n);
        const layer_info* l = n.input ? nullptr : &r.layers[n.layer];
        const std::string_view css = l == nullptr ? std::string_view{"pass"} : kind_css(l->kind);
        m << "<g class=\"node\">";
        if (links && l != nullptr) {
            m << "<a href=\"#" << id << 'L' << n.layer << "\">";
        }
        m << "<title>";
        if (l == nullptr) {
            m << "Input " << shape_text(r.input, r.one_dimensional);
        } else {
            m << escaped(layer_sentence(r, n.layer));
            for (std::size_t e : n.extras) {
                m << "; " << escaped(r.layers[e].path) << ": " << escaped(brick_text(r.layers[e], r.one_dimensional));
            }
        }
        m << "</title><rect class=\"box\" x=\"" << nx << "\" y=\"" << ny << "\" width=\"" << box_width << "\" height=\""
          << box_height << "\" rx=\"" << (n.input || n.output ? 18 : 6) << "\"/>";
        m << "<rect class=\"k-" << css << "\" x=\"" << nx + (n.input || n.output ? 12 : 5) << "\" y=\"" << ny + 6
          << "\" width=\"4\" height=\"" << box_height - 12 << "\" rx=\"2\"/>";
        const std::int64_t tx = nx + (n.input || n.output ? 24 : 17),
                           end = nx + box_width - (n.input || n.output ? 16 : 9);
        const Shape shape = l == nullptr ? r.input : l->output;
        m << "<text x=\"" << tx << "\" y=\"" << ny + 15 << "\">"
          << (l == nullptr ? "Input" : escaped(cut(brick_text(*l, r.one_dimensional), 30))) << "</text>";
        // 32 bytes fit beside each other.
        const std::string extents = shape_text(shape, r.one_dimensional);
        markup sub;
        if (l != nullptr) {
            sub << l->path;
            for (std::size_t e : n.extras) {
                sub << " +" << short_name(r.layers[e]);
            }
            if (sub.text.size() + extents.size() > 32 && !n.extras.empty()) {
                sub.text = l->path;
                sub << " +" << n.extras.size();
            }
        }
        if (!sub.text.empty()) {
            m << "<text class=\"sub\" x=\"" << tx << "\" y=\"" << ny + 29 << "\">"
              << escaped(cut(sub.text, 32 - std::min<std::size_t>(20, extents.size()))) << "</text>";
        }
        m << "<text class=\"sub\" text-anchor=\"end\" x=\"" << end << "\" y=\"" << ny + 29 << "\">" << extents
          << "</text>";
        m << (links && l != nullptr ? "</a></g>" : "</g>");
    }
    m << "</svg>";
    return std::move(m.text);
}

/// Kinds that occur, with the colours of their stripes; for a page.
inline std::string graph_legend(const report_data& r) {
    markup m;
    m << "<ul class=\"legend\">";
    for (const kind_style& k : kind_styles) {
        const bool occurs = k.css == "pass" || std::any_of(r.layers.begin(), r.layers.end(), [&](const layer_info& l) {
                                return kind_css(l.kind) == k.css;
                            });
        if (occurs) {
            m << "<li><svg width=\"6\" height=\"14\" aria-hidden=\"true\"><rect class=\"k-" << k.css
              << "\" width=\"4\" height=\"14\" rx=\"2\"/></svg>" << k.label << "</li>";
        }
    }
    m << "</ul>";
    return std::move(m.text);
}

}  // namespace fovea::detail
