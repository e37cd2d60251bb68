// SPDX-License-Identifier: BSD-3-Clause
// Which input positions does an output unit see, as a set? Holes, shape and what neighbours share.
#pragma once

#include <fovea/detail/constexpr_math.hpp>
#include <fovea/infer/questions.hpp>
#include <fovea/infer/subnets.hpp>

namespace fovea {

/// Offsets of the input positions that reach a unit, from the unit's own position: rows down, columns to the right.
/// Edges of the map and padding are left aside. 1-D: one row.
class Support {
public:
    constexpr Support() = default;
    constexpr Support(const std::uint64_t* words, std::size_t row_words, const detail::map_range& box,
                      std::size_t count)
        : top(box.rows.first),
          left(box.columns.first),
          height(box.rows.size()),
          width(box.columns.size()),
          words_(words),
          row_words_(row_words),
          count_(count) {}

    std::int64_t top = 0;    ///< of the bounding box: -top is receptive_field's `before` of the rows, or one less
                             ///< where units of different phases stand at different parts of a position
    std::int64_t left = 0;   ///< of the columns
    std::size_t height = 0;  ///< of the bounding box
    std::size_t width = 0;

    constexpr std::size_t count() const { return count_; }
    constexpr bool contains(std::int64_t dy, std::int64_t dx) const {
        const auto y = static_cast<std::size_t>(dy - top), x = static_cast<std::size_t>(dx - left);
        return y < height && x < width && (row(y)[x / 64] >> (x % 64) & 1U) != 0;
    }
    /// Row y of the bounding box, 64 columns a word, the first in the lowest bit.
    constexpr std::span<const std::uint64_t> row(std::size_t y) const { return {words_ + y * row_words_, row_words_}; }

private:
    const std::uint64_t* words_ = nullptr;
    std::size_t row_words_ = 0;
    std::size_t count_ = 0;
};

/// Where the support lies and which way it points.
struct Directionality {
    double row = 0;           ///< centroid, from the unit's own position, which may lie between two
    double column = 0;        ///< centroid
    double row_variance = 0;  ///< around the centroid
    double column_variance = 0;
    double covariance = 0;  ///< above 0: falls to the right, as `diagonal` does
    double angle = 0;  ///< of the longest axis, degrees in (-90, 90]: row 0, column 90, antidiagonal 45, diagonal -45
    double anisotropy = 0;  ///< (l1 - l2) / (l1 + l2) of the variances along and across: 0 the same every way, 1 a line
};

namespace detail {

/// Steps that following sets may take, of the 1,048,576 that clang allows a constant, and words of a bitmap.
inline constexpr std::size_t most_steps = 750'000, most_support_words = 65'536;
inline constexpr std::int64_t most_phases = 64;

struct support_box {
    map_range box{};
    std::size_t row_words = 0;
    std::size_t words = 0;
    bool fits = true;
};

/// Calls f(graph, root, place) for every root whose units' supports are united.
template <class F>
constexpr void for_each_root(const graph& g, std::span<const std::size_t> targets, F f) {
    const condensed needed(g, targets);
    const graph view = needed.view();
    const auto places = places_of(view);
    for (std::size_t root : view.outputs) {
        f(view, root, places[root]);
    }
}

constexpr support_box support_box_of(const graph& g, std::span<const std::size_t> targets) {
    support_box b;
    for_each_root(g, targets, [&](const graph& needed, std::size_t root, const map_place& place) {
        if (place.row_period > most_phases || place.column_period > most_phases) {
            b.fits = false;
            return;
        }
        const map_range box = box_of(needed, root, place);
        b.box.rows.unite(box.rows);
        b.box.columns.unite(box.columns);
    });
    b.row_words = words_for(b.box.columns.size());
    checked words{b.row_words};
    b.fits = b.fits && words.times(b.box.rows.size()).ok && words.value <= most_support_words;
    b.words = b.fits ? words.value : 0;
    return b;
}

struct support_facts {
    map_range box{};  ///< without empty rows and columns at its edges
    std::size_t count = 0;
    std::size_t subnets = 0;
    bool fits = true;
    double row_rest = 0;  ///< how far the whole own positions lie behind the exact ones
    double column_rest = 0;
};

/// Fills `words`, of the size that support_box_of gave. `box` may be cut: the rows then begin at words[0] all the same.
constexpr support_facts find_support(const graph& g, std::span<const std::size_t> targets, const support_box& b,
                                     bool one_dimensional, bit_word* words, std::size_t steps = most_steps) {
    support_facts facts{.box = b.box, .fits = b.fits};
    if (!b.fits) {
        return facts;
    }
    // The bitmap itself takes five a word.
    const std::size_t left = steps > 5 * b.words ? steps - 5 * b.words : 0;
    for_each_root(g, targets, [&](const graph& needed, std::size_t root, const map_place& place) {
        root_sets sets;
        if (!facts.fits || !find_sets(needed, root, place, left, sets)) {
            facts.fits = false;
            return;
        }
        add_offsets(sets, words, b.row_words, b.box.rows.first, b.box.columns.first);
        const auto roots = static_cast<double>(needed.outputs.size());
        facts.row_rest += own_positions(place.rows).rest() / roots;
        facts.column_rest += own_positions(place.columns).rest() / roots;
        const std::size_t n = count_subnets(sets, one_dimensional);
        const bool endless = n == 0 || (facts.subnets == 0 && facts.count > 0);
        facts.subnets = endless ? 0 : n > facts.subnets ? n : facts.subnets;
        facts.count = 1;
    });
    // Cut empty edges (a transposed convolution with stride above its kernel leaves some).
    unit_range rows, columns;
    facts.count = 0;
    for (std::size_t y = 0; y < b.box.rows.size(); ++y) {
        const bit_word* line = words + y * b.row_words;
        std::size_t first = b.row_words, last = 0;
        for (std::size_t w = 0; w < b.row_words; ++w) {
            if (line[w] != 0) {
                // Most words are full: the standard's functions would take clang ten times as many steps.
                facts.count += line[w] == ~bit_word{0} ? word_bits : static_cast<std::size_t>(std::popcount(line[w]));
                first = first < w ? first : w;
                last = w;
            }
        }
        if (first < b.row_words) {
            const auto row = static_cast<std::int64_t>(y);
            rows.unite({row, row});
            columns.unite({static_cast<std::int64_t>(first * word_bits) + std::countr_zero(line[first]),
                           static_cast<std::int64_t>(last * word_bits) + 63 - std::countl_zero(line[last])});
        }
    }
    if (rows.first > 0 || columns.first > 0) {
        for (std::size_t y = 0; y < rows.size(); ++y) {
            bit_word* line = words + y * b.row_words;
            const bit_word* from = line + static_cast<std::size_t>(rows.first) * b.row_words;
            heap_array<bit_word> cut(b.row_words);
            or_shifted(cut.data(), b.row_words, from, b.row_words, -columns.first);
            for (std::size_t w = 0; w < b.row_words; ++w) {
                line[w] = cut[w];
            }
        }
    }
    facts.box = {{b.box.rows.first + rows.first, b.box.rows.first + rows.last},
                 {b.box.columns.first + columns.first, b.box.columns.first + columns.last}};
    return facts;
}

/// Sums over the numbers of the columns that are set in a row.
struct row_sums {
    double count = 0;
    double first = 0;
    double second = 0;
};
constexpr row_sums sums_of(std::span<const bit_word> row) {
    row_sums s;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto at = static_cast<double>(i * word_bits);
        if (row[i] == ~bit_word{0}) {
            // 0 + 1 + ... + 63 = 2016, their squares 85344.
            s.count += 64;
            s.first += 64 * at + 2'016;
            s.second += 64 * at * at + 2 * at * 2'016 + 85'344;
            continue;
        }
        any_bit(&row[i], 1, [&](std::int64_t bit) {
            const double x = at + static_cast<double>(bit);
            s.count += 1;
            s.first += x;
            s.second += x * x;
            return false;
        });
    }
    return s;
}

constexpr Directionality directionality_of(const Support& s) {
    row_sums line;
    double count = 0, y1 = 0, x1 = 0, yy = 0, xx = 0, yx = 0;
    for (std::size_t y = 0; y < s.height; ++y) {
        const auto row = s.row(y);
        bool same = y > 0;
        for (std::size_t w = 0; w < row.size() && same; ++w) {
            same = row[w] == s.row(y - 1)[w];
        }
        line = same ? line : sums_of(row);
        const auto at = static_cast<double>(y);
        count += line.count;
        y1 += at * line.count;
        yy += at * at * line.count;
        x1 += line.first;
        xx += line.second;
        yx += at * line.first;
    }
    Directionality d;
    if (count == 0) {
        return d;
    }
    const double y = y1 / count, x = x1 / count;
    d.row = y + static_cast<double>(s.top);
    d.column = x + static_cast<double>(s.left);
    d.row_variance = yy / count - y * y;
    d.column_variance = xx / count - x * x;
    d.covariance = yx / count - y * x;
    const double sum = d.row_variance + d.column_variance, difference = d.column_variance - d.row_variance;
    const double spread = square_root(difference * difference + 4 * d.covariance * d.covariance);
    // What is left of equal sums is rounding.
    if (spread > 1e-9 * sum) {
        d.anisotropy = spread / sum;
        d.angle = arc_tangent(-2 * d.covariance, difference) / 2 * 180 / pi;
        d.angle = d.angle <= -90 ? d.angle + 180 : d.angle;
    }
    return d;
}

template <std::size_t Words>
struct support_result {
    std::array<bit_word, Words> words{};
    support_facts facts{};
};

/// The support of one map (of layer Map - 1), or of the network's outputs.
inline constexpr std::size_t all_outputs = static_cast<std::size_t>(-1);
template <class Net, std::size_t Map = all_outputs>
struct support_of {
    static constexpr std::array<std::size_t, 1> map{Map};
    static constexpr graph layers = graph_of(network_traits<Net>::trace);
    static constexpr std::span<const std::size_t> targets =
        Map == all_outputs ? layers.outputs : std::span<const std::size_t>(map);
    static constexpr support_box box = support_box_of(layers, targets);
    static constexpr auto result = [] {
        support_result<(box.words > 0 ? box.words : 1)> r;
        r.facts = find_support(layers, targets, box, network_traits<Net>::trace.one_dimensional, r.words.data());
        return r;
    }();
    static constexpr bool fits = result.facts.fits;
    static constexpr Support view{result.words.data(), box.row_words, result.facts.box, result.facts.count};
};

/// The answer from a network's support, or a message where that is too large to be computed.
template <class Net, std::size_t Map = all_outputs, class Answer>
constexpr auto ask_support(Answer answer) {
    if constexpr (!sound<Net>) {
        return refuse<Net, network_traits<Net>::trace.error>();
    } else if constexpr (!support_of<Net, Map>::fits) {
        return refuse_support<Net>();
    } else {
        return answer(support_of<Net, Map>{});
    }
}

template <class Net, std::size_t I>
inline constexpr std::size_t map_behind = [] {
    if constexpr (sound<Net> && I < network_traits<Net>::positions) {
        return network_traits<Net>::ends[I];
    } else {
        return std::size_t{0};
    }
}();

}  // namespace detail

/// The exact set of input positions that reach a unit of the outputs (before GAP or Dense): the union over all paths,
/// over the channels of every layer, over the Heads, and behind upsampling over the phases of the output, each from its
/// own position. One that lies between two positions counts from the later.
template <class Net>
inline constexpr auto support = detail::ask_support<Net>([](auto s) { return s.view; });

/// The same for position I of the network's list.
template <class Net, std::size_t I>
inline constexpr auto support_at = [] {
    if constexpr (detail::sound<Net> && I >= detail::network_traits<Net>::positions) {
        return detail::refuse_position<Net, I>();
    } else {
        return detail::ask_support<Net, detail::map_behind<Net, I>>([](auto s) { return s.view; });
    }
}();

/// Share of the bounding box that is seen.
template <class Net>
inline constexpr auto coverage = detail::ask_support<Net>([](auto s) {
    return static_cast<double>(s.view.count()) / static_cast<double>(s.view.height * s.view.width);
});

/// Whether the support fills its bounding box: no gridding (Yu, Koltun and Funkhouser 2017; Wang et al. 2018).
template <class Net>
inline constexpr auto is_hole_free = detail::ask_support<Net>([](auto s) {
    return s.view.count() == s.view.height * s.view.width;
});

/// Into how many networks that never exchange anything does the network fall? Output units are in one class where they
/// see a common input position, or are linked through others that do: without strides the index of the lattice that the
/// support's differences generate. 1: all neighbours talk. 0: more the larger the map is, as when rows never meet.
/// With Heads: of the head with most.
template <class Net>
inline constexpr auto independent_subnets = detail::ask_support<Net>([](auto s) { return s.result.facts.subnets; });

/// Centroid, variances, angle and anisotropy of the support.
template <class Net>
inline constexpr auto directionality = detail::ask_support<Net>([](auto s) {
    Directionality d = detail::directionality_of(s.view);
    d.row += s.result.facts.row_rest;
    d.column += s.result.facts.column_rest;
    return d;
});

}  // namespace fovea
