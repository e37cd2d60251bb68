// SPDX-License-Identifier: BSD-3-Clause
// What is a vector where xsimd has none? The compiler's own: on any processor that g++ and clang know, in what registers
// it has. Named as in xsimd 8, as far as kernels ask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#define FOVEA_OWN [[gnu::always_inline]] inline

namespace fovea::own_vectors {

inline constexpr std::size_t vector_bytes = 16;

template <class T>
struct vector_of;
template <>
struct vector_of<float> {
    typedef float type __attribute__((vector_size(vector_bytes)));
};
template <>
struct vector_of<double> {
    typedef double type __attribute__((vector_size(vector_bytes)));
};
template <>
struct vector_of<std::int32_t> {
    typedef std::int32_t type __attribute__((vector_size(vector_bytes)));
};
template <>
struct vector_of<std::int64_t> {
    typedef std::int64_t type __attribute__((vector_size(vector_bytes)));
};

/// What a comparison gives: a lane's bits are all ones where it holds.
template <class T>
struct batch_bool {
    using register_type = typename vector_of<std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>::type;
    register_type data;

    FOVEA_OWN friend batch_bool operator&(batch_bool a, batch_bool b) { return {a.data & b.data}; }
    FOVEA_OWN friend batch_bool operator|(batch_bool a, batch_bool b) { return {a.data | b.data}; }
    FOVEA_OWN friend batch_bool operator~(batch_bool a) { return {~a.data}; }
    FOVEA_OWN friend batch_bool operator!(batch_bool a) { return {~a.data}; }
    FOVEA_OWN friend batch_bool operator&&(batch_bool a, batch_bool b) { return a & b; }
    FOVEA_OWN friend batch_bool operator||(batch_bool a, batch_bool b) { return a | b; }
};

template <class T>
struct batch {
    using register_type = typename vector_of<T>::type;
    using batch_bool_type = batch_bool<T>;
    using mask = typename batch_bool<T>::register_type;
    static constexpr std::size_t size = vector_bytes / sizeof(T);
    register_type data;

    batch() = default;
    FOVEA_OWN batch(register_type v) : data(v) {}
    FOVEA_OWN batch(T value) : data(value - register_type{}) {}  // -0 stays -0
    FOVEA_OWN operator register_type() const { return data; }

    FOVEA_OWN static batch load_unaligned(const T* p) {
        batch v;
        __builtin_memcpy(&v.data, p, sizeof(v.data));
        return v;
    }
    FOVEA_OWN void store_unaligned(T* p) const { __builtin_memcpy(p, &data, sizeof(data)); }

    FOVEA_OWN friend batch operator-(batch a) { return {-a.data}; }
    FOVEA_OWN friend batch operator+(batch a, batch b) { return {a.data + b.data}; }
    FOVEA_OWN friend batch operator-(batch a, batch b) { return {a.data - b.data}; }
    FOVEA_OWN friend batch operator*(batch a, batch b) { return {a.data * b.data}; }
    FOVEA_OWN friend batch operator/(batch a, batch b) { return {a.data / b.data}; }
    FOVEA_OWN batch& operator+=(batch b) { return *this = *this + b; }
    FOVEA_OWN batch& operator-=(batch b) { return *this = *this - b; }
    FOVEA_OWN batch& operator*=(batch b) { return *this = *this * b; }
    FOVEA_OWN batch& operator/=(batch b) { return *this = *this / b; }

    FOVEA_OWN friend batch operator&(batch a, batch b) { return from_bits(a.to_bits() & b.to_bits()); }
    FOVEA_OWN friend batch operator|(batch a, batch b) { return from_bits(a.to_bits() | b.to_bits()); }
    FOVEA_OWN friend batch operator^(batch a, batch b) { return from_bits(a.to_bits() ^ b.to_bits()); }
    FOVEA_OWN friend batch operator~(batch a) { return from_bits(~a.to_bits()); }
    FOVEA_OWN friend batch operator<<(batch a, int n) { return {a.data << static_cast<T>(n)}; }
    FOVEA_OWN friend batch operator>>(batch a, int n) { return {a.data >> static_cast<T>(n)}; }

    FOVEA_OWN friend batch_bool<T> operator<(batch a, batch b) { return {a.data < b.data}; }
    FOVEA_OWN friend batch_bool<T> operator>(batch a, batch b) { return {a.data > b.data}; }
    FOVEA_OWN friend batch_bool<T> operator<=(batch a, batch b) { return {a.data <= b.data}; }
    FOVEA_OWN friend batch_bool<T> operator>=(batch a, batch b) { return {a.data >= b.data}; }
    FOVEA_OWN friend batch_bool<T> operator==(batch a, batch b) { return {a.data == b.data}; }
    FOVEA_OWN friend batch_bool<T> operator!=(batch a, batch b) { return {a.data != b.data}; }

private:
    FOVEA_OWN mask to_bits() const { return __builtin_bit_cast(mask, data); }
    FOVEA_OWN static batch from_bits(mask bits) { return {__builtin_bit_cast(register_type, bits)}; }
};

template <class To, class T>
FOVEA_OWN batch<To> bitwise_cast(batch<T> v) {
    return {__builtin_bit_cast(typename batch<To>::register_type, v.data)};
}

template <class T>
FOVEA_OWN batch<T> select(batch_bool<T> where, batch<T> a, batch<T> b) {
    return {where.data ? a.data : b.data};
}

template <class T>
FOVEA_OWN bool all(batch_bool<T> where) {
    bool found = true;
    for (std::size_t i = 0; i < batch<T>::size; ++i) {
        found = found && where.data[i] != 0;
    }
    return found;
}

template <class T>
FOVEA_OWN batch<T> abs(batch<T> v) {
    return v & ~batch<T>(T(-0.0));
}

/// a * b + c, rounded once where that is an instruction.
template <class T>
FOVEA_OWN batch<T> fma(batch<T> a, batch<T> b, batch<T> c) {
#if defined(__FP_FAST_FMAF)
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        if constexpr (sizeof(T) == 4) {
            return batch<T>(typename batch<T>::register_type{__builtin_fmaf(a.data[I], b.data[I], c.data[I])...});
        } else {
            return batch<T>(typename batch<T>::register_type{__builtin_fma(a.data[I], b.data[I], c.data[I])...});
        }
    }
    (std::make_index_sequence<batch<T>::size>{});
#else
    return a * b + c;
#endif
}

template <class T>
FOVEA_OWN T hadd(batch<T> v) {
    T lane[batch<T>::size];
    v.store_unaligned(lane);
    for (std::size_t step = batch<T>::size / 2; step > 0; step /= 2) {  // halves onto each other
        for (std::size_t i = 0; i < step; ++i) {
            lane[i] += lane[i + step];
        }
    }
    return lane[0];
}

}  // namespace fovea::own_vectors

#undef FOVEA_OWN
