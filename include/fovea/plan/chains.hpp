// SPDX-License-Identifier: BSD-3-Clause
// Which steps of an engine run as one, so that the maps between them never leave the caches? Depthwise layers channel
// by channel; a convolution with the 1x1 layers and pools behind it a few rows at a time.
#pragma once

#include <cstdint>

#include <fovea/plan/machine_model.hpp>
#include <fovea/plan/steps.hpp>

namespace fovea {

/// Steps that run as one. Their maps in between are planes or bands in a thread's scratch, and have no place in the
/// arena.
struct step_chain {
    std::size_t length = 1;   ///< 0: the step is run by one before it
    std::ptrdiff_t rows = 0;  ///< rows of the last map that are made at a time; 0: all of a channel
};

namespace detail {

/// Plans are the same for all instruction sets, and these know of caches alone.
inline constexpr machine_model caches{};

/// Elements of a channel between depthwise steps, of which the rows at work stay in the first-level cache.
inline constexpr std::ptrdiff_t largest_chained_plane = 2 * caches.l1 / static_cast<std::ptrdiff_t>(sizeof(float));
/// Bytes of a map that is not worth bands: it stays in the second-level cache. Depthwise 3x3 and 1x1 on 80 channels of
/// 32x32 (320 KB) take 0.98 of the time, on 64 of 64x64 (1 MB) 0.92 (bench_chains).
inline constexpr std::ptrdiff_t least_chained_map = caches.l2 / 8;
/// Bytes of the bands of a chain where eight rows of its first map fit, and those beyond which it is left alone.
inline constexpr std::ptrdiff_t chained_band = caches.l2 / 8, largest_chained_band = caches.l2 / 2;

template <std::size_t N, std::size_t E>
struct chained_steps {
    step_list<N, E> list{};
    std::array<step_chain, 2 * N> chains{};
};

/// Some of the steps of a plan.
template <std::size_t N>
struct step_set {
    std::array<std::uint64_t, (N + 63) / 64> words{};
    constexpr bool operator==(const step_set&) const = default;
    constexpr bool has(std::size_t k) const { return (words[k / 64] >> k % 64 & 1) != 0; }
    constexpr void set(std::size_t k) { words[k / 64] |= std::uint64_t{1} << k % 64; }
};

/// What steps that might run as one may make use of; N as in step_list.
template <std::size_t N>
struct chain_options {
    step_set<2 * N> winograd{};  ///< steps that go in Winograd's domain, in tiles of several rows
    bool chain_rows = true;      ///< false: every map between steps is whole, but for those of channel chains
    constexpr bool operator==(const chain_options&) const = default;
};

template <std::size_t N, std::size_t E>
class chain_finder {
public:
    constexpr chain_finder(const traced<N, E>& trace, const step_list<N, E>& steps, const chain_options<N>& chosen)
        : t(trace), list(steps), options(chosen) {
        count_readers();
    }
    constexpr void count_readers() {
        readers = {};
        for (std::size_t k = 0; k < list.count; ++k) {
            for (std::size_t n = 0; n < list.steps[k].read_count; ++n) {
                ++readers[list.reads[list.steps[k].first_read + n]];
            }
        }
        for (const std::size_t v : t.outputs()) {
            readers[list.map_of[v]] += 2;
        }
    }

    constexpr step_chain from(std::size_t k) const {
        std::size_t end = k + 1;
        while (by_channel(end - 1) && end < list.count && by_channel(end) && feeds(end - 1, end) &&
               layout_of(shape(end - 1), reach_of(layer(end))).plane <= largest_chained_plane) {
            ++end;
        }
        if (end > k + 1 || !begins_rows(k)) {
            return {end - k, 0};
        }
        step_chain best{};
        for (; end < list.count && by_row(end) && feeds(end - 1, end) &&
               bytes(end - 1, shape(end - 1).height) > least_chained_map;
             ++end) {
            const std::ptrdiff_t rows = rows_of(k, end + 1);
            if (rows == 0) {
                break;
            }
            best = {end + 1 - k, rows};
        }
        return best;
    }

private:
    /// Its padding aside, which a padded one has in its input.
    constexpr const layer_info& layer(std::size_t k) const { return t.layers[list.steps[k].layer]; }
    /// Of what step k gives.
    constexpr const Shape& shape(std::size_t k) const { return list.shapes[list.steps[k].out_map]; }
    constexpr bool is_conv(std::size_t k) const { return list.steps[k].kind == step_kind::conv; }

    /// Is the map of step a read by step b alone, as what it works on?
    constexpr bool feeds(std::size_t a, std::size_t b) const {
        return !list.steps[a].adds && list.steps[b].in_map == list.steps[a].out_map &&
               readers[list.steps[b].in_map] == 1;
    }
    constexpr bool by_channel(std::size_t k) const {
        if (!is_conv(k) || layer(k).groups == 1 || layer(k).patterns.count > 1) {
            return false;
        }
        return geometry_of(layer(k), layout_of(layer(k).input, 0), layout_of(layer(k).output, 0)).is_depthwise();
    }
    /// A convolution whose rows can be made in any order: by direct sums, not in Winograd's tiles.
    constexpr bool begins_rows(std::size_t k) const {
        return options.chain_rows && is_conv(k) && !options.winograd.has(k);
    }
    /// Does row y of step k need just rows of its input that no other one does?
    constexpr bool by_row(std::size_t k) const {
        const layer_info& l = layer(k);
        if (!facts_of(list.steps[k].kind).by_row) {
            return false;
        }
        if (!is_conv(k)) {
            return l.rows.pad_before == 0 && (l.rows.kernel - 1) * l.rows.dilation < l.rows.stride;
        }
        return !options.winograd.has(k) && l.rows.kernel == 1 && l.columns.kernel == 1 && l.rows.stride == 1 &&
               l.columns.stride == 1 && l.input.height == l.output.height && l.input.width == l.output.width &&
               l.rows.pad_before == 0 && l.columns.pad_before == 0;
    }

    /// Of `rows` rows of what step k gives.
    constexpr std::ptrdiff_t bytes(std::size_t k, std::size_t rows) const {
        return signed_of(shape(k).channels * rows) * round_up(signed_of(shape(k).width), map_quantum) *
               static_cast<std::ptrdiff_t>(sizeof(float));
    }
    /// Rows of the last map at a time of a chain of steps [k, end); 0: not worth it.
    constexpr std::ptrdiff_t rows_of(std::size_t k, std::size_t end) const {
        std::size_t factor = 1;   // rows of the first map for each of the last
        std::ptrdiff_t band = 0;  // bytes for each row of the last
        for (std::size_t j = end - 1; j > k; --j) {
            factor *= layer(j).rows.stride;
            band += bytes(j - 1, factor);
        }
        // Depthwise tiles are of eight rows, as far apart as the dilation.
        const std::size_t first = 8 * (by_channel(k) ? layer(k).rows.dilation : 1);
        const std::ptrdiff_t least = signed_of((first + factor - 1) / factor),
                             height = signed_of(shape(end - 1).height);
        std::ptrdiff_t rows = least;
        while ((rows + least) * band <= chained_band) {
            rows += least;
        }
        return rows * band > largest_chained_band || rows >= height ? 0 : rows;
    }

    const traced<N, E>& t;
    const step_list<N, E>& list;
    const chain_options<N>& options;
    std::array<std::size_t, step_list<N, E>::most_maps> readers{};
};

/// The step that wrote over map `from` writes a new one instead; so do all references behind it.
template <std::size_t N, std::size_t E>
constexpr void give_own_map(step_list<N, E>& list, std::size_t k) {
    const std::size_t from = list.steps[k].out_map, to = list.maps++;
    list.shapes[to] = list.shapes[from];
    list.steps[k].out_map = to;
    for (std::size_t j = k + 1; j < list.count; ++j) {
        plan_step& s = list.steps[j];
        for (std::size_t n = 0; n < s.read_count; ++n) {
            std::size_t& read = list.reads[s.first_read + n];
            read = read == from ? to : read;
        }
        s.in_map = s.in_map == from ? to : s.in_map;
        s.out_map = s.out_map == from ? to : s.out_map;
    }
    for (std::size_t v = list.steps[k].layer + 1; v < list.map_of.size(); ++v) {
        list.map_of[v] = list.map_of[v] == from ? to : list.map_of[v];
    }
}

template <std::size_t N, std::size_t E>
constexpr chained_steps<N, E> chain_steps(const traced<N, E>& t, const chain_options<N>& options) {
    chained_steps<N, E> c{.list = make_steps(t)};
    chain_finder<N, E> finder(t, c.list, options);
    for (std::size_t k = 0; k < c.list.count;) {
        const step_chain found = finder.from(k);
        c.chains[k] = found;
        for (std::size_t j = k + 1; j < k + found.length; ++j) {
            c.chains[j].length = 0;
        }
        k += found.length;
        // Rows of its input are still read when the first ones of its output are written.
        if (found.rows > 0 && c.list.steps[k - 1].out_map == c.list.steps[k - found.length].in_map) {
            give_own_map(c.list, k - 1);
            finder.count_readers();
        }
    }
    return c;
}

}  // namespace detail

}  // namespace fovea
