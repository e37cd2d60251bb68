// SPDX-License-Identifier: BSD-3-Clause
// Is a support the set of input positions that a unit's gradient reaches, one by one? Over thousands of random graphs.
#include "random_graph.hpp"

#include <functional>

#include <fovea/infer/effective_field.hpp>

#include "catch.hpp"

using namespace graphs;
namespace detail = fovea::detail;

namespace {

struct found {
    std::vector<std::uint64_t> words;
    detail::support_box box;
    detail::support_facts facts;
    fovea::Support view;
};

void find(const random_graph& g, found& f, std::size_t steps = 20'000'000) {
    f.box = detail::support_box_of(g.view(), g.outputs);
    f.words.assign(f.box.words + 1, 0);
    f.facts = detail::find_support(g.view(), g.outputs, f.box, g.one_dimensional, f.words.data(), steps);
    f.view = fovea::Support{f.words.data(), f.box.row_words, f.facts.box, f.facts.count};
}

std::set<std::size_t> outputs_of(const random_graph& g) { return {g.outputs.begin(), g.outputs.end()}; }

/// Offsets of all phases of all outputs, from whole own positions: less than one from the exact ones.
std::set<position> expected(const random_graph& g) {
    std::set<position> all;
    const auto places = detail::places_of(g.view());
    for (std::size_t map : outputs_of(g)) {
        const detail::own_positions own_row(places[map].rows), own_column(places[map].columns);
        const auto close = [&](long own, long unit, axis_window layer_info::*axis) {
            const double tap = position_of(g, map, static_cast<double>(unit), axis, rule::tap);
            const double place = position_of(g, map, static_cast<double>(unit), axis, rule::place);
            const auto near = [own](double exact) { return std::abs(exact - static_cast<double>(own)) < 1 - 1e-9; };
            return near(tap) || (resampled(g, map, axis) && near(place));
        };
        for (long r = 0; r < places[map].row_period; ++r) {
            for (long c = 0; c < places[map].column_period; ++c) {
                const long down = own_row(r), right = own_column(c);
                REQUIRE(close(down, r, &layer_info::rows));
                REQUIRE(close(right, c, &layer_info::columns));
                for (const auto& [at, weight] : paths_from(g, map, {r, c})) {
                    all.insert({at.first - down, at.second - right});
                }
            }
        }
    }
    return all;
}

/// Units of a patch of the output linked where they see a common position: how many classes in its middle.
std::size_t classes_in_patch(const random_graph& g, std::size_t map, long half, long middle) {
    std::map<position, std::size_t> seen_by;
    std::vector<std::size_t> parent;
    const std::function<std::size_t(std::size_t)> root = [&](std::size_t u) {
        while (parent[u] != u) {
            u = parent[u] = parent[parent[u]];
        }
        return u;
    };
    std::vector<std::size_t> inner;
    for (long y = g.one_dimensional ? 0 : -half; y <= (g.one_dimensional ? 0 : half); ++y) {
        for (long x = -half; x <= half; ++x) {
            const std::size_t u = parent.size();
            parent.push_back(u);
            const auto sees = paths_from(g, map, {y, x});
            for (const auto& [at, weight] : sees) {
                const auto [known, fresh] = seen_by.insert({at, u});
                if (!fresh) {
                    parent[root(u)] = root(known->second);
                }
            }
            if (!sees.empty() && std::abs(y) <= middle && std::abs(x) <= middle) {
                inner.push_back(u);
            }
        }
    }
    std::set<std::size_t> classes;
    for (std::size_t u : inner) {
        classes.insert(root(u));
    }
    return classes.size();
}

}  // namespace

TEST_CASE("A support is what the gradient of a unit reaches", "[support]") {
    std::size_t products = 0, bitwise = 0, phases = 0, holes = 0;
    for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
        generator random(seed);
        const random_graph g = random.make({.strides = seed % 2 == 0,
                                            .resampling = seed % 4 < 2,
                                            .masks = seed % 3 != 0,
                                            .joins = seed % 5 != 0,
                                            .one_dimensional = seed % 7 == 0,
                                            .only_masks = seed % 4 == 3,
                                            .layers = seed % 4 == 3 ? 10 : 7});
        const auto places = detail::places_of(g.view());
        bool small = true, several = false;
        for (std::size_t map : outputs_of(g)) {
            small = small && places[map].row_period * places[map].column_period <= 16;
            several = several || places[map].row_period * places[map].column_period > 1;
            detail::root_sets sets;
            small = small && detail::find_sets(g.view(), map, places[map], 20'000'000, sets);
            ++(sets.exact ? products : bitwise);
        }
        if (!small) {
            continue;
        }
        const std::set<position> all = expected(g);
        if (all.size() > 20'000) {
            continue;
        }
        found f;
        find(g, f);
        CAPTURE(seed);
        REQUIRE(f.facts.fits);
        REQUIRE(f.view.count() == all.size());
        phases += several ? 1 : 0;
        if (all.empty()) {
            continue;
        }
        long top = all.begin()->first, bottom = top, left = all.begin()->second, right = left;
        bool same = true;
        for (const auto& [y, x] : all) {
            top = std::min(top, y);
            bottom = std::max(bottom, y);
            left = std::min(left, x);
            right = std::max(right, x);
            same = same && f.view.contains(y, x);
        }
        REQUIRE(same);
        REQUIRE(f.view.top == top);
        REQUIRE(f.view.left == left);
        REQUIRE(f.view.height == static_cast<std::size_t>(bottom - top + 1));
        REQUIRE(f.view.width == static_cast<std::size_t>(right - left + 1));
        holes += f.view.count() < f.view.height * f.view.width ? 1 : 0;

        // Centroid and variances.
        double n = 0, y1 = 0, x1 = 0, yy = 0, xx = 0, yx = 0;
        for (const auto& [row, column] : all) {
            const auto y = static_cast<double>(row), x = static_cast<double>(column);
            n += 1;
            y1 += y;
            x1 += x;
        }
        for (const auto& [row, column] : all) {
            const double y = static_cast<double>(row) - y1 / n, x = static_cast<double>(column) - x1 / n;
            yy += y * y;
            xx += x * x;
            yx += y * x;
        }
        const fovea::Directionality d = detail::directionality_of(f.view);
        REQUIRE(std::abs(d.row - y1 / n) + std::abs(d.column - x1 / n) < 1e-6);
        REQUIRE(std::abs(d.row_variance - yy / n) + std::abs(d.column_variance - xx / n) < 1e-5);
        REQUIRE(std::abs(d.covariance - yx / n) < 1e-5);
    }
    INFO(products << " " << bitwise << " " << phases << " " << holes);
    CHECK(products > 1'000);
    CHECK(bitwise > 100);
    CHECK(phases > 400);
    CHECK(holes > 500);
}

/// Whether a stride takes every so many units of an upsampled map. receptive_field knows bounds that hold for all
/// phases, and then some do not occur.
bool skips_phases(const random_graph& g) {
    const auto places = detail::places_of(g.view());
    for (const layer_info& l : g.layers) {
        const detail::map_place& from = places[g.edges[l.first_input]];
        if (detail::has_window(l) && (std::gcd(from.row_period, static_cast<long>(l.rows.stride)) > 1 ||
                                      std::gcd(from.column_period, static_cast<long>(l.columns.stride)) > 1)) {
            return true;
        }
    }
    return false;
}

TEST_CASE("The receptive field is what is seen from exact positions, rounded outwards once", "[support]") {
    std::size_t compared = 0, bounded = 0, between = 0, back = 0;
    for (std::uint64_t seed = 10'000; seed < 14'000; ++seed) {
        generator random(seed);
        random_graph g = random.make(
            {.resampling = seed % 4 != 0, .joins = seed % 3 != 0, .one_dimensional = seed % 5 < 2, .layers = 7});
        g.outputs.resize(1);
        const std::size_t map = g.outputs[0];
        const auto places = detail::places_of(g.view());
        const detail::map_place& p = places[map];
        if (p.row_period * p.column_period > 16) {
            continue;
        }
        found f;
        find(g, f);
        if (!f.facts.fits || f.view.count() == 0) {
            continue;
        }
        CAPTURE(seed);
        const auto check = [&](axis_window layer_info::*axis, const detail::axis_path& path, std::int64_t first,
                               std::size_t count, double rest) {
            const fovea::axis_field field = detail::field_of(path);
            const seen_along from_tap = seen(g, map, axis, p.row_period, p.column_period, rule::tap);
            const bool at_tap =
                !resampled(g, map, axis) || (skips_phases(g) ? path.looks_back() : from_tap.last < 1e-9);
            const seen_along exact = at_tap ? from_tap : seen(g, map, axis, p.row_period, p.column_period, rule::place);
            const auto outwards = [](double x) { return static_cast<std::size_t>(std::max(0.0, std::ceil(x - 1e-9))); };
            const std::int64_t last = first + static_cast<std::int64_t>(count) - 1;
            CAPTURE(exact.first, exact.last, field.before, field.after, field.size, first, last);
            if (skips_phases(g)) {
                CHECK(field.before >= outwards(-exact.first));
                CHECK(field.after >= outwards(exact.last));
                CHECK(field.size >= count);
                ++bounded;
                return;
            }
            CHECK(field.before == outwards(-exact.first));
            CHECK(field.after == outwards(exact.last));
            CHECK(path.looks_back() == (from_tap.last < 1e-9));
            const auto size = static_cast<std::int64_t>(std::floor(exact.last - exact.first + 1e-9)) + 1;
            CHECK(static_cast<std::int64_t>(field.size) == size);
            // The support in whole positions: not a position more, and nothing beyond the extents.
            CHECK(count == field.size);
            CHECK(static_cast<double>(first) >= std::floor(exact.first + 1e-9));
            CHECK(static_cast<double>(last) <= std::ceil(exact.last - 1e-9));
            const detail::own_positions own(path);
            const double units = 64 * 27;  // whole repeats
            double behind = 0;
            for (double u = 0; u < units; ++u) {
                behind += static_cast<double>(own(static_cast<long>(u))) -
                          position_of(g, map, u, axis, at_tap ? rule::tap : rule::place);
            }
            CHECK(std::abs(rest - behind / units) < 1e-9);
            between += field.size < field.before + field.after + 1 ? 1 : 0;
            back += at_tap && resampled(g, map, axis) ? 1 : 0;
            ++compared;
        };
        check(&layer_info::rows, p.rows, f.view.top, f.view.height, f.facts.row_rest);
        check(&layer_info::columns, p.columns, f.view.left, f.view.width, f.facts.column_rest);
    }
    CHECK(compared > 4'000);
    CHECK(bounded > 50);
    CHECK(between > 300);
    CHECK(back > 30);
}

TEST_CASE("Maps are aligned where the exact centres of their units are equal", "[support]") {
    std::size_t equal = 0, apart = 0, held = 0;
    for (std::uint64_t seed = 15'000; seed < 18'000; ++seed) {
        generator random(seed);
        const random_graph g = random.make({.one_dimensional = true, .layers = 8});
        const auto places = detail::places_of(g.view());
        if (skips_phases(g)) {
            continue;
        }
        for (const layer_info& l : g.layers) {
            const std::size_t a = g.edges[l.first_input];
            for (std::size_t n = 1; n < l.input_count; ++n) {
                const std::size_t b = g.edges[l.first_input + n];
                if (places[a].column_period > 16 || places[b].column_period > 16) {
                    continue;
                }
                const auto same = [&](rule by) {
                    return std::abs(position_of(g, a, 0, &layer_info::columns, by) -
                                    position_of(g, b, 0, &layer_info::columns, by)) < 1e-9;
                };
                const auto looks_back = [&](std::size_t map) {
                    return seen(g, map, &layer_info::columns, 1, places[map].column_period, rule::tap).last < 1e-9;
                };
                const bool centres = same(rule::centre);
                const bool taps = same(rule::tap) && looks_back(a) && looks_back(b);
                CAPTURE(seed, a, b);
                CHECK(detail::same_centre(places[a].columns, places[b].columns) == (centres || taps));
                equal += centres ? 1 : 0;
                held += taps && !centres ? 1 : 0;
                apart += centres || taps ? 0 : 1;
            }
        }
    }
    CHECK(equal > 500);
    CHECK(apart > 300);
    CHECK(held > 3);
}

TEST_CASE("Independent subnets are the classes of units that share nothing", "[support]") {
    std::map<std::size_t, int> seen;
    for (std::uint64_t seed = 20'000; seed < 20'900; ++seed) {
        generator random(seed);
        random_graph g = random.make({.strides = seed % 2 == 0,
                                      .resampling = seed % 5 == 0,
                                      .masks = seed % 3 != 0,
                                      .joins = seed % 5 != 0,
                                      .one_dimensional = seed % 3 == 0,
                                      .layers = 4});
        g.outputs.resize(1);
        const auto places = detail::places_of(g.view());
        const detail::map_place& p = places[g.outputs[0]];
        if (p.row_period * p.column_period > 9) {
            continue;
        }
        found f;
        find(g, f);
        if (!f.facts.fits || f.view.count() == 0 || f.view.count() > 100 || f.view.height > 30 || f.view.width > 30) {
            continue;
        }
        // A patch so large that links through its edge change nothing in the middle.
        const long half = g.one_dimensional ? 120 : 22, middle = g.one_dimensional ? 20 : 6;
        const std::size_t inside = classes_in_patch(g, g.outputs[0], half, middle);
        CAPTURE(seed, f.view.height, f.view.width, f.view.count());
        if (f.facts.subnets == 0) {
            CHECK(inside >= static_cast<std::size_t>(middle) / 3);
        } else {
            CHECK(inside == f.facts.subnets);
        }
        ++seen[f.facts.subnets];
    }
    CHECK(seen[0] > 50);
    CHECK(seen[1] > 100);
    CHECK(seen[2] > 10);
    CHECK(seen[4] > 1);
}

TEST_CASE("The effective field is the spread of the tap paths", "[support]") {
    int compared = 0;
    for (std::uint64_t seed = 30'000; seed < 32'000; ++seed) {
        generator random(seed);
        random_graph g = random.make({.strides = seed % 2 == 0,
                                      .resampling = seed % 2 == 1,
                                      .masks = seed % 3 != 0,
                                      .joins = seed % 5 != 0,
                                      .one_dimensional = seed % 7 == 0,
                                      .layers = 6});
        g.outputs.resize(1);
        const std::size_t map = g.outputs[0];
        const auto places = detail::places_of(g.view());
        const detail::map_place& p = places[map];
        if (p.row_period * p.column_period > 16) {
            continue;
        }
        double n = 0, y1 = 0, x1 = 0, yy = 0, xx = 0;
        for (long r = 0; r < p.row_period; ++r) {
            for (long c = 0; c < p.column_period; ++c) {
                const double jump_y = static_cast<double>(p.rows.jump) / static_cast<double>(p.rows.grid);
                const double jump_x = static_cast<double>(p.columns.jump) / static_cast<double>(p.columns.grid);
                for (const auto& [at, weight] : paths_from(g, map, {r, c})) {
                    const double y = static_cast<double>(at.first) - static_cast<double>(r) * jump_y;
                    const double x = static_cast<double>(at.second) - static_cast<double>(c) * jump_x;
                    n += weight;
                    y1 += weight * y;
                    x1 += weight * x;
                    yy += weight * y * y;
                    xx += weight * x * x;
                }
            }
        }
        const auto spreads = detail::spreads_of(g.view(), places);
        const detail::path_spread& s = spreads[map];
        const double phases = static_cast<double>(p.row_period * p.column_period);
        CAPTURE(seed);
        CHECK(std::abs(s.count - n / phases) < 1e-9 * n);
        CHECK(std::abs(s.row - y1 / n) + std::abs(s.column - x1 / n) < 1e-6);
        CHECK(std::abs(s.row_variance - (yy / n - y1 / n * y1 / n)) < 1e-5);
        CHECK(std::abs(s.column_variance - (xx / n - x1 / n * x1 / n)) < 1e-5);
        ++compared;
    }
    CHECK(compared > 1'000);
}
