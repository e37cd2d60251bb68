// SPDX-License-Identifier: BSD-3-Clause
// What must a whole network compute? Brick by brick in double, unfused, from the records of layers<Net>: kinds, shapes,
// options. Padding, taps and functions are worked out here again, so that nothing is shared with what plans and runs.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fovea/execute/weights.hpp>

#include "../reference_activation.hpp"

namespace fovea::test {

using values = std::vector<double>;

/// A network as values: what is compiled once serves all.
struct plain_network {
    std::span<const layer_info> layers;
    std::span<const std::size_t> edges;
    std::span<const std::size_t> outputs;
    std::span<const tensor_info> tensors;
    values weights;

    /// The tensor `field` of a layer, of its owner if it shares weights; empty where there is none.
    values tensor(std::size_t layer, std::string_view field) const {
        for (const tensor_info& t : tensors) {
            const std::string_view name = t.name;
            if (t.layer == layers[layer].owner && name.substr(name.rfind('.') + 1) == field) {
                const auto first = weights.begin() + static_cast<std::ptrdiff_t>(t.offset);
                return {first, first + static_cast<std::ptrdiff_t>(t.size())};
            }
        }
        return {};
    }
    /// The weights of a convolution; a FixedConv's come from its function.
    values weight(std::size_t layer) const {
        const layer_info& l = layers[layer];
        if (!l.is_fixed) {
            return tensor(layer, "weight");
        }
        values v;
        const std::size_t kernels = l.output.channels / l.input.channels;
        for (std::size_t o = 0; o < l.output.channels; ++o) {
            for (std::size_t k = 0; k < l.rows.kernel * l.columns.kernel; ++k) {
                v.push_back(l.fixed(static_cast<int>(o % kernels), static_cast<int>(k / l.columns.kernel),
                                    static_cast<int>(k % l.columns.kernel)));
            }
        }
        return v;
    }
};

template <class Net, class T>
plain_network plain(const Weights<Net, T>& w) {
    const auto& trace = detail::network_traits<Net>::trace;
    return {trace.layers, trace.edges, trace.outputs(), detail::tensor_list<Net>, {w.values().begin(), w.values().end()}};
}

inline values softmax(values x, std::size_t channels, std::size_t positions) {
    for (std::size_t p = 0; p < positions; ++p) {
        double largest = x[p], sum = 0;
        for (std::size_t c = 0; c < channels; ++c) {
            largest = std::max(largest, x[c * positions + p]);
        }
        for (std::size_t c = 0; c < channels; ++c) {
            sum += x[c * positions + p] = std::exp(x[c * positions + p] - largest);
        }
        for (std::size_t c = 0; c < channels; ++c) {
            x[c * positions + p] /= sum;
        }
    }
    return x;
}

/// One axis of a window: which input is under tap k of output o?
struct plain_axis {
    long in = 1, out = 1, kernel = 1, dilation = 1, stride = 1;
    long before = 0;  ///< positions of padding; Deconv: what is cropped
    padding_mode mode = padding_mode::zeros;

    long reach() const { return (kernel - 1) * dilation + 1; }
    /// -1: none.
    long read(long o, long k) const {
        const long i = o * stride - before + k * dilation;
        if (i >= 0 && i < in) {
            return i;
        }
        switch (mode) {
            case padding_mode::zeros: return -1;
            case padding_mode::reflect: return i < 0 ? -i : 2 * (in - 1) - i;
            case padding_mode::replicate: return i < 0 ? 0 : in - 1;
            case padding_mode::circular: return (i + in) % in;
        }
        throw std::logic_error("no plain padding");
    }
    /// Where input i goes by tap k of a transposed window; -1: nowhere.
    long write(long i, long k) const {
        const long o = i * stride - before + k * dilation;
        return o >= 0 && o < out ? o : -1;
    }
};
inline plain_axis axis_of(const layer_info& l, std::size_t in, std::size_t out, const axis_window& w) {
    plain_axis a{static_cast<long>(in), static_cast<long>(out), static_cast<long>(w.kernel),
                 static_cast<long>(w.dilation), static_cast<long>(w.stride)};
    a.mode = l.mode;
    const bool transposed = l.kind == brick_kind::deconv;
    // `same`: half of what the windows of ceil(in / stride) outputs lack, or of what in * stride outputs leave over.
    const long wanted = transposed ? (a.in - 1) * a.stride + a.reach() - a.in * a.stride
                                   : ((a.in + a.stride - 1) / a.stride - 1) * a.stride + a.reach() - a.in;
    switch (l.padding) {
        case padding_rule::same: a.before = std::max(wanted, 0L) / 2; break;
        case padding_rule::valid: break;
        case padding_rule::causal: a.before = transposed ? 0 : a.reach() - 1; break;
        case padding_rule::fixed: a.before = static_cast<long>(w.pad_before); break;  // as written
    }
    return a;
}

/// Does a pattern have this tap?
inline bool has_tap(const detail::tap_pattern& p, long row, long column, long rows, long columns) {
    const auto in_line = [&](long at, long count) { return !p.ends || at == 0 || at == count - 1; };
    const bool horizontal = row == (rows - 1) / 2 && in_line(column, columns);
    const bool vertical = column == (columns - 1) / 2 && in_line(row, rows);
    const auto falls = [&](long x) {
        const long steps = std::max(rows, columns) - 1;
        for (long i = 0; i <= steps; ++i) {
            const auto nearest = [&](long count) {
                return steps == 0 ? 0
                                  : std::floor(static_cast<double>(i * (count - 1)) / static_cast<double>(steps) + 0.5);
            };
            if (in_line(i, steps + 1) && nearest(rows) == static_cast<double>(row) &&
                nearest(columns) == static_cast<double>(x)) {
                return true;
            }
        }
        return false;
    };
    switch (p.shape) {
        case detail::tap_pattern::full: return true;
        case detail::tap_pattern::cross: return horizontal || vertical;
        case detail::tap_pattern::diagonal: return falls(column);
        case detail::tap_pattern::antidiagonal: return falls(columns - 1 - column);
        case detail::tap_pattern::horizontal: return horizontal;
        case detail::tap_pattern::vertical: return vertical;
        case detail::tap_pattern::mask: {
            long digit = row * columns + column;
            for (const char c : p.rows) {
                if (c != ' ' && digit-- == 0) {
                    return c == '1';
                }
            }
            break;
        }
    }
    throw std::logic_error("no plain pattern");
}

/// The two axes of a layer's window.
struct plain_window {
    plain_axis rows, columns;

    explicit plain_window(const layer_info& l)
        : rows(axis_of(l, l.input.height, l.output.height, l.rows)),
          columns(axis_of(l, l.input.width, l.output.width, l.columns)) {}

    /// Calls visit(input, output), positions of one channel, for all that meet at a tap.
    template <class Visit>
    void at_tap(long row, long column, Visit visit) const {
        for (long y = 0; y < rows.out; ++y) {
            for (long x = 0; x < columns.out; ++x) {
                const long iy = rows.read(y, row), ix = columns.read(x, column);
                if (iy >= 0 && ix >= 0) {
                    visit(static_cast<std::size_t>(iy * columns.in + ix),
                          static_cast<std::size_t>(y * columns.out + x));
                }
            }
        }
    }
    /// The same of a transposed window.
    template <class Visit>
    void at_transposed_tap(long row, long column, Visit visit) const {
        for (long y = 0; y < rows.in; ++y) {
            for (long x = 0; x < columns.in; ++x) {
                const long oy = rows.write(y, row), ox = columns.write(x, column);
                if (oy >= 0 && ox >= 0) {
                    visit(static_cast<std::size_t>(y * columns.in + x),
                          static_cast<std::size_t>(oy * columns.out + ox));
                }
            }
        }
    }
};

/// Weights lie as O, I / groups, taps there are; of a transposed one as I, O / groups, taps.
inline values plain_convolution(const layer_info& l, const values& x, const values& weights, const values& bias) {
    const plain_window w(l);
    const bool transposed = l.kind == brick_kind::deconv;
    const std::size_t in = l.input.positions(), out = l.output.positions();
    const std::size_t from = l.input.channels / l.groups, to = l.output.channels / l.groups;
    values y(l.output.size());
    for (std::size_t k = 0; k < y.size() && !bias.empty(); ++k) {
        y[k] = bias[k / out];
    }
    auto weight = weights.begin();
    for (std::size_t first = 0; first < (transposed ? l.input.channels : l.output.channels); ++first) {
        const std::size_t group = first / (transposed ? from : to);
        for (std::size_t second = 0; second < (transposed ? to : from); ++second) {
            const std::size_t i = transposed ? first : group * from + second;
            const std::size_t o = transposed ? group * to + second : first;
            for (long ky = 0; ky < w.rows.kernel; ++ky) {
                for (long kx = 0; kx < w.columns.kernel; ++kx) {
                    if (l.patterns.count > 0 &&
                        !has_tap(l.patterns.list[o % l.patterns.count], ky, kx, w.rows.kernel, w.columns.kernel)) {
                        continue;
                    }
                    const double factor = *weight++;
                    const auto add = [&](std::size_t p, std::size_t q) { y[o * out + q] += x[i * in + p] * factor; };
                    if (transposed) {
                        w.at_transposed_tap(ky, kx, add);
                    } else {
                        w.at_tap(ky, kx, add);
                    }
                }
            }
        }
    }
    return y;
}

/// pool(the values under a window): at least one.
template <class Pool>
values plain_pool(const layer_info& l, const values& x, Pool pool) {
    const plain_window w(l);
    const std::size_t in = l.input.positions(), out = l.output.positions();
    std::vector<values> under(l.output.size());
    for (long ky = 0; ky < w.rows.kernel; ++ky) {
        for (long kx = 0; kx < w.columns.kernel; ++kx) {
            w.at_tap(ky, kx, [&](std::size_t p, std::size_t q) {
                for (std::size_t c = 0; c < l.output.channels; ++c) {
                    under[c * out + q].push_back(x[c * in + p]);
                }
            });
        }
    }
    values y;
    for (values& v : under) {
        y.push_back(pool(v));
    }
    return y;
}
inline double mean_of(const values& v) {
    double sum = 0;
    for (const double x : v) {
        sum += x;
    }
    return sum / static_cast<double>(v.size());
}
inline bool any_nan(const values& v) {
    return std::any_of(v.begin(), v.end(), [](double x) { return detail::is_nan(x); });
}
inline double largest_of(const values& v) { return any_nan(v) ? std::nan("") : *std::max_element(v.begin(), v.end()); }
inline double median_of(values v) {
    if (any_nan(v)) {
        return std::nan("");
    }
    std::sort(v.begin(), v.end());
    return v[(v.size() - 1) / 2] / 2 + v[v.size() / 2] / 2;
}

inline values plain_upsample(const layer_info& l, const values& x) {
    const std::size_t in = l.input.positions(), width = l.input.width, height = l.input.height;
    /// Position o of the larger axis as one of the smaller: (o + 1/2) / n - 1/2, not before the first.
    const auto place = [](std::size_t o, std::size_t n) {
        return std::max((static_cast<double>(o) + 0.5) / static_cast<double>(n) - 0.5, 0.0);
    };
    values y;
    for (std::size_t c = 0; c < l.output.channels; ++c) {
        for (std::size_t row = 0; row < l.output.height; ++row) {
            for (std::size_t column = 0; column < l.output.width; ++column) {
                const auto value = [&](std::size_t r, std::size_t k) {
                    return x[c * in + std::min(r, height - 1) * width + std::min(k, width - 1)];
                };
                if (!l.bilinear) {
                    y.push_back(value(row / l.rows.stride, column / l.columns.stride));
                    continue;
                }
                const double sy = place(row, l.rows.stride), sx = place(column, l.columns.stride);
                const auto r = static_cast<std::size_t>(sy), k = static_cast<std::size_t>(sx);
                const double fy = sy - static_cast<double>(r), fx = sx - static_cast<double>(k);
                y.push_back((value(r, k) * (1 - fx) + value(r, k + 1) * fx) * (1 - fy) +
                            (value(r + 1, k) * (1 - fx) + value(r + 1, k + 1) * fx) * fy);
            }
        }
    }
    return y;
}

/// What layer i gives for the maps that it reads.
inline values reference_layer(const plain_network& net, std::size_t i, const std::vector<const values*>& inputs) {
    const layer_info& l = net.layers[i];
    values x = *inputs[0];
    const std::size_t positions = l.input.positions(), channels = l.input.channels;
    switch (l.kind) {
        case brick_kind::conv:
        case brick_kind::deconv: return plain_convolution(l, x, net.weight(i), net.tensor(i, "bias"));
        case brick_kind::dense: {
            const values m = net.tensor(i, "weight"), b = net.tensor(i, "bias");
            values y(l.output.channels);
            for (std::size_t o = 0; o < y.size(); ++o) {
                y[o] = b.empty() ? 0 : b[o];
                for (std::size_t k = 0; k < x.size(); ++k) {
                    y[o] += m[o * x.size() + k] * x[k];
                }
            }
            return y;
        }
        case brick_kind::batch_norm: {
            const values scale = net.tensor(i, "weight"), shift = net.tensor(i, "bias"),
                         mean = net.tensor(i, "running_mean"), variance = net.tensor(i, "running_var");
            for (std::size_t k = 0; k < x.size(); ++k) {
                const std::size_t c = k / positions;
                x[k] = (x[k] - mean[c]) / std::sqrt(variance[c] + l.epsilon.value()) * scale[c] + shift[c];
            }
            return x;
        }
        case brick_kind::activation: {
            values slopes = net.tensor(i, "weight");
            for (std::size_t k = 0; k < l.constants.count; ++k) {
                slopes.push_back(l.constants.list[k].value());
            }
            for (std::size_t k = 0; k < x.size(); ++k) {
                x[k] = plain_activation(l.act, x[k], slopes_of_channel(l.act, slopes.data(), k / positions));
            }
            return x;
        }
        case brick_kind::max_pool: return plain_pool(l, x, largest_of);
        case brick_kind::average_pool: return plain_pool(l, x, mean_of);
        case brick_kind::median_pool: return plain_pool(l, x, median_of);
        case brick_kind::upsample: return plain_upsample(l, x);
        case brick_kind::gate: {
            values y(x.size() / 2);
            for (std::size_t k = 0; k < y.size(); ++k) {
                y[k] = std::tanh(x[k]) / (1 + std::exp(-x[y.size() + k]));
            }
            return y;
        }
        case brick_kind::add:
            for (std::size_t n = 1; n < inputs.size(); ++n) {
                for (std::size_t k = 0; k < x.size(); ++k) {
                    x[k] += (*inputs[n])[k];
                }
            }
            return x;
        case brick_kind::concat:
            for (std::size_t n = 1; n < inputs.size(); ++n) {
                x.insert(x.end(), inputs[n]->begin(), inputs[n]->end());
            }
            return x;
        case brick_kind::global_average_pool: {
            values y(channels);
            for (std::size_t k = 0; k < x.size(); ++k) {
                y[k / positions] += x[k] / static_cast<double>(positions);
            }
            return y;
        }
        case brick_kind::softmax: return softmax(x, channels, positions);
        case brick_kind::identity:
        case brick_kind::dropout:
        case brick_kind::tap: return x;
    }
    throw std::logic_error("no plain brick");
}

/// The outputs (logits or probabilities) for one input, C x H x W flattened.
inline std::vector<values> reference_outputs(const plain_network& net, values x) {
    std::vector<values> maps{std::move(x)};
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
        std::vector<const values*> inputs;
        for (std::size_t n = 0; n < net.layers[i].input_count; ++n) {
            inputs.push_back(&maps[net.edges[net.layers[i].first_input + n]]);
        }
        maps.push_back(reference_layer(net, i, inputs));
    }
    std::vector<values> outputs;
    for (std::size_t v : net.outputs) {
        outputs.push_back(maps[v]);
    }
    return outputs;
}

}  // namespace fovea::test
