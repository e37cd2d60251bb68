// SPDX-License-Identifier: BSD-3-Clause
// Which networks and data sets do the example programs know by name? Types with names in Boost.Hana tuples.
#pragma once

#include <string_view>

#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <fovea/dsl.hpp>

#include "../networks/seed_networks.hpp"
#include "../networks/sparse_networks.hpp"

namespace examples {

namespace hana = boost::hana;

// --- data sets: what a network has to take and to give -----------------------------------------------------------------

struct cifar10 {
    static constexpr std::string_view name = "cifar10";
    using input = fovea::Input<3, 32, 32>;
    static constexpr int classes = 10;
    static constexpr bool per_pixel = false;
};
struct cifar100 {
    static constexpr std::string_view name = "cifar100";
    using input = fovea::Input<3, 32, 32>;
    static constexpr int classes = 100;
    static constexpr bool per_pixel = false;
};
/// 28x28 with two black pixels on every side, as LeNet-5 had them: the layers then have CIFAR's geometry and share its
/// kernels, which halves what there is to compile.
struct fashion {
    static constexpr std::string_view name = "fashion";
    using input = fovea::Input<1, 32, 32>;
    static constexpr int classes = 10;
    static constexpr bool per_pixel = false;
};
struct m2nist {
    static constexpr std::string_view name = "m2nist";
    using input = fovea::Input<1, 64, 84>;
    static constexpr int classes = 11;
    static constexpr bool per_pixel = true;
};

inline constexpr hana::tuple<cifar10, cifar100, fashion, m2nist> data_sets{};

// --- networks ----------------------------------------------------------------------------------------------------------

template <class Network>
struct named_network {
    std::string_view name;
    hana::basic_type<Network> type;
};
template <class Network>
named_network(const char*, hana::basic_type<Network>) -> named_network<Network>;

inline constexpr auto networks = hana::make_tuple(named_network{"dilated4", hana::basic_type<seed::Dilated4>{}},
                                                  named_network{"largekernel4", hana::basic_type<seed::LargeKernel4>{}},
                                                  named_network{"strided4", hana::basic_type<seed::Strided4>{}},
                                                  named_network{"cascade10", hana::basic_type<seed::Cascade10>{}},
                                                  named_network{"twotap10", hana::basic_type<sparse::TwoTap10>{}},
                                                  named_network{"depthwise10", hana::basic_type<seed::Depthwise10>{}},
                                                  named_network{"wide4", hana::basic_type<seed::Wide4>{}},
                                                  named_network{"segment", hana::basic_type<seed::Segment>{}});

namespace detail {

template <class Brick, int Classes>
struct with_classes {
    using type = Brick;
};
template <int Before, int Classes>
struct with_classes<fovea::Conv1x1<Before>, Classes> {
    using type = fovea::Conv1x1<Classes>;
};

template <class Network, class DataSet>
struct adapted;
template <class Input, class... Bricks, class DataSet>
struct adapted<fovea::Network<Input, Bricks...>, DataSet> {
    using type = fovea::Network<typename DataSet::input, typename with_classes<Bricks, DataSet::classes>::type...>;
};

}  // namespace detail

/// The same trunk for another data set: its input, and as many classes as it has.
template <class Network, class DataSet>
using adapted = typename detail::adapted<Network, DataSet>::type;

static_assert(fovea::parameter_count<adapted<seed::Dilated4, cifar100>> ==
              fovea::parameter_count<seed::Dilated4> + 90 * (48 + 1));
static_assert(fovea::claim<fovea::output_shape<adapted<seed::Dilated4, fashion>>, fovea::Shape{10, 1, 1}>);

/// A class a pixel or a class an image, both must say the same.
template <class Network, class DataSet>
inline constexpr bool fits = (fovea::output_shape<Network>.positions() > 1) == DataSet::per_pixel;

}  // namespace examples
