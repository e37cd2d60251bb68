// SPDX-License-Identifier: BSD-3-Clause
// Do weights survive their file, and is every file that does not fit refused by name, with nothing half-loaded?
#include "../catch.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "seed_networks.hpp"

using namespace fovea;

namespace {

using Net =
    Network<Input<2, 6, 6>, Conv<out<3>>, BatchNorm, PReLU, Sequential<Conv<ker<1, 3>, no_bias>>, Dense<4>, Softmax>;

/// The tensors that a PyTorch nn.Sequential of this network would save, values 0, 1, 2, ...
struct saved {
    std::vector<std::string> names;
    std::vector<std::vector<std::size_t>> shapes;
    std::vector<std::vector<float>> values;
    std::vector<std::int64_t> counter{7};
    std::vector<safetensors::tensor_view> extra;

    saved() {
        float next = 0;
        const auto add = [&](std::string name, std::vector<std::size_t> shape) {
            std::size_t size = 1;
            for (std::size_t e : shape) {
                size *= e;
            }
            names.push_back(std::move(name));
            shapes.push_back(std::move(shape));
            values.emplace_back(size);
            for (float& v : values.back()) {
                v = next++;
            }
        };
        add("0.weight", {3, 2, 3, 3});
        add("0.bias", {3});
        add("1.weight", {3});
        add("1.bias", {3});
        add("1.running_mean", {3});
        add("1.running_var", {3});
        add("2.weight", {3});
        add("3.0.weight", {3, 3, 1, 3});
        add("4.weight", {4, 108});
        add("4.bias", {4});
    }

    std::string write(const char* path) const {
        std::vector<safetensors::tensor_view> views = extra;
        for (std::size_t i = 0; i < names.size(); ++i) {
            views.push_back(safetensors::float_view(names[i], shapes[i], values[i]));
        }
        const std::string file = (std::filesystem::temp_directory_path() / path).string();
        safetensors::write(file, views);
        return file;
    }
};

std::string refused(const saved& s) {
    const std::string file = s.write("fovea_weights_refused.safetensors");
    std::string message = "accepted";
    try {
        load<Net>(file);
    } catch (const FileError& e) {
        message = e.what();
        CHECK(message.find(file) == 0);
        CHECK(!e.field.empty());
    }
    std::filesystem::remove(file);
    return message;
}

bool has(const std::string& text, const char* part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a state_dict as PyTorch names it loads as it is") {
    saved s;
    s.extra.push_back({"1.num_batches_tracked", safetensors::dtype::i64, {}, std::as_bytes(std::span(s.counter))});
    const std::string file = s.write("fovea_weights.safetensors");
    const Weights<Net> w = load<Net>(file);
    CHECK(tensors<Net>.size() == s.names.size());
    for (std::size_t i = 0; i < s.names.size(); ++i) {
        const auto t = w.tensor(s.names[i]);
        CHECK(std::vector<std::size_t>(t.shape().begin(), t.shape().end()) == s.shapes[i]);
        CHECK(std::equal(t.begin(), t.end(), s.values[i].begin(), s.values[i].end()));
    }

    save(w, file, {{"made by", "a test"}});
    CHECK(load<Net>(file) == w);
    CHECK(safetensors::read(file).metadata().at("made by") == "a test");
    std::filesystem::remove(file);
}

TEST_CASE("a file that does not fit is refused with the tensor's name, expected and got") {
    saved s;
    s.names.pop_back();
    s.shapes.pop_back();
    s.values.pop_back();
    has(refused(s), "tensor '4.bias': expected [4], got no such tensor");

    s = {};
    s.names[7] = "3.weight";
    has(refused(s), "tensor '3.weight'");

    s = {};
    s.shapes[0] = {3, 2, 9};
    has(refused(s), "tensor '0.weight' shape: expected [3, 2, 3, 3], got [3, 2, 9]");

    s = {};
    s.shapes[8] = {108, 4};  // as many values, transposed
    has(refused(s), "expected [4, 108], got [108, 4]");

    s = {};
    s.extra.push_back({"2.num_batches_tracked", safetensors::dtype::i64, {}, std::as_bytes(std::span(s.counter))});
    has(refused(s), "tensor '2.num_batches_tracked'");  // position 2 is no BatchNorm

    s = {};
    s.names.erase(s.names.begin() + 1);
    s.shapes.erase(s.shapes.begin() + 1);
    s.values.erase(s.values.begin() + 1);
    s.extra.push_back({"0.bias", safetensors::dtype::i32, {3}, std::as_bytes(std::span(s.values[1]))});
    has(refused(s), "tensor '0.bias' dtype: expected F32, got I32");
}

TEST_CASE("values that are not finite and negative variances are refused by name, read and written, or allowed") {
    const std::string file = (std::filesystem::temp_directory_path() / "fovea_weights_values.safetensors").string();
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity(), -1e-30F}) {
        for (const tensor_info& t : tensors<Net>) {
            const std::string name(std::string_view(t.name));
            const bool wrong = bad != -1e-30F || name == "1.running_var";
            for (const std::size_t at : {std::size_t{0}, t.size() / 2, t.size() - 1}) {
                CAPTURE(name, at, bad);
                saved s;
                for (std::size_t i = 0; i < s.names.size(); ++i) {
                    if (s.names[i] == name) {
                        s.values[i][at] = bad;
                    }
                }
                const std::string message = refused(s);
                CHECK((message == "accepted") != wrong);
                if (wrong) {
                    has(message, ("tensor '" + name + "': expected finite values").c_str());
                    has(message, (" at " + std::to_string(at)).c_str());
                }
                s.write("fovea_weights_values.safetensors");
                const Weights<Net> w = load<Net>(file, weight_values::any);
                CHECK(std::bit_cast<std::uint32_t>(w[t][at]) == std::bit_cast<std::uint32_t>(bad));
                CHECK((first_not_finite(w) == nullptr) == (bad == -1e-30F));
                CHECK((first_not_finite(w) == nullptr || first_not_finite(w)->name == t.name));
                save(Weights<Net>{}, file);
                if (wrong) {
                    CHECK_THROWS_AS(save(w, file), FileError);
                    CHECK(load<Net>(file) == Weights<Net>{});  // the older file is as it was
                }
                save(w, file, {}, weight_values::any);
                CHECK(std::isnan(load<Net>(file, weight_values::any)[t][at]) == std::isnan(bad));
            }
        }
    }
    std::filesystem::remove(file);
}

TEST_CASE("tensor() is a view, and an unknown name is an error that lists the known ones") {
    Weights<Net> w;
    w.tensor("0.weight")(2, 1, 0, 2) = 5;
    CHECK(w.values()[2 * 18 + 9 + 2] == 5);
    CHECK(w.tensor("2.weight")(1) == 0.25F);
    CHECK(w.tensor("1.running_var")(0) == 1);
    CHECK(w.parameters().size() == parameter_count<Net>);
    CHECK(w.buffers().size() == buffer_count<Net>);
    try {
        w.tensor("0.wieght");
        FAIL("accepted");
    } catch (const Error& e) {
        has(e.what(), "0.wieght");
        has(e.what(), "3.0.weight");
    }
}
