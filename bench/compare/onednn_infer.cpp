// SPDX-License-Identifier: BSD-3-Clause
// How fast does oneDNN run a network? Primitives: direct convolutions whose layouts oneDNN chooses (format `any`; a forced blocked layout makes it refuse wide
// dilations and take its reference code), ReLU and sums as post-operations, weights reordered once.
//   compare_onednn FOLDER BATCH
#include <cstring>
#include <map>
#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

#include "folded.hpp"

namespace {

using dnnl::memory;
using tag = memory::format_tag;

class network {
public:
    network(const compare::folded_network& net, std::int64_t images, const std::vector<float>& x) : images_(images) {
        input_ = memory({dims(net.input), memory::data_type::f32, tag::nchw}, engine_);
        std::memcpy(input_.get_data_handle(), x.data(), input_.get_desc().get_size());
        maps_[0] = input_;
        for (const compare::step& s : net.steps) {
            s.operation == "conv" ? add_convolution(s) : s.operation == "mean" ? add_mean(s) : add_softmax(s);
            last_ = maps_.at(s.output);
        }
        stream_.wait();
    }

    void run() {
        for (auto& [primitive, arguments] : calls_) {
            primitive.execute(stream_, arguments);
        }
        stream_.wait();
    }

    std::vector<float> output() {
        const memory::dims d = last_.get_desc().dims();
        memory plain({d, memory::data_type::f32, tag::nchw}, engine_);
        dnnl::reorder(last_, plain).execute(stream_, last_, plain);
        stream_.wait();
        const auto* first = static_cast<const float*>(plain.get_data_handle());
        return {first, first + d[0] * d[1] * d[2] * d[3]};
    }

private:
    memory::dims dims(const std::array<std::int64_t, 3>& s) const { return {images_, s[0], s[1], s[2]}; }
    memory::desc any(const memory::dims& d) const { return {d, memory::data_type::f32, tag::any}; }

    /// The map in the wanted layout, by a reorder in every run where it has another one.
    memory in_layout(const memory& map, const memory::desc& wanted) {
        if (map.get_desc() == wanted) {
            return map;
        }
        memory moved(wanted, engine_);
        calls_.emplace_back(dnnl::reorder(map, moved), std::unordered_map<int, memory>{{DNNL_ARG_FROM, map}, {DNNL_ARG_TO, moved}});
        return moved;
    }

    /// Weights in the wanted layout, once.
    memory packed(const std::vector<float>& values, const memory::desc& plain, const memory::desc& wanted) {
        memory from(plain, engine_), to(wanted, engine_);
        std::memcpy(from.get_data_handle(), values.data(), values.size() * sizeof(float));
        dnnl::reorder(from, to).execute(stream_, from, to);
        stream_.wait();
        return to;
    }

    void add_convolution(const compare::step& s) {
        const bool grouped = s.groups > 1;
        const std::int64_t in = s.input_shape[0] / s.groups, out = s.output_shape[0];
        const memory::dims weight_dims = grouped ? memory::dims{s.groups, out / s.groups, in, s.kernel[0], s.kernel[1]}
                                                 : memory::dims{out, in, s.kernel[0], s.kernel[1]};
        dnnl::post_ops after;
        if (s.sum >= 0) {
            after.append_sum();
        }
        if (s.relu) {
            after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
        }
        dnnl::primitive_attr attributes;
        attributes.set_post_ops(after);
        const dnnl::convolution_forward::primitive_desc pd(
            {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(dims(s.input_shape)), any(weight_dims),
             memory::desc({out}, memory::data_type::f32, tag::x), any(dims(s.output_shape)),
             {s.stride[0], s.stride[1]}, {s.dilation[0] - 1, s.dilation[1] - 1}, {s.padding[0], s.padding[1]}, {s.padding[2], s.padding[3]}},
            attributes, engine_);
        const memory source = in_layout(maps_.at(s.input), pd.src_desc());
        // A sum is written over the map that is added: in the networks here nothing reads that map afterwards.
        const memory result = s.sum >= 0 ? in_layout(maps_.at(s.sum), pd.dst_desc()) : memory(pd.dst_desc(), engine_);
        calls_.emplace_back(
            dnnl::convolution_forward(pd),
            std::unordered_map<int, memory>{
                {DNNL_ARG_SRC, source},
                {DNNL_ARG_WEIGHTS, packed(s.weight, {weight_dims, memory::data_type::f32, grouped ? tag::goihw : tag::oihw}, pd.weights_desc())},
                {DNNL_ARG_BIAS, packed(s.bias, {{out}, memory::data_type::f32, tag::x}, pd.bias_desc())},
                {DNNL_ARG_DST, result}});
        maps_[s.output] = result;
    }

    void add_mean(const compare::step& s) {
        const memory source = maps_.at(s.input);
        const dnnl::pooling_forward::primitive_desc pd(
            {dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_avg_exclude_padding, source.get_desc(), any(dims(s.output_shape)),
             {1, 1}, {s.input_shape[1], s.input_shape[2]}, {0, 0}, {0, 0}},
            engine_);
        maps_[s.output] = memory(pd.dst_desc(), engine_);
        calls_.emplace_back(dnnl::pooling_forward(pd), std::unordered_map<int, memory>{{DNNL_ARG_SRC, source}, {DNNL_ARG_DST, maps_[s.output]}});
    }

    void add_softmax(const compare::step& s) {
        const memory source = maps_.at(s.input);
        const dnnl::softmax_forward::primitive_desc pd({dnnl::prop_kind::forward_inference, source.get_desc(), 1}, engine_);
        maps_[s.output] = memory(pd.dst_desc(), engine_);
        calls_.emplace_back(dnnl::softmax_forward(pd), std::unordered_map<int, memory>{{DNNL_ARG_SRC, source}, {DNNL_ARG_DST, maps_[s.output]}});
    }

    std::int64_t images_;
    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    memory input_, last_;
    std::map<int, memory> maps_;
    std::vector<std::pair<dnnl::primitive, std::unordered_map<int, memory>>> calls_;
};

}  // namespace

int main(int argc, char** argv) {
    return compare::guarded([&] {
        if (argc != 3) {
            throw std::runtime_error("arguments: FOLDER BATCH");
        }
        const std::string folder = argv[1];
        network net(compare::read_folded(folder), std::stoll(argv[2]), compare::read_floats(folder + "/input.bin"));
        const dnnl_version_t* v = dnnl_version();
        std::string version = std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
        return compare::serve({.version = version, .call = [&] { net.run(); }, .output = [&] { return net.output(); }});
    });
}
