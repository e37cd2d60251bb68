// SPDX-License-Identifier: BSD-3-Clause
// What must every fast kernel compute? The same answers by plain loops in double, on compact C x H x W arrays.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/declare/spec.hpp>
#include <fovea/detail/finite.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea::kernels::reference {

using values = std::vector<double>;

inline std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

/// Taps of output channel o: all have g's, or the patterns in turn.
using tap_patterns = std::vector<tap_set>;

inline conv_geometry channel_geometry(const conv_geometry& g, const tap_patterns& patterns, std::ptrdiff_t o) {
    conv_geometry c = g;
    c.taps = patterns.empty() ? g.taps : patterns[at(o) % patterns.size()];
    return c;
}

inline std::ptrdiff_t weight_count(const conv_geometry& g, const tap_patterns& patterns) {
    std::ptrdiff_t n = 0;
    for (std::ptrdiff_t o = 0; o < g.out.channels; ++o) {
        n += g.in_per_group() * channel_geometry(g, patterns, o).tap_count();
    }
    return n;
}

/// Calls visit(input index, output index, weight index) for every product of the convolution.
template <class Visit>
void for_each_product(const conv_geometry& g, const tap_patterns& patterns, Visit visit) {
    const std::ptrdiff_t ipg = g.in_per_group();
    std::ptrdiff_t first_weight = 0;
    for (std::ptrdiff_t o = 0; o < g.out.channels; ++o) {
        const conv_geometry channel = channel_geometry(g, patterns, o);
        const std::ptrdiff_t taps = channel.tap_count();
        std::vector<std::ptrdiff_t> number(at(g.kernel_height * g.kernel_width), -1);  // among the present taps
        for (std::ptrdiff_t k = 0, n = 0; k < g.kernel_height * g.kernel_width; ++k) {
            number[at(k)] = channel.taps.has(k) ? n++ : -1;
        }
        for (std::ptrdiff_t y = 0; y < g.out.height; ++y) {
            for (std::ptrdiff_t x = 0; x < g.out.width; ++x) {
                for (std::ptrdiff_t i = 0; i < ipg; ++i) {
                    for (std::ptrdiff_t ky = 0; ky < g.kernel_height; ++ky) {
                        const std::ptrdiff_t iy = y * g.stride_height - g.pad_top + ky * g.dilation_height;
                        if (iy < 0 || iy >= g.in.height) {
                            continue;
                        }
                        for (std::ptrdiff_t kx = 0; kx < g.kernel_width; ++kx) {
                            const std::ptrdiff_t ix = x * g.stride_width - g.pad_left + kx * g.dilation_width;
                            const std::ptrdiff_t tap = number[at(ky * g.kernel_width + kx)];
                            if (ix < 0 || ix >= g.in.width || tap < 0) {
                                continue;
                            }
                            const std::ptrdiff_t c = o / g.out_per_group() * ipg + i;
                            visit(at((c * g.in.height + iy) * g.in.width + ix),
                                  at((o * g.out.height + y) * g.out.width + x),
                                  at(first_weight + i * taps + tap));
                        }
                    }
                }
            }
        }
        first_weight += ipg * taps;
    }
}

template <class Visit>
void for_each_product(const conv_geometry& g, Visit visit) {
    for_each_product(g, {}, visit);
}

/// bias may be empty.
inline values conv_forward(const conv_geometry& g, const values& in, const values& weights, const values& bias,
                           const tap_patterns& patterns = {}) {
    const std::ptrdiff_t positions = g.out.height * g.out.width;
    values out(at(g.out.channels * positions));
    for (std::size_t n = 0; n < out.size() && !bias.empty(); ++n) {
        out[n] = bias[n / at(positions)];
    }
    for_each_product(g, patterns, [&](std::size_t i, std::size_t o, std::size_t w) { out[o] += in[i] * weights[w]; });
    return out;
}

inline values conv_backward_data(const conv_geometry& g, const values& dout, const values& weights,
                                 const tap_patterns& patterns = {}) {
    values din(at(g.in.channels * g.in.height * g.in.width));
    for_each_product(g, patterns, [&](std::size_t i, std::size_t o, std::size_t w) { din[i] += dout[o] * weights[w]; });
    return din;
}

inline values conv_backward_weights(const conv_geometry& g, const values& in, const values& dout,
                                    const tap_patterns& patterns = {}) {
    values dweights(at(weight_count(g, patterns)));
    for_each_product(g, patterns, [&](std::size_t i, std::size_t o, std::size_t w) { dweights[w] += in[i] * dout[o]; });
    return dweights;
}

/// Pools visit the same products with a depthwise geometry (groups = channels). Average: over taps inside the image.
inline values average_pool(const conv_geometry& g, const values& in, values* counts = nullptr) {
    values out(at(g.out.channels * g.out.height * g.out.width));
    values count(out.size());
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t) {
        out[o] += in[i];
        count[o] += 1;
    });
    for (std::size_t o = 0; o < out.size(); ++o) {
        out[o] = count[o] > 0 ? out[o] / count[o] : 0;
    }
    if (counts != nullptr) {
        *counts = count;
    }
    return out;
}

/// `which`: input index of the first maximum in row-major order of taps, of the last NaN if there is one.
inline values max_pool(const conv_geometry& g, const values& in, std::vector<std::size_t>* which = nullptr) {
    values out(at(g.out.channels * g.out.height * g.out.width), -fovea::detail::infinity<double>);
    std::vector<std::size_t> first(out.size(), in.size());
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t) {
        if (first[o] == in.size() || in[i] > out[o] || fovea::detail::is_nan(in[i])) {
            out[o] = in[i];
            first[o] = i;
        }
    });
    if (which != nullptr) {
        *which = first;
    }
    return out;
}

/// Median of the taps inside the image, the mean of the two in the middle; none: 0. `which`: for each
/// output the first input indices in row-major order of taps that hold the lower and the upper of the two.
/// NaN if there is one: the first.
inline values median_pool(const conv_geometry& g, const values& in,
                          std::vector<std::array<std::size_t, 2>>* which = nullptr) {
    std::vector<std::vector<std::size_t>> windows(at(g.out.channels * g.out.height * g.out.width));
    for_each_product(g, [&](std::size_t i, std::size_t o, std::size_t) { windows[o].push_back(i); });
    values out(windows.size());
    for (std::size_t o = 0; o < windows.size(); ++o) {
        const std::size_t n = windows[o].size();
        std::array<std::size_t, 2> middle{};
        if (n > 0) {
            values sorted;
            for (const std::size_t i : windows[o]) {
                sorted.push_back(in[i]);
            }
            const auto is_nan = [](double v) { return fovea::detail::is_nan(v); };
            const auto nan = std::find_if(sorted.begin(), sorted.end(), is_nan);
            if (nan != sorted.end()) {
                std::fill(sorted.begin(), sorted.end(), *nan);
            }
            std::sort(sorted.begin(), sorted.end());
            for (std::size_t k = 0; k < 2; ++k) {
                const double value = sorted[(n - 1 + k) / 2];
                out[o] += value / 2;
                middle[k] = *std::find_if(windows[o].begin(), windows[o].end(), [&](std::size_t i) {
                    return is_nan(value) ? is_nan(in[i]) : !(in[i] < value) && !(value < in[i]);
                });
            }
        }
        if (which != nullptr) {
            which->push_back(middle);
        }
    }
    return out;
}

/// Where position i of a padded axis comes from; -1: nowhere.
inline std::ptrdiff_t padding_source(padding_mode mode, std::ptrdiff_t i, std::ptrdiff_t extent) {
    while (i < 0 || i >= extent) {
        switch (mode) {
            case padding_mode::reflect: i = i < 0 ? -i : extent - 1 - (i - (extent - 1)); break;
            case padding_mode::replicate: i += i < 0 ? 1 : -1; break;
            case padding_mode::circular: i += i < 0 ? extent : -extent; break;
            case padding_mode::zeros: return -1;
        }
    }
    return i;
}

/// Calls visit(input index, output index) for every value that a padded map takes from the map.
template <class Visit>
void for_each_padded(const map_layout& in, const map_layout& out, std::ptrdiff_t top, std::ptrdiff_t left,
                     padding_mode mode, Visit visit) {
    for (std::ptrdiff_t c = 0; c < out.channels; ++c) {
        for (std::ptrdiff_t y = 0; y < out.height; ++y) {
            for (std::ptrdiff_t x = 0; x < out.width; ++x) {
                const std::ptrdiff_t iy = padding_source(mode, y - top, in.height);
                const std::ptrdiff_t ix = padding_source(mode, x - left, in.width);
                if (iy >= 0 && ix >= 0) {
                    visit(at((c * in.height + iy) * in.width + ix), at((c * out.height + y) * out.width + x));
                }
            }
        }
    }
}

inline values pad(const map_layout& in, const map_layout& out, std::ptrdiff_t top, std::ptrdiff_t left,
                  padding_mode mode, const values& v) {
    values padded(at(out.channels * out.height * out.width));
    for_each_padded(in, out, top, left, mode, [&](std::size_t i, std::size_t o) { padded[o] = v[i]; });
    return padded;
}

/// Calls visit(input index, output index, weight) for every product of an Upsample.
template <class Visit>
void for_each_interpolated(const map_layout& in, const map_layout& out, bool bilinear, Visit visit) {
    const auto source = [bilinear](std::ptrdiff_t i, std::ptrdiff_t from, std::ptrdiff_t to) {
        // (i + 1/2) * from / to - 1/2
        const double centre = static_cast<double>((2 * i + 1) * from - to) / static_cast<double>(2 * to);
        return bilinear ? std::max(centre, 0.0) : static_cast<double>(i / (to / from));
    };
    for (std::ptrdiff_t c = 0; c < out.channels; ++c) {
        for (std::ptrdiff_t y = 0; y < out.height; ++y) {
            for (std::ptrdiff_t x = 0; x < out.width; ++x) {
                const double sy = source(y, in.height, out.height);
                const double sx = source(x, in.width, out.width);
                for (std::ptrdiff_t corner = 0; corner < (bilinear ? 4 : 1); ++corner) {
                    const std::ptrdiff_t low_y = static_cast<std::ptrdiff_t>(sy), low_x = static_cast<std::ptrdiff_t>(sx);
                    const double fy = sy - static_cast<double>(low_y), fx = sx - static_cast<double>(low_x);
                    const std::ptrdiff_t iy = std::min(low_y + corner / 2, in.height - 1);
                    const std::ptrdiff_t ix = std::min(low_x + corner % 2, in.width - 1);
                    visit(at((c * in.height + iy) * in.width + ix), at((c * out.height + y) * out.width + x),
                          (corner / 2 == 1 ? fy : 1 - fy) * (corner % 2 == 1 ? fx : 1 - fx));
                }
            }
        }
    }
}

inline values upsample(const map_layout& in, const map_layout& out, bool bilinear, const values& v) {
    values larger(at(out.channels * out.height * out.width));
    for_each_interpolated(in, out, bilinear,
                          [&](std::size_t i, std::size_t o, double weight) { larger[o] += v[i] * weight; });
    return larger;
}

/// tanh of the first half of the channels times sigmoid of the second.
inline values gate(const values& in) {
    values out(in.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = std::tanh(in[i]) / (1 + std::exp(-in[out.size() + i]));
    }
    return out;
}

/// g: the mirrored convolution, whose input map is written; weights I, O / groups, KH, KW; bias may be empty.
inline values deconv_forward(const conv_geometry& g, const values& in, const values& weights, const values& bias) {
    values out = conv_backward_data(g, in, weights);
    for (std::size_t i = 0; i < out.size() && !bias.empty(); ++i) {
        out[i] += bias[i / at(g.in.height * g.in.width)];
    }
    return out;
}

}  // namespace fovea::kernels::reference
