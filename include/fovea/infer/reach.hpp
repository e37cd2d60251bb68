// SPDX-License-Identifier: BSD-3-Clause
// Which input positions reach a unit, one by one? Follows sets of units backwards through a graph: as unions of a few
// products, rows x columns, while that is exact, and bit by bit where it is not.
#pragma once

#include <bit>

#include <fovea/infer/graph.hpp>

namespace fovea::detail {

using bit_word = std::uint64_t;
inline constexpr std::size_t word_bits = 64;
constexpr std::size_t words_for(std::size_t bits) { return (bits + word_bits - 1) / word_bits; }

/// Calls f with the index of every bit that is set; stops when f says true.
template <class F>
constexpr bool any_bit(const bit_word* set, std::size_t words, F f) {
    for (std::size_t i = 0; i < words; ++i) {
        for (bit_word w = set[i]; w != 0; w &= w - 1) {
            if (f(static_cast<std::int64_t>(i * word_bits) + std::countr_zero(w))) {
                return true;
            }
        }
    }
    return false;
}

/// to |= from << shift; bits shifted out on either side are dropped. (One statement a word: clang counts those.)
constexpr void or_shifted(bit_word* to, std::size_t to_words, const bit_word* from, std::size_t words,
                          std::int64_t shift) {
    const std::int64_t whole = floor_of(shift, word_bits);
    const auto part = static_cast<unsigned>(shift - whole * static_cast<std::int64_t>(word_bits));
    const auto count = static_cast<std::int64_t>(words), end = static_cast<std::int64_t>(to_words);
    const std::int64_t last = whole + count < end ? whole + count : end - 1;
    for (std::int64_t at = whole < 0 ? 0 : whole; at <= last; ++at) {
        to[at] |= (at - whole < count ? from[at - whole] << part : 0) |
                  (part != 0 && at > whole ? from[at - whole - 1] >> (word_bits - part) : 0);
    }
}

/// The sources of all units of a set along one axis are added to `to`.
constexpr void spread(const axis_map& s, const tap_set& taps, const bit_word* from, unit_range units, bit_word* to,
                      unit_range sources) {
    const std::size_t words = words_for(units.size()), to_words = words_for(sources.size());
    if (s.stride == 1) {
        // A transposed window is then the mirrored one.
        const std::int64_t sign = s.how == axis_map::transposed ? -1 : 1;
        for (std::int64_t t = 0; t < s.kernel; ++t) {
            if (taps.has(static_cast<std::size_t>(t))) {
                or_shifted(to, to_words, from, words, units.first + sign * (t * s.dilation - s.pad) - sources.first);
            }
        }
        return;
    }
    any_bit(from, words, [&](std::int64_t bit) {
        for_each_source(s, taps, units.first + bit, [&](std::int64_t source) {
            const auto at = static_cast<std::size_t>(source - sources.first);
            to[at / word_bits] |= bit_word{1} << (at % word_bits);
        });
        return false;
    });
}

/// What that takes, in steps as clang counts them: about one a statement. (Measured: some 20 a tap, 3 a word.)
constexpr std::size_t cost_of_spread(const axis_map& s, const tap_set& taps, unit_range units) {
    const std::size_t n = taps.count(static_cast<std::size_t>(s.kernel));
    return s.stride == 1 ? n * (20 + 3 * words_for(units.size())) : units.size() * (4 + 8 * n);
}

/// What a map's units are to a set of units of the root: their range on each axis, the union over the root's phases.
struct map_range {
    unit_range rows{};
    unit_range columns{};

    constexpr bool operator==(const map_range&) const = default;
};

constexpr heap_array<map_range> ranges_to(const graph& g, std::size_t root, unit_range rows, unit_range columns) {
    heap_array<map_range> ranges(g.layers.size() + 1);
    ranges[root] = {rows, columns};
    for (std::size_t i = root; i-- > 0;) {
        const map_range from = ranges[i + 1];
        if (from.rows.empty() || from.columns.empty()) {
            continue;
        }
        const layer_info& l = g.layers[i];
        const tap_ranges taps = ranges_of(l);
        const map_range to{sources_of(axis_map_of(l, l.rows), from.rows, taps.rows),
                           sources_of(axis_map_of(l, l.columns), from.columns, taps.columns)};
        for (std::size_t map : g.inputs_of(i)) {
            if (g.positions(map)) {
                ranges[map].rows.unite(to.rows);
                ranges[map].columns.unite(to.columns);
            }
        }
    }
    return ranges;
}

/// For each of the root's phases along each axis a set of rows and one of columns: together their products.
struct set_product {
    heap_array<bit_word> rows{};
    heap_array<bit_word> columns{};
};

struct product_list {
    static constexpr std::size_t most = 8;
    heap_array<set_product> items{};
    std::size_t count = 0;
};

constexpr void copy_words(const bit_word* from, bit_word* to, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) {
        to[i] = from[i];
    }
}
constexpr bool same_words(const bit_word* a, const bit_word* b, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}
constexpr heap_array<bit_word> copy_of(const heap_array<bit_word>& from) {
    heap_array<bit_word> to(from.size());
    copy_words(from.data(), to.data(), from.size());
    return to;
}
constexpr bool within(const heap_array<bit_word>& inner, const heap_array<bit_word>& outer) {
    const bit_word *a = inner.data(), *b = outer.data();
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if ((a[i] & ~b[i]) != 0) {
            return false;
        }
    }
    return true;
}
constexpr void unite(heap_array<bit_word>& to, const heap_array<bit_word>& from) {
    bit_word* a = to.data();
    const bit_word* b = from.data();
    for (std::size_t i = 0; i < from.size(); ++i) {
        a[i] |= b[i];
    }
}

/// Adds a product to a union; what lies within another goes, two with equal rows (or columns) become one. False: full.
constexpr bool add_product(product_list& list, set_product p) {
    for (std::size_t j = 0; j < list.count;) {
        set_product& q = list.items[j];
        const bool rows_in = within(p.rows, q.rows), columns_in = within(p.columns, q.columns);
        if (rows_in && columns_in) {
            return true;
        }
        const bool rows_over = within(q.rows, p.rows), columns_over = within(q.columns, p.columns);
        const bool same_rows = rows_in && rows_over, same_columns = columns_in && columns_over;
        if (!(rows_over && columns_over) && !same_rows && !same_columns) {
            ++j;
            continue;
        }
        unite(p.rows, q.rows);
        unite(p.columns, q.columns);
        q = std::move(list.items[--list.count]);
        j = 0;
    }
    if (list.count == product_list::most) {
        return false;
    }
    if (list.count == list.items.size()) {
        heap_array<set_product> larger(list.count == 0 ? 1 : product_list::most);
        for (std::size_t j = 0; j < list.count; ++j) {
            larger[j] = std::move(list.items[j]);
        }
        list.items = std::move(larger);
    }
    list.items[list.count++] = std::move(p);
    return true;
}

/// The sets of one root.
struct root_sets {
    map_place place{};
    map_range input{};     ///< the range of the input's positions, over all phases
    bool exact = true;     ///< as products
    std::size_t work = 0;  ///< steps, as clang counts them
    product_list products{};
    heap_array<bit_word> bits{};  ///< otherwise: phase by phase (rows outside), row by row

    constexpr std::size_t row_words() const { return words_for(input.columns.size()); }
    constexpr std::size_t phase_words() const { return input.rows.size() * row_words(); }
};

constexpr set_product through(const layer_info& l, const tap_set& row_taps, const tap_set& column_taps,
                              const set_product& p, const map_place& phases, const map_range& from, const map_range& to,
                              std::size_t& work) {
    const axis_map rows = axis_map_of(l, l.rows), columns = axis_map_of(l, l.columns);
    const auto one = [&work](const axis_map& step, const tap_set& taps, const heap_array<bit_word>& set,
                             std::int64_t period, unit_range units, unit_range sources) {
        const auto count = static_cast<std::size_t>(period);
        const std::size_t words = words_for(units.size()), to_words = words_for(sources.size());
        heap_array<bit_word> all(count * to_words);
        for (std::size_t u = 0; u < count; ++u) {
            // Neighbouring phases often see the same.
            const bit_word* seen = set.data() + u * words;
            bit_word* next = all.data() + u * to_words;
            if (u > 0 && same_words(seen, seen - words, words)) {
                copy_words(next - to_words, next, to_words);
                work += 20 + 4 * to_words;
            } else {
                work += cost_of_spread(step, taps, units);
                spread(step, taps, seen, units, next, sources);
            }
        }
        return all;
    };
    set_product result;
    result.rows = one(rows, row_taps, p.rows, phases.row_period, from.rows, to.rows);
    const bool square = rows == columns && row_taps == column_taps && from.rows == from.columns &&
                        to.rows == to.columns && p.rows.size() == p.columns.size() &&
                        same_words(p.rows.data(), p.columns.data(), p.rows.size());
    if (square) {
        result.columns = copy_of(result.rows);
    } else {
        result.columns = one(columns, column_taps, p.columns, phases.column_period, from.columns, to.columns);
    }
    return result;
}

/// The same product over another range of the map's units.
constexpr set_product moved(const set_product& p, const map_place& phases, const map_range& from, const map_range& to,
                            std::size_t& work) {
    return through(layer_info{}, tap_set{}, tap_set{}, p, phases, from, to, work);
}

/// The maps' products one after the other. False where too many are needed, or more than `most` steps.
constexpr bool follow_products(const graph& g, std::size_t root, const heap_array<map_range>& ranges, std::size_t most,
                               root_sets& sets) {
    heap_array<product_list> lists(root + 1);
    const map_place& phases = sets.place;
    const auto unit_of_each_phase = [](std::int64_t period) {
        const std::size_t n = static_cast<std::size_t>(period), words = words_for(n);
        heap_array<bit_word> set(n * words);
        for (std::size_t u = 0; u < n; ++u) {
            set[u * words + u / word_bits] = bit_word{1} << (u % word_bits);
        }
        return set;
    };
    set_product own;
    own.rows = unit_of_each_phase(phases.row_period);
    own.columns = unit_of_each_phase(phases.column_period);
    add_product(lists[root], std::move(own));
    for (std::size_t i = root; i-- > 0;) {
        product_list& from = lists[i + 1];
        const layer_info& l = g.layers[i];
        const auto maps = g.inputs_of(i);
        for (std::size_t m = 0; m < maps.size() && from.count > 0; ++m) {
            const std::size_t map = maps[m];
            if (!g.positions(map)) {
                continue;
            }
            product_list& to = lists[map];
            const map_range &here = ranges[i + 1], &there = ranges[map];
            bool fits = true;
            for (std::size_t j = 0; j < from.count && fits && sets.work <= most; ++j) {
                set_product& p = from.items[j];
                sets.work += 50 + (p.rows.size() + p.columns.size()) * 4 * (1 + to.count);
                if (moves_field(l)) {
                    for_each_product(l, [&](const tap_set& rows, const tap_set& columns) {
                        fits = fits && add_product(to, through(l, rows, columns, p, phases, here, there, sets.work));
                    });
                } else if (here != there) {
                    fits = add_product(to, moved(p, phases, here, there, sets.work));
                } else if (m + 1 < maps.size()) {
                    fits = add_product(to, {copy_of(p.rows), copy_of(p.columns)});
                } else {
                    fits = add_product(to, std::move(p));
                }
            }
            if (!fits || sets.work > most) {
                return false;
            }
        }
        from = product_list{};
    }
    sets.products = std::move(lists[0]);
    return true;
}

/// Steps of follow_bits.
constexpr std::size_t cost_of_bits(const graph& g, std::size_t root, const heap_array<map_range>& ranges,
                                   const map_place& phases) {
    std::size_t cost = 0;
    for (std::size_t i = 0; i < root; ++i) {
        const map_range& from = ranges[i + 1];
        const layer_info& l = g.layers[i];
        const std::size_t height = from.rows.size(), words = words_for(from.columns.size());
        if (!moves_field(l) && l.input_count == 1) {
            continue;
        }
        for_each_product(l, [&](const tap_set& rows, const tap_set& columns) {
            const std::size_t a_row = cost_of_spread(axis_map_of(l, l.columns), columns, from.columns) +
                                      rows.count(l.rows.kernel) * (20 + 2 * words) + 80;
            cost += height * a_row * l.input_count;
        });
    }
    // Reading the result: bits are counted, and the classes of what neighbours share.
    cost += ranges[0].rows.size() * (20 + 12 * words_for(ranges[0].columns.size()));
    return cost * static_cast<std::size_t>(phases.row_period * phases.column_period);
}

/// For one phase, bit by bit.
constexpr void follow_bits(const graph& g, std::size_t root, const heap_array<map_range>& ranges, std::int64_t row,
                           std::int64_t column, bit_word* result) {
    heap_array<heap_array<bit_word>> sets(root + 1);
    const auto words_of = [&](std::size_t map) { return words_for(ranges[map].columns.size()); };
    const auto set_of = [&](std::size_t map) {
        if (sets[map].size() == 0) {
            sets[map] = heap_array<bit_word>(ranges[map].rows.size() * words_of(map));
        }
        return sets[map].data();
    };
    const auto bit = static_cast<std::size_t>(column);
    set_of(root)[static_cast<std::size_t>(row) * words_of(root) + bit / word_bits] = bit_word{1} << (bit % word_bits);
    for (std::size_t i = root; i-- > 0;) {
        if (sets[i + 1].size() == 0) {
            continue;
        }
        const layer_info& l = g.layers[i];
        const axis_map rows = axis_map_of(l, l.rows), columns = axis_map_of(l, l.columns);
        const map_range& here = ranges[i + 1];
        const std::size_t words = words_of(i + 1);
        const auto maps = g.inputs_of(i);
        for (std::size_t m = 0; m < maps.size(); ++m) {
            const std::size_t map = maps[m];
            if (!g.positions(map)) {
                continue;
            }
            if (!moves_field(l) && m + 1 == maps.size() && sets[map].size() == 0 && ranges[map] == here) {
                sets[map] = std::move(sets[i + 1]);
                continue;
            }
            const map_range& there = ranges[map];
            const std::size_t to_words = words_of(map);
            const auto step = static_cast<std::int64_t>(to_words);
            bit_word* to = set_of(map);
            for_each_product(l, [&](const tap_set& row_taps, const tap_set& column_taps) {
                heap_array<bit_word> scratch(to_words);
                bit_word* const line = scratch.data();
                const bit_word* from = sets[i + 1].data();
                for (std::size_t y = 0; y < here.rows.size(); ++y, from += words) {
                    std::size_t first = 0, last = to_words;
                    spread(columns, column_taps, from, here.columns, line, there.columns);
                    while (first < last && line[first] == 0) {
                        ++first;
                    }
                    while (first < last && line[last - 1] == 0) {
                        --last;
                    }
                    if (first == last) {
                        continue;
                    }
                    for_each_source(rows, row_taps, here.rows.first + static_cast<std::int64_t>(y),
                                    [&](std::int64_t source) {
                                        bit_word* at = to + (source - there.rows.first) * step;
                                        for (std::size_t w = first; w < last; ++w) {
                                            at[w] |= line[w];
                                        }
                                    });
                    for (std::size_t w = first; w < last; ++w) {
                        line[w] = 0;
                    }
                }
            });
        }
        sets[i + 1] = heap_array<bit_word>{};
    }
    copy_words(sets[0].data(), result, sets[0].size());
}

/// Fills `sets` with those of one root; in at most `most` steps: false where that does not do.
/// (Not returned: g++ 12 deletes twice what an array within a returned constexpr value owns.)
constexpr bool find_sets(const graph& g, std::size_t root, const map_place& place, std::size_t most, root_sets& sets) {
    sets.place = place;
    // Finding places and ranges, some 2,500 steps a layer, and ranges again for each phase.
    sets.work = root * (2'500 + static_cast<std::size_t>(place.row_period + place.column_period) * 100);
    const auto ranges = ranges_to(g, root, {0, place.row_period - 1}, {0, place.column_period - 1});
    sets.input = ranges[0];
    sets.exact = follow_products(g, root, ranges, most, sets);
    if (sets.exact) {
        return true;
    }
    sets.work += cost_of_bits(g, root, ranges, place);
    if (sets.work > most) {
        return false;
    }
    const std::size_t words = sets.phase_words();
    sets.bits = heap_array<bit_word>(words * static_cast<std::size_t>(place.row_period * place.column_period));
    std::size_t phase = 0;
    for (std::int64_t row = 0; row < place.row_period; ++row) {
        for (std::int64_t column = 0; column < place.column_period; ++column) {
            follow_bits(g, root, ranges, row, column, sets.bits.data() + words * phase++);
        }
    }
    return true;
}

/// Adds all phases of a root to a bitmap of offsets from the units' own positions: bit (0, 0) is offset (top, left).
constexpr void add_offsets(const root_sets& s, bit_word* to, std::size_t to_words, std::int64_t top,
                           std::int64_t left) {
    const auto row_phases = static_cast<std::size_t>(s.place.row_period);
    const auto column_phases = static_cast<std::size_t>(s.place.column_period);
    const own_positions own_row(s.place.rows), own_column(s.place.columns);
    const auto down = [&](std::size_t u) { return s.input.rows.first - own_row(static_cast<std::int64_t>(u)) - top; };
    const auto right = [&](std::size_t u) {
        return s.input.columns.first - own_column(static_cast<std::int64_t>(u)) - left;
    };
    const std::size_t words = s.row_words();
    if (!s.exact) {
        const bit_word* phase = s.bits.data();
        for (std::size_t r = 0; r < row_phases; ++r) {
            for (std::size_t c = 0; c < column_phases; ++c, phase += s.phase_words()) {
                for (std::size_t y = 0; y < s.input.rows.size(); ++y) {
                    const bit_word* line = phase + y * words;
                    if (any_bit(line, words, [](std::int64_t) { return true; })) {
                        const std::int64_t row = static_cast<std::int64_t>(y) + down(r);
                        or_shifted(to + row * static_cast<std::int64_t>(to_words), to_words, line, words, right(c));
                    }
                }
            }
        }
        return;
    }
    const std::size_t column_words = words_for(s.input.rows.size());
    for (std::size_t j = 0; j < s.products.count; ++j) {
        heap_array<bit_word> scratch(to_words);
        bit_word* const line = scratch.data();
        for (std::size_t c = 0; c < column_phases; ++c) {
            or_shifted(line, to_words, s.products.items[j].columns.data() + c * words, words, right(c));
        }
        const std::int64_t lowest = down(row_phases - 1);
        heap_array<bit_word> rows(words_for(s.input.rows.size() + static_cast<std::size_t>(down(0) - lowest)));
        for (std::size_t r = 0; r < row_phases; ++r) {
            or_shifted(rows.data(), rows.size(), s.products.items[j].rows.data() + r * column_words, column_words,
                       down(r) - lowest);
        }
        any_bit(rows.data(), rows.size(), [&](std::int64_t y) {
            bit_word* at = to + (y + lowest) * static_cast<std::int64_t>(to_words);
            for (std::size_t w = 0; w < to_words; ++w) {
                at[w] |= line[w];
            }
            return false;
        });
    }
}

/// A range of offsets from the units' own positions that holds all of them.
constexpr map_range box_of(const graph& g, std::size_t root, const map_place& place) {
    map_range box;
    const auto one = [](unit_range& result, unit_range sources, std::int64_t own) {
        if (!sources.empty()) {
            result.unite({sources.first - own, sources.last - own});
        }
    };
    const unit_range rows{0, place.row_period - 1}, columns{0, place.column_period - 1};
    const own_positions own_row(place.rows), own_column(place.columns);
    for (std::int64_t u = 0; u < place.row_period; ++u) {
        one(box.rows, ranges_to(g, root, {u, u}, columns)[0].rows, own_row(u));
    }
    for (std::int64_t u = 0; u < place.column_period; ++u) {
        one(box.columns, ranges_to(g, root, rows, {u, u})[0].columns, own_column(u));
    }
    return box;
}

}  // namespace fovea::detail
