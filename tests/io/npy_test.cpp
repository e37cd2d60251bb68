// SPDX-License-Identifier: BSD-3-Clause
// Does npy.hpp read what NumPy writes, write what NumPy reads, and refuse the rest by the right name?
#include <limits>

#include <fovea/io/npy.hpp>

#include "support.hpp"

using namespace fovea;
using namespace io_test;

namespace {

std::string npy_bytes(std::string dictionary, const std::string& data, char major = 1) {
    std::string bytes = std::string("\x93NUMPY") + major + '\0';
    for (std::size_t i = 0; i < (major == 1 ? 2u : 4u); ++i) {
        bytes += static_cast<char>(dictionary.size() >> (8 * i));
    }
    return bytes + dictionary + data;
}

std::string floats(std::size_t count) { return std::string(4 * count, '\0'); }

template <class T>
void check_golden(const std::string& name) {
    const auto array = npy::load<T>(golden(name + ".npy"));
    REQUIRE(array.dimension() == 2);
    CHECK(array.shape()[0] == 2);
    CHECK(array.shape()[1] == 3);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(array.data()[i] == (std::is_same_v<T, bool> ? static_cast<T>(i % 2) : static_cast<T>(10 * i + 1)));
    }
    const scratch dir;
    npy::save(dir / "again.npy", array);
    CHECK(get(dir / "again.npy") == get(golden(name + ".npy")));
}

template <class T>
void round_trip(std::mt19937& random) {
    const scratch dir;
    for (int round = 0; round < 15; ++round) {
        std::vector<std::size_t> shape(random() % 6);
        for (auto& extent : shape) {
            extent = random() % 8 == 0 ? 0 : 1 + random() % 7;
        }
        auto array = xt::xarray<T>::from_shape(shape);
        for (auto& value : array) {
            value = static_cast<T>(random());
        }
        npy::save(dir / "a.npy", array);
        CHECK((npy::load<T>(dir / "a.npy") == array));
        const npy::header head = npy::info(dir / "a.npy");
        CHECK(head.shape == shape);
        CHECK(head.dtype == npy::dtype_of<T>());
        CHECK((get(dir / "a.npy").size() - head.count * head.item_size) % 64 == 0);
    }
}

}  // namespace

TEST_CASE("npy: files of NumPy are read, and written again byte for byte") {
    check_golden<float>("f4");
    check_golden<double>("f8");
    check_golden<std::uint8_t>("u1");
    check_golden<std::int8_t>("i1");
    check_golden<std::uint16_t>("u2");
    check_golden<std::int16_t>("i2");
    check_golden<std::uint32_t>("u4");
    check_golden<std::int32_t>("i4");
    check_golden<std::uint64_t>("u8");
    check_golden<std::int64_t>("i8");
    check_golden<bool>("b1");
    const scratch dir;
    for (const char* name : {"scalar.npy", "vector.npy", "empty.npy", "six_dimensions.npy"}) {
        npy::save(dir / name, npy::load<float>(golden(name)));
        CHECK(get(dir / name) == get(golden(name)));
    }
    CHECK(npy::load<float>(golden("scalar.npy"))() == 3.5f);
}

TEST_CASE("npy: Fortran order and the newer versions give the same array") {
    xt::xarray<float> ramp = xt::xarray<float>::from_shape({2, 3, 4});
    for (std::size_t i = 0; i < 24; ++i) {
        ramp.data()[i] = static_cast<float>(i);
    }
    CHECK(npy::info(golden("fortran.npy")).fortran_order);
    for (const char* name : {"fortran.npy", "version2.npy", "version3.npy"}) {
        CHECK((npy::load<float>(golden(name)) == ramp));
    }
}

TEST_CASE("npy: what was saved is loaded, over random shapes") {
    CAPTURE(seed());
    std::mt19937 random(seed());
    round_trip<float>(random);
    round_trip<std::uint8_t>(random);
    round_trip<std::int64_t>(random);
    round_trip<bool>(random);
}

TEST_CASE("npy: any expression can be saved, and column-major tensors keep their values") {
    const scratch dir;
    const xt::xtensor<float, 2> array{{1, 2, 3}, {4, 5, 6}};
    npy::save(dir / "view.npy", xt::view(array, xt::all(), xt::range(1, 3)) * 2);
    CHECK((npy::load<float>(dir / "view.npy") == xt::xarray<float>{{4, 6}, {10, 12}}));
    const xt::xtensor<float, 2, xt::layout_type::column_major> columns = array;
    npy::save(dir / "columns.npy", columns);
    CHECK((npy::load<float>(dir / "columns.npy") == array));
}

TEST_CASE("npy: unusual but valid headers are read") {
    const scratch dir;
    const char* const headers[] = {
        "{'shape': (2, 3), 'descr': '<f4', 'fortran_order': False}",
        "{\"fortran_order\":False,\"shape\":(2,3,),\"descr\":\"<f4\",}",
        "  { 'descr' : '=f4' , 'fortran_order' : False , 'shape' : ( 2L , 3L ) , }  \n",
    };
    for (const char* header : headers) {
        CAPTURE(header);
        put(dir / "a.npy", npy_bytes(header, floats(6)));
        CHECK(npy::load<float>(dir / "a.npy").size() == 6);
    }
    const std::string padded = std::string(headers[0]) + std::string(200, ' ');  // a length byte above 127
    put(dir / "a.npy", npy_bytes(padded, floats(6)));
    CHECK(npy::load<float>(dir / "a.npy").size() == 6);
    put(dir / "b.npy", npy_bytes("{'descr':'|b1','fortran_order':False,'shape':(3,)}", std::string("\0\1\xff", 3)));
    CHECK((npy::load<bool>(dir / "b.npy") == xt::xarray<bool>{false, true, true}));
}

TEST_CASE("npy: the dtype must be the one that is asked for") {
    const FileError error = refusal([] { npy::load<float>(golden("f8.npy")); });
    CHECK(error.field == "dtype");
    CHECK(error.expected == "<f4");
    CHECK(error.got == "<f8");
    CHECK(contains(refusal([] { npy::info(golden("bad_big_endian.npy")); }).remedy, "big-endian"));
    CHECK(contains(refusal([] { npy::info(golden("bad_object.npy")); }).remedy, "unpickling"));
    CHECK(contains(refusal([] { npy::info(golden("bad_structured.npy")); }).got, "structured"));
    CHECK(contains(refusal([] { npy::info(golden("bad_half.npy")); }).got, "<f2"));
}

TEST_CASE("npy: hostile and broken files are refused with the field that is wrong") {
    const scratch dir;
    const std::string good = npy_bytes("{'descr':'<f4','fortran_order':False,'shape':(2,3)}", floats(6));
    const auto header = [](const std::string& text, std::size_t count = 6) { return npy_bytes(text, floats(count)); };
    const auto shaped = [&](const std::string& shape, std::size_t count = 6) {
        return header("{'descr':'<f4','fortran_order':False,'shape':" + shape + "}", count);
    };
    struct {
        std::string bytes;
        const char* field;
    } const cases[] = {
        {"", "magic"},
        {"\x93NUMP", "magic"},
        {"GIF89a__________", "magic"},
        {std::string("\x93NUMPY\x04\x00\x10\x00", 10), "version"},
        {std::string("\x93NUMPY\x01\x01\x10\x00", 10), "version"},
        {good.substr(0, 9), "header length"},
        {good.substr(0, 30), "header"},
        {npy_bytes(std::string(10'001, ' '), ""), "header length"},
        {std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "header length"},
        {good.substr(0, good.size() - 1), "data"},
        {good + '\0', "data"},
        {good.substr(0, good.size() - 16), "data"},
        {shaped("(65536,65536,65536)"), "data"},                 // 1 PiB, asked for before anything is allocated
        {shaped("(4294967296,4294967296)"), "shape"},            // product 2^64 = 0
        {shaped("(18446744073709551615,3)"), "shape"},
        {shaped("(18446744073709551616,)"), "shape"},
        {shaped("(9223372036854775807,0)", 0), "shape"},         // no elements, but strides that overflow
        {shaped("(0,9223372036854775807,4)", 0), "shape"},
        {shaped("(2,-3)"), "shape"},
        {shaped("(2.0,3)"), "header"},
        {shaped("(6)"), "shape"},                                // not a tuple in Python
        {shaped("[2,3]"), "header"},
        {shaped("(2,3"), "header"},
        {shaped("(" + std::string(200, '1') + ")"), "shape"},
        {shaped("(" + [] { std::string s; for (int i = 0; i < 65; ++i) s += "1,"; return s; }() + ")", 1), "shape"},
        {header("{'descr':'<f4','fortran_order':0,'shape':(2,3)}"), "fortran_order"},
        {header("{'descr':'<f4','fortran_order':False}"), "header"},
        {header("{'descr':'<f4','descr':'<f4','fortran_order':False,'shape':(2,3)}"), "header key"},
        {header("{'descr':'<f4','fortran_order':False,'shape':(2,3),'x':1}"), "header key"},
        {header("{'descr':'<f4','fortran_order':False,'shape':(2,3)} x"), "header"},
        {header("{'descr':'<f4' 'fortran_order':False,'shape':(2,3)}"), "header"},
        {header("{'descr:<f4"), "header key"},
        {header("__import__('os')"), "header"},
        {header("{'descr':'<f4\0','fortran_order':False,'shape':(2,3)}"), "dtype"},
        {header("{'descr':'|f4','fortran_order':False,'shape':(2,3)}"), "dtype"},
        {header("{'descr':'<c8','fortran_order':False,'shape':(2,3)}"), "dtype"},
        {header("{'descr':'<f16','fortran_order':False,'shape':(2,3)}"), "dtype"},
        {header("{'descr':'','fortran_order':False,'shape':(2,3)}"), "dtype"},
    };
    put(dir / "a.npy", good);
    CHECK_NOTHROW(npy::load<float>(dir / "a.npy"));
    for (const auto& [bytes, field] : cases) {
        CAPTURE(bytes);
        put(dir / "a.npy", bytes);
        const FileError error = refusal([&] { npy::load<float>(dir / "a.npy"); });
        CAPTURE(error.what());
        CHECK(error.field == field);
        CHECK(error.file == dir / "a.npy");
    }
}
