// SPDX-License-Identifier: BSD-3-Clause
// Does report.hpp write the network's constants, marked up so that any name is safe, and count paths as they are?
#include <cmath>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include <fovea/infer/lints.hpp>
#include <fovea/report.hpp>

#include "../io/support.hpp"
#include "networks.hpp"

using namespace fovea;
using namespace io_test;
using namespace report_test;

namespace {

/// Paths by plain recursion over taps, without arrays: what count_paths must find for a unit at the origin.
void walk_back(const report_data& g, std::size_t map, std::int64_t y, std::int64_t x, double weight,
               std::map<std::pair<std::int64_t, std::int64_t>, double>& counts) {
    if (map == 0) {
        counts[{y, x}] += weight;
        return;
    }
    const layer_info& l = g.layers[map - 1];
    for (std::size_t from : g.inputs_of(map - 1)) {
        if (l.kind != brick_kind::conv && !detail::is_pool(l)) {
            walk_back(g, from, y, x, weight, counts);
            continue;
        }
        for (std::size_t ky = 0; ky < l.rows.kernel; ++ky) {
            for (std::size_t kx = 0; kx < l.columns.kernel; ++kx) {
                double share = 0;
                for (std::size_t c = 0; c < l.output.channels; ++c) {
                    share +=
                        taps_of(l, c).has(ky * l.columns.kernel + kx) ? 1 / static_cast<double>(l.output.channels) : 0;
                }
                const auto at = [](std::int64_t o, std::size_t k, const axis_window& w) {
                    return o * static_cast<std::int64_t>(w.stride) - static_cast<std::int64_t>(w.pad_before) +
                           static_cast<std::int64_t>(k * w.dilation);
                };
                if (share > 0) {
                    walk_back(g, from, at(y, ky, l.rows), at(x, kx, l.columns), weight * share, counts);
                }
            }
        }
    }
}

/// The outputs, or what GAP and Dense behind them read.
void find_last_maps(const report_data& g, std::size_t map, std::set<std::size_t>& maps) {
    if (map == 0 || g.layers[map - 1].positions) {
        maps.insert(map);
        return;
    }
    for (std::size_t from : g.inputs_of(map - 1)) {
        find_last_maps(g, from, maps);
    }
}

template <class Net>
void check_counts() {
    const report_data r = collect_report<Net>("a");
    std::map<std::pair<std::int64_t, std::int64_t>, double> counts;
    std::set<std::size_t> last;
    for (std::size_t map : r.outputs) {
        find_last_maps(r, map, last);
    }
    for (std::size_t map : last) {
        walk_back(r, map, 0, 0, 1, counts);
    }
    double peak = 0;
    for (const auto& c : counts) {
        peak = std::max(peak, c.second);
    }
    const auto own = [](const axis_field& f) {
        return static_cast<std::int64_t>(f.before) - static_cast<std::int64_t>(f.padding);
    };
    const path_histogram& h = r.paths;
    std::size_t seen = 0;
    for (std::size_t y = 0; y < h.height; ++y) {
        for (std::size_t x = 0; x < h.width; ++x) {
            const auto c = counts.find({static_cast<std::int64_t>(y) + h.top + own(r.field.height),
                                        static_cast<std::int64_t>(x) + h.left + own(r.field.width)});
            const double expected = c == counts.end() ? 0 : c->second / peak;
            REQUIRE(std::abs(h.at(y, x) - expected) < 1e-12);
            seen += expected > 0 ? 1 : 0;
        }
    }
    CHECK(seen == counts.size());
    CHECK(h.seen == seen);
    // Nothing is drawn around the field.
    CHECK(h.height == r.field.height.size);
    CHECK(h.width == r.field.width.size);
}

/// Two ways to the same set: counted at run time here, as a bitmap by the compiler.
template <class Net>
void check_support() {
    const report_data r = collect_report<Net>("a");
    REQUIRE(r.has_support);
    const path_histogram& h = r.paths;
    CHECK(r.support.count() == support<Net>.count());
    CHECK(r.subnets == independent_subnets<Net>);
    CHECK(h.seen == r.support.count());
    CHECK(h.height == r.support.height);
    CHECK(h.width == r.support.width);
    CHECK(h.height == r.field.height.size);
    CHECK(h.width == r.field.width.size);
    CHECK(h.top == -static_cast<std::int64_t>(r.field.height.before));
    CHECK(h.left == -static_cast<std::int64_t>(r.field.width.before));
    for (std::size_t y = 0; y < h.height; ++y) {
        for (std::size_t x = 0; x < h.width; ++x) {
            REQUIRE((h.at(y, x) > 0) ==
                    r.support.contains(h.top + static_cast<std::int64_t>(y), h.left + static_cast<std::int64_t>(x)));
        }
    }
}

nlohmann::json json_in(const std::string& page, const std::string& id) {
    const std::string start = "<script type=\"application/json\" id=\"" + id + "data\">";
    const std::size_t from = page.find(start);
    REQUIRE(from != std::string::npos);
    const std::size_t begin = from + start.size();
    return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

template <class Net>
void check_json(const nlohmann::json& j) {
    CHECK(j["parameters"] == parameter_count<Net>);
    CHECK(j["macs"] == mac_count<Net>);
    CHECK(j["executed_macs"] == executed_mac_count<Net>);
    CHECK(j["activation_bytes"] == activation_bytes<Net>);
    CHECK(j["arena_bytes"] == arena_bytes<Net>);
    CHECK(j["receptive_field"]["height"]["size"] == receptive_field<Net>.height.size);
    CHECK(j["receptive_field"]["width"]["size"] == receptive_field<Net>.width.size);
    CHECK(j["seen"] == support<Net>.count());
    REQUIRE(j["lints"].size() == lints<Net>.size());
    for (std::size_t i = 0; i < lints<Net>.size(); ++i) {
        CHECK(j["lints"][i]["name"] == name_of(lints<Net>[i].rule));
        CHECK(j["lints"][i]["layer"] == lints<Net>[i].path);
        CHECK(j["lints"][i]["remedy"] == std::string(lints<Net>[i].remedy.view()) + ".");
    }
    REQUIRE(j["layers"].size() == layers<Net>.size());
    for (std::size_t i = 0; i < layers<Net>.size(); ++i) {
        const layer_info& l = layers<Net>[i];
        CHECK(j["layers"][i]["path"] == l.path);
        CHECK(j["layers"][i]["parameters"] == l.parameters);
        CHECK(j["layers"][i]["macs"] == l.macs);
        CHECK(j["layers"][i]["output"] == nlohmann::json({l.output.channels, l.output.height, l.output.width}));
        CHECK(j["layers"][i]["receptive_field"]["width"]["size"] == l.receptive_field.width.size);
        CHECK(j["layers"][i]["inputs"].size() == l.input_count);
    }
}

std::vector<std::string> all_between(const std::string& text, const std::string& start, const std::string& end) {
    std::vector<std::string> found;
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
        const std::size_t from = at + start.size();
        found.push_back(text.substr(from, text.find(end, from) - from));
    }
    return found;
}

/// Tags close in the order in which they were opened, ids are there once, and nothing points outside.
void check_markup(const std::string& page) {
    static const std::set<std::string> empty{"meta", "link", "input", "br", "!doctype"};
    std::vector<std::string> open;
    std::string visible = page;
    for (const char* raw : {"script", "style"}) {
        for (std::size_t at = 0; (at = visible.find("<" + std::string(raw), at)) != std::string::npos;) {
            const std::size_t from = visible.find('>', at) + 1, to = visible.find("</" + std::string(raw), from);
            visible.erase(from, to - from);
            at = from;
        }
    }
    for (std::size_t at = visible.find('<'); at != std::string::npos; at = visible.find('<', at + 1)) {
        const std::size_t end = visible.find('>', at);
        REQUIRE(end != std::string::npos);
        const bool closes = visible[at + 1] == '/';
        const std::size_t from = at + (closes ? 2 : 1);
        const std::string name = visible.substr(from, visible.find_first_of(" >/", from) - from);
        if (closes) {
            REQUIRE(!open.empty());
            REQUIRE(open.back() == name);
            open.pop_back();
        } else if (visible[end - 1] != '/' && visible[at + 1] != '?' && empty.count(name) == 0) {
            open.push_back(name);
        }
    }
    CHECK(open.empty());

    std::set<std::string> ids;
    for (const std::string& id : all_between(visible, " id=\"", "\"")) {
        INFO(id);
        CHECK(ids.insert(id).second);
    }
    for (const std::string& list : all_between(visible, "aria-labelledby=\"", "\"")) {
        std::istringstream in(list);
        for (std::string id; in >> id;) {
            INFO(id);
            CHECK(ids.count(id) == 1);
        }
    }
    for (const std::string& id : all_between(visible, "href=\"#", "\"")) {
        INFO(id);
        CHECK(ids.count(id) == 1);
    }
    for (std::size_t at = page.find("://"); at != std::string::npos; at = page.find("://", at + 1)) {
        INFO(page.substr(at < 40 ? 0 : at - 40, 80));
        CHECK(page.compare(at, 21, "://www.w3.org/2000/sv") == 0);
    }
    CHECK(page.find("url(\"") == std::string::npos);
    CHECK(page.find("@import") == std::string::npos);
}

}  // namespace

TEST_CASE("report: paths are counted as a plain recursion counts them") {
    check_counts<Network<Input<1, 16>, Conv<>, Conv<>>>();
    check_counts<Network<Input<1, 16, 16>, Conv<>, Conv<dil<2>>>>();
    check_counts<Network<Input<1, 24, 20>, Conv<ker<2, 3>, stride<2, 1>>, MaxPool<stride<2>>, Conv<valid>>>();
    check_counts<
        Network<Input<1, 16, 16>, Conv<out<3>, taps<ends<diagonal>, cross>>, Residual<Conv<>, Conv<ker<5>>>>>();
    check_counts<Network<Input<1, 16, 16>, Conv<>, Tap<"t">, Conv<dil<3>>, AddFrom<"t">, GAP, Dense<3>>>();
    check_counts<Network<Input<1, 16, 16>, Conv<out<2>, taps<vertical>>, Conv<ker<5>, dil<2>, taps<vertical>>>>();
    check_counts<Network<Input<1, 16, 16>, Conv<>, Heads<GAP, Conv<dil<2>>, Sequential<Conv<>, GAP, Dense<3>>>>>();
    check_counts<
        Network<Input<1, 32>, Conv<ker<2>, causal>, Conv<ker<2>, dil<2>, causal>, Conv<ker<3>, dil<4>, causal>>>();
}

TEST_CASE("report: what is counted is what the compiler's support holds") {
    check_support<Chain>();
    check_support<Holes>();
    check_support<Slanted>();
    check_support<Time>();
    check_support<Network<Input<1, 32, 32>, Conv<stride<2>>, Conv<>, Upsample<2>, Conv<dil<2>>>>();
    check_support<Network<Input<1, 32, 32>, MaxPool<stride<2>>, Conv<dil<4>>, Upsample<2, bilinear>>>();
    check_support<Network<Input<1, 33, 33>, MaxPool<ker<1>, stride<3>>, Conv<dil<4>>, Upsample<3, bilinear>>>();
    check_support<Network<Input<1, 32, 32>, MaxPool<ker<2>, stride<2>>, Conv<>, Deconv<ker<2>, stride<2>>>>();
}

TEST_CASE("report: moments of simple fields") {
    // Uniform over n positions: variance (n * n - 1) / 12; of two layers they add.
    const report_data r = collect_report<Network<Input<1, 32, 32>, Conv<ker<3, 5>>, Conv<dil<4>>>>("a");
    CHECK(std::abs(r.paths.variance_y - (8.0 / 12 + 16 * 8.0 / 12)) < 1e-12);
    CHECK(std::abs(r.paths.variance_x - (24.0 / 12 + 16 * 8.0 / 12)) < 1e-12);
    CHECK(std::abs(r.paths.mean_y) < 1e-12);
    CHECK(std::abs(r.paths.covariance) < 1e-12);
    const report_data falling = collect_report<Network<Input<1, 32, 32>, Conv<taps<diagonal>>>>("a");
    CHECK(std::abs(falling.paths.covariance - 2.0 / 3) < 1e-12);
    CHECK(detail::effective_svg(falling, "a").find("rotate(45 ") != std::string::npos);
    const report_data round = collect_report<Network<Input<1, 32, 32>, Repeat<30, Conv<>>>>("a");
    CHECK(detail::effective_svg(round, "a").find("rotate(0 ") != std::string::npos);
}

TEST_CASE("report: hundreds of layers have finite counts and lose no position") {
    // 9^400 paths are beyond double.
    const report_data r = collect_report<Network<Input<1, 64>, Repeat<400, Conv<ker<9>>>>>("deep");
    CHECK(r.paths.width == 3'201);
    CHECK(r.paths.seen == 3'201);
    CHECK(r.seen() == 3'201);
    CHECK(r.has_support);
    CHECK(r.paths.variance_x > 2'000);
    CHECK(std::abs(std::sqrt(r.paths.variance_x) - std::sqrt(400 * 80.0 / 12)) < 1e-6);
}

TEST_CASE("report: a field of millions of positions is not drawn") {
    using Huge = Network<Input<1, 16, 16>, Conv<ker<3>, dil<1'000>>, Conv<ker<3>, dil<1'000>>>;
    const report_data r = collect_report<Huge>("huge");
    CHECK(r.paths.height == 0);
    const std::string page = detail::report_page(r);
    CHECK(page.find("its support is not drawn") != std::string::npos);
    check_markup(page);
}

TEST_CASE("report: a page holds the constants") {
    const scratch dir;
    write_report<Chain>(dir / "Chain net.v2.html");
    const std::string page = get(dir / "Chain net.v2.html");
    CHECK(page.find("<title>Chain net.v2</title>") != std::string::npos);
    check_json<Chain>(json_in(page, "a"));
    check_markup(page);
    write_report<Mixed>(dir / "b.html", "<i>\"Mixed\" & </script>");
    const std::string mixed = get(dir / "b.html");
    check_json<Mixed>(json_in(mixed, "a"));
    CHECK(json_in(mixed, "a")["title"] == "<i>\"Mixed\" & </script>");
    check_markup(mixed);
    write_report<Holes>(dir / "c.html");
    check_json<Holes>(json_in(get(dir / "c.html"), "a"));
    check_markup(get(dir / "c.html"));
    write_report<Time>(dir / "d.html");
    CHECK(json_in(get(dir / "d.html"), "a")["state_bytes"] == state_bytes<Time>);
    check_markup(get(dir / "d.html"));
}

TEST_CASE("report: two networks on one page") {
    const scratch dir;
    compare_reports<Chain, Holes>(dir / "ab.html", "Chain", "Holes");
    const std::string page = get(dir / "ab.html");
    check_json<Chain>(json_in(page, "a"));
    check_json<Holes>(json_in(page, "b"));
    check_markup(page);
    CHECK(detail::difference(100, 100) == "same");
    CHECK(detail::difference(100, 112) == "+12 %");
    CHECK(detail::difference(100, 88) == "−12 %");
    CHECK(detail::difference(100, 320) == "× 3.2");
    CHECK(detail::difference(320, 100) == "÷ 3.2");
    CHECK(detail::difference(0, 7) == "+7");
}

TEST_CASE("report: a gallery leads to the pages of its networks") {
    const scratch dir;
    const std::vector<report_group> groups{{"Plain & simple", "", {collect_report<Chain>("Chain (v2)")}},
                                           {"Others",
                                            "<i>",
                                            {collect_report<Holes>("Holes"), collect_report<Time>("Time")}}};
    write_gallery(dir.path(), "All", groups);
    CHECK(dir.names().size() == 4);
    const std::string index = get(dir / "index.html");
    check_markup(index);
    CHECK(index.find("<a href=\"chain-v2.html\">Chain (v2)</a>") != std::string::npos);
    CHECK(index.find("Plain &amp; simple") != std::string::npos);
    CHECK(index.find(detail::grouped_text(mac_count<Holes>)) != std::string::npos);
    CHECK(get(dir / "time.html") == detail::report_page(groups[1].reports[1]));
    CHECK(detail::page_name("  ResNet-152, of the paper ") == "resnet-152-of-the-paper.html");
    // Two pages of one name, or one called as the index: nothing is written.
    const scratch empty;
    for (const char* title : {"holes!", "Index", "?"}) {
        const std::vector<report_group> twice{{"", "", {collect_report<Holes>("Holes"), collect_report<Chain>(title)}}};
        try {
            write_gallery(empty.path(), "All", twice);
            CHECK(false);
        } catch (const Error& e) {
            CHECK(std::string(e.what()).find(title) != std::string::npos);
        }
    }
    CHECK(empty.names().empty());
}

TEST_CASE("report: drawings stand alone") {
    for (const std::string& text : {svg<Mixed>("<Mixed>"), receptive_field_svg<Mixed>(), receptive_field_svg<Time>()}) {
        CHECK(text.find("<?xml") == 0);
        CHECK(text.find("role=\"img\"") != std::string::npos);
        CHECK(text.find("<style>") != std::string::npos);
        check_markup(text);
    }
    // A box each but for what is drawn inside others, an edge each but for what those boxes swallow.
    const report_data r = collect_report<Mixed>("m");
    const detail::graph_layout g = detail::lay_out(r);
    std::size_t edges = 0, inside = 0;
    for (const detail::graph_node& n : g.nodes) {
        edges += n.from.size();
        inside += n.extras.size();
        for (const detail::graph_node& other : g.nodes) {
            CHECK((&n == &other || n.row != other.row || n.lane != other.lane));
        }
        for (std::size_t u : n.from) {
            CHECK(g.nodes[u].row < n.row);
        }
    }
    CHECK(g.nodes.size() + inside == r.layers.size() + 1);
    CHECK(all_between(svg<Mixed>(), "<path class=\"edge", "\"").size() == edges);
    CHECK(inside > 0);
    CHECK(g.lanes == 3);
}

TEST_CASE("report: Graphviz and Markdown") {
    const std::string graph = dot<Mixed>("m");
    std::size_t edges = 0;
    for (const layer_info& l : layers<Mixed>) {
        edges += l.input_count;
    }
    CHECK(all_between(graph, " -> ", ";").size() == edges);
    CHECK(graph.find("Tap <b>&\\\"a\\\"|'") != std::string::npos);
    const std::string table = markdown<Chain>();
    CHECK(table.find("| 3 | Conv 3x3 dil 2 | 24×32×32 | 7 × 7 | 3,480 | 3,538,944 |\n") != std::string::npos);
    CHECK(table.find("**15 × 15**") != std::string::npos);
    const std::string holes = markdown<Holes>();
    CHECK(all_between(holes, "\n- **", "**").size() == lints<Holes>.size());
    CHECK(markdown<Mixed>().find("Tap <b>&\"a\"\\|'") != std::string::npos);
}

TEST_CASE("report: numbers without zeros behind") {
    CHECK(detail::markup::trimmed(-0.001) == "0");
    CHECK(detail::markup::trimmed(7.50) == "7.5");
}

TEST_CASE("report: a page that cannot be written leaves the old one") {
    const scratch dir;
    const FileError error = refusal([&] { write_report<Chain>(dir / "no/such/folder.html"); });
    CHECK(std::string(error.what()).find("no/such") != std::string::npos);
    put(dir / "full.html", "old");
    // A device without room.
    const FileError full = refusal([&] { write_report<Chain>("/dev/full"); });
    CHECK(std::string(full.what()).find("/dev/full") != std::string::npos);
    CHECK(get(dir / "full.html") == "old");
    CHECK(dir.names().size() == 1);
}
