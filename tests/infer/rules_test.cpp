// SPDX-License-Identifier: BSD-3-Clause
// Do the closed rules of stacks and of paths hold? Against sets, and against paths taken one by one.
#include <fovea/infer/border.hpp>

#include "catch.hpp"
#include "random_graph.hpp"

using namespace graphs;
namespace detail = fovea::detail;

namespace {

/// A 1-D stack's support: its box and its count.
fovea::detail::support_facts stack(const std::vector<std::pair<int, int>>& kernels_dilations) {
    random_graph g;
    g.one_dimensional = true;
    for (const auto& [kernel, dilation] : kernels_dilations) {
        layer_info l;
        l.kind = brick_kind::conv;
        l.columns.kernel = static_cast<std::size_t>(kernel);
        l.columns.dilation = static_cast<std::size_t>(dilation);
        l.first_input = g.edges.size();
        g.edges.push_back(g.layers.size());
        g.layers.push_back(l);
    }
    g.outputs.push_back(g.layers.size());
    const auto box = detail::support_box_of(g.view(), g.outputs);
    std::vector<std::uint64_t> words(box.words);
    return detail::find_support(g.view(), g.outputs, box, true, words.data());
}

/// Sizes of the field along every path, without masks or resampling: 1 + the sum of (k - 1) d J.
void sizes_of_paths(const random_graph& g, std::size_t map, axis_window layer_info::*axis, std::size_t beyond,
                    std::set<std::size_t>& sizes) {
    if (map == 0) {
        sizes.insert(1 + beyond);
        return;
    }
    const layer_info& l = g.layers[map - 1];
    const axis_window& w = l.*axis;
    for (std::size_t n = 0; n < l.input_count; ++n) {
        sizes_of_paths(g, g.edges[l.first_input + n], axis, beyond * w.stride + (has_kernel(l) ? w.span() : 0), sizes);
    }
}

}  // namespace

TEST_CASE("A stack has holes where a dilation exceeds what the smaller ones see", "[rules]") {
    generator random(1);
    int holes = 0;
    for (int i = 0; i < 4'000; ++i) {
        std::vector<std::pair<int, int>> layers;
        const int count = 1 + random.below(5);
        for (int l = 0; l < count; ++l) {
            layers.emplace_back(2 + random.below(4), 1 + random.below(9));
        }
        const detail::support_facts f = stack(layers);
        std::sort(layers.begin(), layers.end(), [](auto a, auto b) { return a.second < b.second; });
        int reach = 1, common = 0;
        bool free = true;
        for (const auto& [kernel, dilation] : layers) {
            free = free && dilation <= reach;
            reach += (kernel - 1) * dilation;
            common = std::gcd(common, dilation);
        }
        REQUIRE(f.box.columns.size() == static_cast<std::size_t>(reach));
        REQUIRE((f.count == f.box.columns.size()) == free);
        REQUIRE(f.subnets == static_cast<std::size_t>(common));
        holes += free ? 0 : 1;
    }
    CHECK(holes > 500);
    CHECK(holes < 3'500);
}

TEST_CASE("The least and the most that a path sees", "[rules]") {
    int differ = 0;
    for (std::uint64_t seed = 50'000; seed < 53'000; ++seed) {
        generator random(seed);
        random_graph g = random.make({.resampling = false, .masks = false, .layers = 8});
        g.outputs.resize(1);
        std::set<std::size_t> rows, columns;
        sizes_of_paths(g, g.outputs[0], &layer_info::rows, 0, rows);
        sizes_of_paths(g, g.outputs[0], &layer_info::columns, 0, columns);
        const auto least = detail::field_of_one_path(g.view(), false, false);
        const auto most = detail::field_of_one_path(g.view(), true, false);
        const auto places = detail::places_of(g.view());
        CAPTURE(seed);
        REQUIRE(least == fovea::Extent(*rows.begin(), *columns.begin()));
        REQUIRE(most == fovea::Extent(*rows.rbegin(), *columns.rbegin()));
        REQUIRE(detail::field_of(places[g.outputs[0]].rows).least == *rows.begin());
        REQUIRE(detail::field_of(places[g.outputs[0]].columns).least == *columns.begin());
        differ += least == most ? 0 : 1;
    }
    CHECK(differ > 500);
}

TEST_CASE("Valid taps are those inside the map", "[rules]") {
    generator random(3);
    for (int i = 0; i < 3'000; ++i) {
        layer_info l;
        l.kind = i % 5 == 0 ? brick_kind::average_pool : brick_kind::conv;
        l.input = {1, static_cast<std::size_t>(1 + random.below(12)), static_cast<std::size_t>(1 + random.below(12))};
        l.output = {2, 0, 0};
        l.rows = detail::resolve_axis(l.input.height, 3, 1 + random.below(6), 1 + random.below(3), 0,
                                      padding_rule::same, l.output.height);
        l.columns = detail::resolve_axis(l.input.width, 3, 1 + random.below(6), 1 + random.below(3), 0,
                                         padding_rule::causal, l.output.width);
        if (i % 3 == 0 && l.kind == brick_kind::conv) {
            const auto& list = pattern_lists()[static_cast<std::size_t>(i) % pattern_lists().size()];
            l.patterns = {list.data(), list.size()};
        }
        double inside = 0, all = 0;
        for (std::size_t c = 0; c < l.output.channels; ++c) {
            for (std::size_t t = 0; t < 9; ++t) {
                if (!fovea::taps_of(l, c).has(t)) {
                    continue;
                }
                for (long y = 0; y < static_cast<long>(l.output.height); ++y) {
                    for (long x = 0; x < static_cast<long>(l.output.width); ++x) {
                        const long row = read_by(l, l.rows, y)[t / 3].first,
                                   column = read_by(l, l.columns, x)[t % 3].first;
                        all += 1;
                        inside += row >= 0 && row < static_cast<long>(l.input.height) && column >= 0 &&
                                          column < static_cast<long>(l.input.width)
                                      ? 1
                                      : 0;
                    }
                }
            }
        }
        REQUIRE(detail::valid_share(l) == Approx(inside / all));
    }
}

TEST_CASE("Classes of units in phases that repeat", "[rules]") {
    generator random(4);
    std::map<std::size_t, int> counts;
    for (int i = 0; i < 4'000; ++i) {
        const long step = 1 + random.below(4), repeats = 60, middle = 20;
        const auto phases = static_cast<std::size_t>(1 + random.below(4));
        std::vector<std::vector<long>> seen(phases);
        detail::unit_classes classes(phases, 1, step);
        for (std::size_t p = 0; p < phases; ++p) {
            for (int n = 1 + random.below(3); n > 0; --n) {
                seen[p].push_back(random.below(9));
                classes.add(p, 0, seen[p].back());
            }
        }
        classes.join_rows();
        // Unit p + phases * q sees what phase p does, q steps further.
        std::map<long, std::size_t> seen_by;
        std::vector<std::size_t> parent;
        const auto root = [&](std::size_t u) {
            while (parent[u] != u) {
                u = parent[u];
            }
            return u;
        };
        std::set<std::size_t> inner;
        for (long q = -repeats; q <= repeats; ++q) {
            for (const auto& positions : seen) {
                const std::size_t u = parent.size();
                parent.push_back(u);
                for (long x : positions) {
                    const std::size_t other = root(seen_by.insert({x + q * step, u}).first->second);
                    parent[root(u)] = other;
                }
            }
        }
        for (long q = -middle; q <= middle; ++q) {
            for (std::size_t p = 0; p < phases; ++p) {
                inner.insert(root(static_cast<std::size_t>(q + repeats) * phases + p));
            }
        }
        CAPTURE(i, step, phases);
        if (classes.count() == 0) {
            REQUIRE(inner.size() >= 10);
        } else {
            REQUIRE(inner.size() == classes.count());
        }
        REQUIRE(classes.one(true) == (classes.count() == 1));
        ++counts[classes.count()];
    }
    CHECK(counts[0] > 200);
    CHECK(counts[1] > 500);
    CHECK(counts[2] > 100);
    CHECK(counts[3] > 20);
}
