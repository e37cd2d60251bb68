// SPDX-License-Identifier: BSD-3-Clause
// Does safetensors.hpp agree with the reference implementation, and refuse the rest by the right name?
#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include <fovea/io/safetensors.hpp>

#include "support.hpp"

using namespace fovea;
using namespace io_test;
using safetensors::dtype;
using safetensors::tensor_view;

namespace {

std::string file_bytes(const std::string& header, const std::string& data) {
    const std::uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + data;
}

std::vector<std::byte> to_bytes(const std::string& text) {
    std::vector<std::byte> bytes(text.size());
    std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
    return bytes;
}

safetensors::file parse(const std::string& bytes) { return {"net.safetensors", to_bytes(bytes)}; }

/// One tensor "w" of two floats in eight bytes of data, with parts of its header replaced.
std::string one(const std::string& type = "\"F32\"", const std::string& shape = "[2]",
                const std::string& offsets = "[0,8]", std::size_t data = 8) {
    return file_bytes("{\"w\":{\"dtype\":" + type + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}",
                      std::string(data, '\0'));
}

}  // namespace

TEST_CASE("safetensors: a file of the reference is read, and written again byte for byte") {
    const scratch dir;
    const auto file = safetensors::read(golden("mixed.safetensors"));
    CHECK(file.entries().size() == 15);
    CHECK(file.metadata().at("format") == "pt \"quoted\" \xc3\xa9");
    const tensor_view* weight = file.find("8.weight");
    REQUIRE(weight != nullptr);
    CHECK(weight->shape == std::vector<std::size_t>{2, 3, 4});
    const std::vector<float> values = file.floats(*weight);
    for (std::size_t i = 0; i < 24; ++i) {
        CHECK(values[i] == static_cast<float>(i));
    }
    CHECK(file.find("8.num_batches")->shape.empty());
    CHECK(file.find("10.empty")->bytes.empty());
    CHECK(file.floats(*file.find("10.empty")).empty());
    CHECK(file.find("none") == nullptr);

    std::vector<tensor_view> tensors = file.entries();
    CAPTURE(seed());
    std::mt19937 random(seed());
    for (int round = 0; round < 5; ++round) {  // the order in which tensors come does not matter
        std::shuffle(tensors.begin(), tensors.end(), random);
        safetensors::write(dir / "again.safetensors", tensors, file.metadata());
        CHECK(get(dir / "again.safetensors") == get(golden("mixed.safetensors")));
    }
}

TEST_CASE("safetensors: what was written is read, over random tensors") {
    const scratch dir;
    CAPTURE(seed());
    std::mt19937 random(seed());
    for (int round = 0; round < 60; ++round) {
        std::vector<std::string> data(random() % 6);
        std::vector<tensor_view> tensors;
        for (std::size_t i = 0; i < data.size(); ++i) {
            tensor_view tensor;
            tensor.name = std::to_string(random() % 1000) + "." + std::to_string(i);
            tensor.name += i % 2 ? "\n\"\\\x01" : "\xe2\x82\xac";
            std::size_t count = 1;
            for (std::size_t axis = random() % 5; axis > 0; --axis) {
                tensor.shape.push_back(random() % 6);
                count *= tensor.shape.back();
            }
            tensor.type = std::array{dtype::u8, dtype::bf16, dtype::f32, dtype::i64}[random() % 4];
            const std::size_t bits = safetensors::detail::dtypes[static_cast<std::size_t>(tensor.type)].bits;
            data[i].resize(count * bits / 8);
            std::generate(data[i].begin(), data[i].end(), [&] { return static_cast<char>(random()); });
            tensor.bytes = std::as_bytes(std::span(data[i]));
            tensors.push_back(tensor);
        }
        const safetensors::metadata_map metadata{{"round", std::to_string(round)}};
        safetensors::write(dir / "a", tensors, metadata);
        const auto file = safetensors::read(dir / "a");
        CHECK(file.metadata() == metadata);
        REQUIRE(file.entries().size() == tensors.size());
        for (const tensor_view& tensor : tensors) {
            const tensor_view* found = file.find(tensor.name);
            REQUIRE(found != nullptr);
            CHECK(found->type == tensor.type);
            CHECK(found->shape == tensor.shape);
            CHECK(std::equal(found->bytes.begin(), found->bytes.end(), tensor.bytes.begin(), tensor.bytes.end()));
        }
    }
}

TEST_CASE("safetensors: unusual but valid files are read") {
    CHECK(parse(file_bytes("{}", "")).entries().empty());
    CHECK(parse(file_bytes("{\"__metadata__\":{}}     ", "")).entries().empty());
    CHECK(parse(file_bytes("{\"__metadata__\" : null }", "")).metadata().empty());  // the reference writes it for none
    CHECK(parse(one("\"F32\"", "[ 2 , 1 ]", "[ 0 , 8 ]")).entries().size() == 1);
    CHECK(parse(one("\"F4\"", "[16]")).entries().size() == 1);  // sixteen halves of a byte
    // Zero-sized tensors share an offset with their neighbours.
    CHECK(parse(file_bytes("{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                           "\"a\":{\"data_offsets\":[4,4],\"shape\":[3,0],\"dtype\":\"F32\"},"
                           "\"c\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                           "1234"))
              .entries()
              .size() == 3);
    // Data behind a header of odd length are copied, not reinterpreted.
    const auto odd = parse(file_bytes("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                                      std::string("\x00\x00\x80\x3f", 4)));
    CHECK(odd.floats(odd.entries()[0]) == std::vector<float>{1.0f});
}

TEST_CASE("safetensors: only F32 becomes floats, and only as many as there are") {
    const auto file = parse(one("\"BF16\"", "[4]"));
    const FileError error = refusal([&] { file.floats(file.entries()[0]); });
    CHECK(error.field == "tensor 'w' dtype");
    CHECK(error.expected == "F32");
    CHECK(error.got == "BF16");
    const auto two = parse(one());
    std::vector<float> three(3);
    CHECK(refusal([&] { two.copy_floats(two.entries()[0], three); }).field == "tensor 'w' shape");
}

TEST_CASE("safetensors: hostile and broken files are refused with the field that is wrong") {
    const std::string good = one();
    const auto header = [](const std::string& text) { return file_bytes(text, std::string(8, '\0')); };
    const std::string w = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    const std::string many = [] {  // names that all share one range
        std::string text = "{";
        for (int i = 0; i < 1000; ++i) {
            text += (i ? ",\"" : "\"") + std::to_string(i);
            text += "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        }
        return text + "}";
    }();
    struct {
        std::string bytes;
        std::string field;
    } const cases[] = {
        {"", "header length"},
        {"1234567", "header length"},
        {std::string(8, '\0'), "header length"},
        {std::string(8, '\xff') + "{}", "header length"},
        {std::string("\x01\xe1\xf5\x05\0\0\0\0", 8) + "{}", "header length"},  // 100,000,001
        {std::string("\x03\0\0\0\0\0\0\0", 8) + "{}", "header length"},
        {good.substr(0, 20), "header length"},
        {good.substr(0, good.size() - 1), "tensor 'w' data_offsets"},
        {good + "x", "data"},
        {header(" {" + w + "}"), "header"},
        {header("[" + w + "]"), "header"},
        {header("{" + w), "header"},
        {header("{" + w + "}}"), "header"},
        {header("{" + w + ",}"), "header"},
        {header("{" + w + "}" + std::string(1, '\0')), "header"},
        {header("{" + w + "}" + std::string(1, '\0') + "%PDF-1.4"), "header"},  // a parser may stop at the zero
        {header("{\"\xff\":" + w.substr(4) + "}"), "header"},                   // not UTF-8
        {header("{\"\\ud800\":" + w.substr(4) + "}"), "header"},                // half a surrogate pair
        {header("{" + w + "," + w + "}"), "header"},                            // duplicate name
        {header("{\"w\":{\"shape\":[2],\"shape\":[2],\"dtype\":\"F32\",\"data_offsets\":[0,8]}}"), "tensor 'w'"},
        {header("{\"__metadata__\":nul," + w + "}"), "header"},
        {header("{\"__metadata__\":null,\"__metadata__\":null," + w + "}"), "header"},
        {header("{\"__metadata__\":[]," + w + "}"), "header"},
        {header("{\"w\\ud800\\u0041\":" + w.substr(4) + "}"), "header"},  // a surrogate and no other
        {header("{\"w\\udc00\":" + w.substr(4) + "}"), "header"},
        {header("{\"w\\x41\":" + w.substr(4) + "}"), "header"},
        {header("{\"w\\u00g1\":" + w.substr(4) + "}"), "header"},
        {header("{\"w\n\":" + w.substr(4) + "}"), "header"},  // a line break as it is
        {header("{\"w"), "header"},
        {header("{\"w\\"), "header"},
        {header("{" + w + "} {}"), "header"},
        {one("\"F32\"", "[02]"), "header"},
        {one("\"F32\"", "[2,]"), "header"},
        {one("\"F32\"", "[2 2]"), "header"},
        {header("{\"w\":{\"x\":[2],\"dtype\":\"F32\",\"data_offsets\":[0,8]}}"), "tensor 'w'"},
        {header("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}"), "tensor 'w'"},
        {header("{\"w\":{}}"), "tensor 'w'"},
        {header("{\"w\":1}"), "header"},
        {header("{\"w\":null}"), "header"},
        {header("{\"__metadata__\":{\"a\":1}," + w + "}"), "__metadata__ 'a'"},
        {header("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," + w + "}"), "__metadata__"},
        {header("{\"__metadata__\":{},\"__metadata__\":{}," + w + "}"), "header"},
        {header("{\"__metadata__\":{\"a\":{}}," + w + "}"), "__metadata__ 'a'"},
        {header(std::string(100'000, '[')), "header"},
        {header("{\"w\":" + std::string(100'000, '[')), "header"},
        {header("{\"w\":{\"shape\":" + std::string(100'000, '[')), "tensor 'w' shape"},
        {header(many), "tensor '1' data_offsets"},
        {one("\"F31\""), "tensor 'w' dtype"},
        {one("32"), "tensor 'w' dtype"},
        {one("[\"F32\"]"), "tensor 'w' dtype"},
        {one("\"F32\"", "[-2]"), "tensor 'w' shape"},
        {one("\"F32\"", "[2.0]"), "tensor 'w' shape"},
        {one("\"F32\"", "[1e1]"), "tensor 'w' shape"},
        {one("\"F32\"", "[\"2\"]"), "tensor 'w' shape"},
        {one("\"F32\"", "2"), "tensor 'w' shape"},
        {one("\"F32\"", "[3]"), "tensor 'w' shape"},
        {one("\"F32\"", "[18446744073709551616]"), "tensor 'w' shape"},
        {one("\"F32\"", "[4611686018427387906]"), "tensor 'w' shape"},  // x 4 bytes = 8 modulo 2^64
        {one("\"F32\"", "[4294967296,4294967296,2]"), "tensor 'w' shape"},
        {one(
             "\"F32\"", "[" +
                            [] {
                                std::string s = "2";
                                for (int i = 0; i < 64; ++i)
                                    s += ",1";
                                return s;
                            }() +
                            "]"),
         "tensor 'w' shape"},
        {one("\"F4\"", "[15]"), "tensor 'w' shape"},  // does not fill whole bytes
        {one("\"F32\"", "[2]", "[0]"), "tensor 'w'"},
        {one("\"F32\"", "[2]", "[0,8,8]"), "tensor 'w' data_offsets"},
        {one("\"F32\"", "[2]", "[8,0]"), "tensor 'w' data_offsets"},
        {one("\"F32\"", "[1]", "[4,8]"), "tensor 'w' data_offsets"},  // a hole at the front
        {one("\"F32\"", "[1]", "[0,4]"), "data"},                     // and at the end
        {one("\"F32\"", "[2]", "[0,16]"), "tensor 'w' data_offsets"},
        {one("\"F32\"", "[2]", "[18446744073709551608,0]"), "tensor 'w' data_offsets"},
        {one("\"F32\"", "[2]", "[0,18446744073709551615]"), "tensor 'w' data_offsets"},
        {header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[3,7]}}"),
         "tensor 'b' data_offsets"},
        {header("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"),
         "tensor 'b' data_offsets"},
    };
    CHECK_NOTHROW(parse(good));
    for (const auto& [bytes, field] : cases) {
        CAPTURE(bytes.substr(0, 200));
        const FileError error = refusal([&, &file = bytes] { parse(file); });
        CAPTURE(error.what());
        CHECK(error.field == field);
        CHECK(error.file == "net.safetensors");
    }
}

TEST_CASE("safetensors: names are decoded as JSON says") {
    const auto name_of = [](const std::string& json) {
        return parse(file_bytes("{\"" + json + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", ""))
            .entries()[0]
            .name;
    };
    CHECK(name_of(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
    CHECK(name_of(R"(\u0041\u00e9\u20AC\ud83d\ude00)") == "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    CHECK(name_of("\xf4\x8f\xbf\xbf\xed\x9f\xbf") == "\xf4\x8f\xbf\xbf\xed\x9f\xbf");
    for (const char* bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\xc3"}) {
        CHECK(refusal([&] { name_of(bad); }).field == "header");
    }
}

TEST_CASE("safetensors: a header that is read is JSON to another parser, with the same names") {
    const scratch dir;
    const std::vector<float> values(6);
    safetensors::write(dir / "a",
                       std::vector{safetensors::float_view("a.\n\xc3\xa9", {6}, values),
                                   safetensors::float_view("b", {2, 3}, values)},
                       {{"key", "\x01 value"}});
    const std::string good = get(dir / "a");
    CAPTURE(seed());
    std::mt19937 random(seed());
    int read = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = good;
        for (auto changes = random() % 3 + 1; changes > 0; --changes) {  // in the header, by what JSON is made of
            constexpr std::string_view alphabet = "{}[]\",:\\/ \t0123456789ue+-.nlax\x01\x80\xc3";
            char& c = bytes[8 + random() % (good.size() - 8 - 48)];
            c = alphabet[random() % alphabet.size()];
        }
        try {
            const auto file = parse(bytes);
            const auto json = nlohmann::json::parse(std::string_view(bytes).substr(8, good.size() - 8 - 48));
            std::size_t tensors = json.size() - json.contains("__metadata__");
            CHECK(file.entries().size() == tensors);
            for (const tensor_view& tensor : file.entries()) {
                CHECK(json.contains(tensor.name));
            }
            ++read;
        } catch (const FileError&) {
        }
    }
    CHECK(read > 100);
}

TEST_CASE("safetensors: the number of tensors and of metadata entries is bounded") {
    const auto header = [](std::size_t count, const std::string& value) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) {
            text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + value;
        }
        return text;
    };
    const std::string empty = R"({"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
    CHECK(parse(file_bytes("{" + header(100'000, empty) + "}", "")).entries().size() == 100'000);
    CHECK(refusal([&] { parse(file_bytes("{" + header(100'001, empty) + "}", "")); }).expected ==
          "at most 100000 tensors");
    CHECK(refusal([&] { parse(file_bytes("{\"__metadata__\":{" + header(100'001, "\"\"") + "}}", "")); }).field ==
          "__metadata__");
}

TEST_CASE("safetensors: what cannot be a file is not written") {
    const scratch dir;
    const std::vector<float> values(6);
    const auto write = [&](std::vector<tensor_view> tensors, const safetensors::metadata_map& metadata = {}) {
        return refusal([&] { safetensors::write(dir / "a", tensors, metadata); });
    };
    CHECK(write({safetensors::float_view("w", {5}, values)}).field == "tensor 'w' shape");
    CHECK(write({safetensors::float_view("__metadata__", {6}, values)}).field == "tensor '__metadata__'");
    CHECK(write({safetensors::float_view("w", {6}, values), safetensors::float_view("w", {2, 3}, values)}).field ==
          "tensor 'w'");
    CHECK(write({safetensors::float_view("\xff", {6}, values)}).expected == "UTF-8");
    CHECK(write({}, {{"a", "\xc3"}}).expected == "UTF-8");
    CHECK(dir.names().empty());
}
