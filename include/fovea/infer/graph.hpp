// SPDX-License-Identifier: BSD-3-Clause
// How do units of one map lead to units of the map before? Plain functions over a network's records; they know no
// types, so that tests can ask them about graphs made at run time.
#pragma once

#include <span>

#include <fovea/infer/trace.hpp>

namespace fovea::detail {

/// Owned elements, T{} at first. (std::vector is not constexpr with clang 14.)
template <class T>
class heap_array {
public:
    constexpr heap_array() = default;
    constexpr explicit heap_array(std::size_t size) : data_(new T[size]{}), size_(size) {}
    constexpr heap_array(heap_array&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    constexpr heap_array& operator=(heap_array&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    constexpr ~heap_array() { delete[] data_; }

    constexpr T* data() { return data_; }
    constexpr const T* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr T& operator[](std::size_t i) { return data_[i]; }
    constexpr const T& operator[](std::size_t i) const { return data_[i]; }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Layers in data-flow order, the maps they read and the outputs, as in `traced`.
struct graph {
    std::span<const layer_info> layers{};
    std::span<const std::size_t> edges{};
    std::span<const std::size_t> outputs{};

    constexpr std::span<const std::size_t> inputs_of(std::size_t layer) const {
        return edges.subspan(layers[layer].first_input, layers[layer].input_count);
    }
    /// Whether the units of a map are positions of the input.
    constexpr bool positions(std::size_t map) const { return map == 0 || layers[map - 1].positions; }
};

template <std::size_t N, std::size_t M>
constexpr graph graph_of(const traced<N, M>& t) {
    return {t.layers, t.edges, t.outputs()};
}

/// What a layer does along one axis.
struct axis_map {
    enum way : unsigned char { identity, window, transposed, nearest, bilinear };
    way how = identity;
    std::int64_t kernel = 1;
    std::int64_t dilation = 1;
    std::int64_t stride = 1;
    std::int64_t pad = 0;

    constexpr bool operator==(const axis_map&) const = default;
};

constexpr axis_map axis_map_of(const layer_info& l, const axis_window& w) {
    const auto stride = static_cast<std::int64_t>(w.stride);
    const auto window = [&](axis_map::way how) {
        return axis_map{how, static_cast<std::int64_t>(w.kernel), static_cast<std::int64_t>(w.dilation), stride,
                        static_cast<std::int64_t>(w.pad_before)};
    };
    switch (facts_of(l).view) {
        case brick_view::position:
        case brick_view::whole_map: return {};
        case brick_view::window: return window(axis_map::window);
        case brick_view::transposed: return window(axis_map::transposed);
        case brick_view::resampled:
            return {.how = stride == 1  ? axis_map::identity
                           : l.bilinear ? axis_map::bilinear
                                        : axis_map::nearest,
                    .stride = stride};
    }
    missing_rule();
}

/// Taps of an axis, or of a kernel row by row: those of any output channel. (In front of a depthwise convolution a
/// channel may see less: the union is taken over all of them.)
constexpr tap_set taps_of_any_output(const layer_info& l) {
    tap_set all = tap_set::none();
    for_each_pattern(l, [&](const tap_set& taps, std::size_t) { all.unite(taps); });
    return all;
}

/// A kernel as a union of products, rows x columns of it: calls f(rows, columns), once for a full kernel.
template <class F>
constexpr void for_each_product(const layer_info& l, F f) {
    const tap_set taps = taps_of_any_output(l);
    if (taps.all) {
        f(tap_set{}, tap_set{});
        return;
    }
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    const auto row = [&](std::size_t r) {
        tap_set s = tap_set::none();
        for (std::size_t c = 0; c < columns; ++c) {
            if (taps.has(r * columns + c)) {
                s.add(c);
            }
        }
        return s;
    };
    tap_set done = tap_set::none();
    for (std::size_t r = 0; r < rows; ++r) {
        const tap_set first = row(r);
        if (done.has(r) || first == tap_set::none()) {
            continue;
        }
        tap_set equal = tap_set::none();
        for (std::size_t other = r; other < rows; ++other) {
            if (row(other) == first) {
                equal.add(other);
                done.add(other);
            }
        }
        f(equal, first);
    }
}

/// Calls f with every unit of the map before that unit `o` reads.
template <class F>
constexpr void for_each_source(const axis_map& s, const tap_set& taps, std::int64_t o, F f) {
    switch (s.how) {
        case axis_map::identity: f(o); break;
        case axis_map::window:
            for (std::int64_t t = 0; t < s.kernel; ++t) {
                if (taps.has(static_cast<std::size_t>(t))) {
                    f(o * s.stride - s.pad + t * s.dilation);
                }
            }
            break;
        case axis_map::transposed: {
            const std::int64_t first = o + s.pad - floor_of(o + s.pad, s.stride) * s.stride;
            const bool dense = s.dilation == 1;
            for (std::int64_t t = dense ? first : 0; t < s.kernel; t += dense ? s.stride : 1) {
                if ((o + s.pad - t * s.dilation) % s.stride == 0) {
                    f((o + s.pad - t * s.dilation) / s.stride);
                }
            }
            break;
        }
        case axis_map::nearest: f(floor_of(o, s.stride)); break;
        case axis_map::bilinear: {
            const std::int64_t centre = 2 * o + 1 - s.stride, unit = 2 * s.stride, first = floor_of(centre, unit);
            f(first);
            if (first * unit != centre) {
                f(first + 1);
            }
            break;
        }
    }
}

/// Units first .. last of a map.
struct unit_range {
    std::int64_t first = 0;
    std::int64_t last = -1;

    constexpr bool operator==(const unit_range&) const = default;
    constexpr bool empty() const { return last < first; }
    constexpr std::size_t size() const { return empty() ? 0 : static_cast<std::size_t>(last - first + 1); }
    constexpr void unite(const unit_range& r) {
        if (empty()) {
            *this = r;
        } else if (!r.empty()) {
            first = r.first < first ? r.first : first;
            last = r.last > last ? r.last : last;
        }
    }
};

/// What the units of a range read at most.
constexpr unit_range sources_of(const axis_map& s, unit_range o, tap_range taps) {
    if (o.empty()) {
        return o;
    }
    const std::int64_t near = static_cast<std::int64_t>(taps.first) * s.dilation - s.pad;
    const std::int64_t far = static_cast<std::int64_t>(taps.last) * s.dilation - s.pad;
    switch (s.how) {
        case axis_map::window: return {o.first * s.stride + near, o.last * s.stride + far};
        case axis_map::transposed: return {ceil_of(o.first - far, s.stride), floor_of(o.last - near, s.stride)};
        case axis_map::nearest: return {floor_of(o.first, s.stride), floor_of(o.last, s.stride)};
        case axis_map::bilinear:
            return {floor_of(2 * o.first + 1 - s.stride, 2 * s.stride),
                    ceil_of(2 * o.last + 1 - s.stride, 2 * s.stride)};
        case axis_map::identity: return o;
    }
    missing_rule();
}

/// Where a map's units stand, and after how many of them what they see repeats, shifted by a whole number of positions.
struct map_place {
    axis_path rows{};
    axis_path columns{};
    std::int64_t row_period = 1;
    std::int64_t column_period = 1;
};

/// Of the maps of positions; `meet` says what two paths are together.
template <class Meet>
constexpr heap_array<map_place> places_of(const graph& g, Meet meet) {
    heap_array<map_place> places(g.layers.size() + 1);
    const auto advance = [](axis_path& p, std::int64_t& period, const layer_info& l, const axis_window& w,
                            tap_range taps) {
        const axis_map s = axis_map_of(l, w);
        switch (s.how) {
            case axis_map::identity: return;
            case axis_map::window:
                p = through_window(p, w, l.padding, taps);
                period /= std::gcd(period, s.stride);
                return;
            case axis_map::transposed: p = through_transposed(p, w, l.padding); break;
            case axis_map::nearest:
            case axis_map::bilinear: p = through_upsample(p, s.stride, s.how == axis_map::bilinear); break;
        }
        period = axis_path::clamp(period * s.stride);
    };
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        map_place& p = places[i + 1];
        bool first = true;
        for (std::size_t map : g.inputs_of(i)) {
            if (!g.positions(map)) {
                continue;
            }
            const map_place& q = places[map];
            if (first) {
                p = q;
                first = false;
            } else {
                p.rows = meet(p.rows, q.rows);
                p.columns = meet(p.columns, q.columns);
                p.row_period = axis_path::clamp(std::lcm(p.row_period, q.row_period));
                p.column_period = axis_path::clamp(std::lcm(p.column_period, q.column_period));
            }
        }
        if (l.positions) {
            const tap_ranges r = ranges_of(l);
            advance(p.rows, p.row_period, l, l.rows, r.rows);
            advance(p.columns, p.column_period, l, l.columns, r.columns);
        }
    }
    return places;
}

constexpr heap_array<map_place> places_of(const graph& g) { return places_of(g, united); }

/// The maps of positions that lead to `targets`: themselves, or where they are behind GAP or Dense, the last before.
/// `marks[map]` is then true.
constexpr void mark_roots(const graph& g, std::span<const std::size_t> targets, heap_array<bool>& marks) {
    for (std::size_t map : targets) {
        marks[map] = true;
    }
    for (std::size_t i = g.layers.size(); i-- > 0;) {
        if (marks[i + 1] && !g.positions(i + 1)) {
            marks[i + 1] = false;
            for (std::size_t map : g.inputs_of(i)) {
                marks[map] = true;
            }
        }
    }
}

/// What lies between the input and the roots of `targets`, without the layers that leave every unit where it is; each
/// of the outputs is one root.
class condensed {
public:
    constexpr condensed(const graph& g, std::span<const std::size_t> targets)
        : layers_(g.layers.size()), edges_(g.edges.size() + g.layers.size() + 1) {
        heap_array<bool> marks(g.layers.size() + 1);
        mark_roots(g, targets, marks);
        heap_array<std::size_t> same(g.layers.size() + 1);  // the map of which a map is a copy
        for (std::size_t i = 0; i < g.layers.size(); ++i) {
            const layer_info& l = g.layers[i];
            if (!l.positions) {
                continue;
            }
            const std::size_t first = edge_;
            for (std::size_t map : g.inputs_of(i)) {
                if (g.positions(map) && (edge_ == first || edges_[edge_ - 1] != same[map])) {
                    edges_[edge_++] = same[map];
                }
            }
            if (!moves_field(l) && edge_ == first + 1) {
                same[i + 1] = edges_[first];
                edge_ = first;
                continue;
            }
            layers_[layer_] = l;
            layers_[layer_].first_input = first;
            layers_[layer_].input_count = edge_ - first;
            same[i + 1] = ++layer_;
        }
        first_output_ = edge_;
        heap_array<bool> taken(layer_ + 1);
        for (std::size_t map = 0; map < marks.size(); ++map) {
            if (marks[map] && !taken[same[map]]) {
                taken[same[map]] = true;
                edges_[edge_++] = same[map];
            }
        }
    }
    constexpr graph view() const {
        const std::span<const std::size_t> all{edges_.data(), edge_};
        return {{layers_.data(), layer_}, all, all.subspan(first_output_)};
    }

private:
    heap_array<layer_info> layers_;
    heap_array<std::size_t> edges_;
    std::size_t layer_ = 0;
    std::size_t edge_ = 0;
    std::size_t first_output_ = 0;
};

}  // namespace fovea::detail
