// SPDX-License-Identifier: BSD-3-Clause
// Are lints right? Against positions that are followed tap by tap, over random stacks; and their remedies mend.
#include <random>
#include <set>
#include <vector>

#include <fovea/infer/lints.hpp>

#include "catch.hpp"

using namespace fovea;

namespace {

constexpr std::size_t most = 6;

struct conv {
    int kernel = 3;
    int dilation = 1;
    int stride = 1;
};

/// A network of up to six convolutions, filled up with Identity, made while the program runs.
class stack {
public:
    stack(const std::vector<conv>& convs, Shape input, bool one_dimensional = false) {
        for (std::size_t i = 0; i < most; ++i) {
            if (i < convs.size()) {
                const auto [k, d, s] = convs[i];
                specs_[i] = detail::brick_spec{.kind = brick_kind::conv, .name = "Conv"};
                specs_[i].kernel = {one_dimensional ? 1 : k, k, 1};
                specs_[i].dilation = {one_dimensional ? 1 : d, d, 1};
                specs_[i].stride = {one_dimensional ? 1 : s, s, 1};
            }
            entries_[i].spec = &specs_[i];
        }
        trace_ = detail::walk<most, most + 1>(entries_, "", input, one_dimensional);
        REQUIRE(!trace_.error);
        const detail::graph g = detail::graph_of(trace_);
        const detail::support_box box = detail::support_box_of(g, trace_.outputs());
        words_.resize(box.words);
        const detail::support_facts facts =
            detail::find_support(g, trace_.outputs(), box, one_dimensional, words_.data());
        REQUIRE(facts.fits);
        subject_ = {g,
                    input,
                    one_dimensional,
                    true,
                    Support{words_.data(), box.row_words, facts.box, facts.count},
                    facts.subnets};
        detail::lint_sink sink;
        detail::find_lints(subject_, sink);
        records_.resize(sink.count);
        sink = {records_.data()};
        detail::find_lints(subject_, sink);
        REQUIRE(sink.count == records_.size());
    }
    stack(const stack&) = delete;

    std::vector<detail::lint_record> of(lint rule) const {
        std::vector<detail::lint_record> found;
        for (const detail::lint_record& r : records_) {
            if (detail::words_of(r.form).rule == rule) {
                found.push_back(r);
            }
        }
        return found;
    }
    const layer_info& layer(std::size_t i) const { return trace_.layers[i]; }

private:
    std::array<detail::brick_spec, most> specs_{};
    std::array<detail::entry, most> entries_{};
    detail::traced<most, most + 1> trace_{};
    std::vector<detail::bit_word> words_{};
    detail::lint_subject subject_{};
    std::vector<detail::lint_record> records_{};
};

/// Whether some position between the first and the last that a unit reaches is not reached.
bool has_holes(const std::vector<conv>& convs) {
    std::set<int> at{0};
    for (auto c = convs.rbegin(); c != convs.rend(); ++c) {
        std::set<int> next;
        for (int u : at) {
            for (int k = 0; k < c->kernel; ++k) {
                next.insert(u * c->stride + k * c->dilation);
            }
        }
        at = next;
    }
    return static_cast<int>(at.size()) != *at.rbegin() - *at.begin() + 1;
}

struct randomly {
    std::mt19937 engine;
    int in(int from, int to) { return std::uniform_int_distribution<int>(from, to)(engine); }
};

}  // namespace

TEST_CASE("gridding is found exactly where positions are skipped, and its remedies are the largest that mend") {
    randomly random{std::mt19937{7}};
    int holes = 0, mended_networks = 0, strided = 0;
    for (int round = 0; round < 4'000; ++round) {
        const bool one_dimensional = random.in(0, 1) == 1, strides = random.in(0, 3) == 0;
        std::vector<conv> convs(static_cast<std::size_t>(random.in(1, 5)));
        for (conv& c : convs) {
            c = {random.in(1, 5), random.in(1, 7), strides ? random.in(1, 2) : 1};
        }
        const Shape input{1, one_dimensional ? std::size_t{1} : std::size_t{64}, 64};
        const auto found = stack(convs, input, one_dimensional).of(lint::gridding);
        REQUIRE(found.empty() == !has_holes(convs));
        if (found.empty()) {
            continue;
        }
        ++holes;
        bool bridged = true;
        std::vector<conv> mended = convs;
        for (const auto& r : found) {
            bridged = bridged && r.form == detail::lint_form::gridding;
            mended[r.layer].dilation = r.numbers[7];
            REQUIRE((!bridged || r.numbers[7] < convs[r.layer].dilation));
        }
        if (!bridged) {
            ++strided;
            continue;
        }
        ++mended_networks;
        REQUIRE(!has_holes(mended));
        REQUIRE(stack(mended, input, one_dimensional).of(lint::gridding).empty());
        for (const auto& r : found) {
            std::vector<conv> larger = mended;
            ++larger[r.layer].dilation;
            REQUIRE((strides || has_holes(larger)));
        }
    }
    CHECK((holes > 1'000 && mended_networks > 1'000 && strided > 20));
}

TEST_CASE("the HDC rule agrees with holes for schedules that rise from 1, and its remedies pass") {
    int found_some = 0;
    for (int a = 1; a <= 8; ++a) {
        for (int b = a; b <= 8; ++b) {
            for (int c = b; c <= 8; ++c) {
                const std::vector<conv> convs{{3, 1}, {3, a}, {3, b}, {3, c}};
                const auto found = stack(convs, {1, 1, 64}, true).of(lint::hdc_rule);
                REQUIRE(found.empty() == !has_holes(convs));
                for (const auto& r : found) {
                    ++found_some;
                    std::vector<conv> mended = convs;
                    if (r.form == detail::lint_form::hdc_rule) {
                        mended[r.other].dilation = r.numbers[9];
                    } else {
                        const auto schedule = detail::find_dilations<4>(static_cast<std::size_t>(r.numbers[9]), 3);
                        REQUIRE((schedule.exists && r.numbers[8] == 4));
                        for (std::size_t i = 0; i < 4; ++i) {
                            mended[i].dilation = schedule[i];
                        }
                    }
                    REQUIRE(stack(mended, {1, 1, 64}, true).of(lint::hdc_rule).empty());
                }
            }
        }
    }
    CHECK(found_some > 20);
}

TEST_CASE("taps in the padding are counted one by one") {
    randomly random{std::mt19937{8}};
    int rates = 0, wasteful = 0;
    for (int round = 0; round < 1'000; ++round) {
        std::vector<conv> convs(static_cast<std::size_t>(random.in(1, 3)));
        for (conv& c : convs) {
            c = {2 * random.in(0, 2) + 1, random.in(1, 20), 1};
        }
        const int height = random.in(5, 40), width = random.in(5, 40);
        const stack net(convs, {1, static_cast<std::size_t>(height), static_cast<std::size_t>(width)});
        const auto inside = [&](const conv& c, int dilation) {
            long long rows = 0, columns = 0;
            for (int k = 0; k < c.kernel; ++k) {
                const int offset = (k - c.kernel / 2) * dilation;
                for (int y = 0; y < height; ++y) {
                    rows += y + offset >= 0 && y + offset < height ? 1 : 0;
                }
                for (int x = 0; x < width; ++x) {
                    columns += x + offset >= 0 && x + offset < width ? 1 : 0;
                }
            }
            return rows * columns;
        };
        const auto all = [&](const conv& c) { return 1LL * c.kernel * c.kernel * height * width; };
        std::size_t expected = 0;
        long long total = 0, executed = 0;
        for (const conv& c : convs) {
            expected +=
                c.dilation > 1 && c.kernel > 1 && 2 * inside(c, c.dilation) < all(c) && 2 * inside(c, 1) >= all(c) ? 1
                                                                                                                   : 0;
            total += all(c);
            executed += inside(c, c.dilation);
        }
        const auto found = net.of(lint::aspp_rate);
        REQUIRE(found.size() == expected);
        for (const auto& r : found) {
            const conv& c = convs[r.layer];
            REQUIRE(r.numbers[8] < c.dilation);
            REQUIRE(2 * inside(c, r.numbers[8]) >= all(c));
            REQUIRE(2 * inside(c, r.numbers[8] + 1) < all(c));
            REQUIRE(r.numbers[5] == 100 * inside(c, c.dilation) / all(c));
            ++rates;
        }
        const auto waste = net.of(lint::padding_waste);
        REQUIRE(waste.size() == (4 * (total - executed) > total ? 1U : 0U));
        for (const auto& r : waste) {
            std::vector<conv> mended = convs;
            if (r.form == detail::lint_form::padding_waste) {
                mended[r.layer].dilation = r.numbers[7];
                REQUIRE(stack(mended, {1, static_cast<std::size_t>(height), static_cast<std::size_t>(width)})
                            .of(lint::padding_waste)
                            .empty());
            }
            ++wasteful;
        }
    }
    CHECK((rates > 100 && wasteful > 100));
}

TEST_CASE("a window is unproductive where those before it see the whole input") {
    randomly random{std::mt19937{9}};
    int some = 0;
    for (int round = 0; round < 1'000; ++round) {
        std::vector<conv> convs(static_cast<std::size_t>(random.in(1, 6)));
        for (conv& c : convs) {
            c = {random.in(1, 5), random.in(1, 3), random.in(1, 2)};
        }
        const int extent = random.in(4, 30);
        const auto found = stack(convs, {1, 1, static_cast<std::size_t>(extent)}, true).of(lint::unproductive_layer);
        int field = 1, step = 1, needed = 0, windows = 0;
        std::size_t first = most;
        for (std::size_t i = 0; i < convs.size(); ++i) {
            const conv& c = convs[i];
            if (c.kernel > 1 && field >= extent) {
                first = first == most ? i : first;
                needed = field + 1;
                ++windows;
            }
            field += (c.kernel - 1) * c.dilation * step;
            step *= c.stride;
        }
        REQUIRE(found.size() == (windows > 0 ? 1U : 0U));
        if (windows > 0) {
            REQUIRE(found[0].layer == first);
            REQUIRE(found[0].numbers[5] == windows - 1);
            REQUIRE(found[0].numbers[11] == needed);
            REQUIRE(stack(convs, {1, 1, static_cast<std::size_t>(needed)}, true).of(lint::unproductive_layer).empty());
            ++some;
        }
    }
    CHECK(some > 100);
}

TEST_CASE("numbers are put into the words, and the words fit") {
    const detail::lint_numbers numbers{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
    CHECK(detail::fill_in<99>("%c0 of %c10: 5 %% x%c11", numbers, "") == "10 of 20: 5 % x21");
    CHECK(detail::fill_in<99>("%%%c1", numbers, "") == "%11");
    CHECK(detail::fill_in<99>("no number", numbers, "0") == "no number");
    CHECK(detail::fill_in<99>("%c1 in \\other, %c2", numbers, "3.body") == "11 in 3.body, 12");
    CHECK(detail::fill_in<99>("in layer \\other", numbers, "3.body") == "in layer 3.body");
    const std::string_view path = "10.branches.2.body.100.shortcut.0";
    detail::lint_numbers largest;
    largest.fill(0x7fffffff);
    for (const detail::lint_words& w : detail::lint_texts) {
        CHECK(detail::fill_in<256>(w.sentence, largest, path).size() < 256);
        CHECK(detail::fill_in<96>(w.remedy, largest, path).size() < 96);
        CHECK(detail::fill_in<256>(w.sentence, largest, path).view().find("%c") == std::string_view::npos);
        CHECK(detail::fill_in<96>(w.remedy, largest, path).view().find('\\') == std::string_view::npos);
        CHECK(name_of(w.rule) == w.name);
    }
}
