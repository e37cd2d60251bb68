// SPDX-License-Identifier: BSD-3-Clause
// From names to types.
#include "model.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <fovea/detail/error.hpp>

#include "networks.hpp"

namespace examples {

namespace {

template <class Network, class Use>
void for_each_fitting_set(Use use) {
    hana::for_each(data_sets, [&](auto set) {
        if constexpr (fits<Network, decltype(set)>) {
            use(decltype(set)::name);
        }
    });
}

template <class Names>
std::string joined(Names add_names) {
    std::string text;
    add_names([&](std::string_view name) { text += (text.empty() ? "" : ", ") + std::string(name); });
    return text;
}

}  // namespace

std::unique_ptr<model> make_model(std::string_view network, std::string_view data_set) {
    std::unique_ptr<model> made;
    bool known = false;
    std::string needs;
    hana::for_each(networks, [&]<class Network>(const named_network<Network>& entry) {
        if (entry.name != network) {
            return;
        }
        known = true;
        made = make_model_of<Network>(data_set);
        needs = std::string(fovea::output_shape<Network>.positions() > 1 ? "gives a class for every pixel"
                                                                         : "gives one class an image") +
                " and goes with " + joined([](auto add) { for_each_fitting_set<Network>(add); });
    });
    if (!known) {
        throw fovea::Error("network '" + std::string(network) + "': unknown; there are " + joined([](auto add) {
                               hana::for_each(networks, [&](const auto& entry) { add(entry.name); });
                           }));
    }
    if (!made) {
        std::string fitting;
        hana::for_each(data_sets, [&](auto set) {
            using data = decltype(set);
            if (data::name == data_set) {
                fitting = joined([](auto add) {
                    hana::for_each(networks, [&]<class Network>(const named_network<Network>& entry) {
                        if constexpr (fits<Network, data>) {
                            add(entry.name);
                        }
                    });
                });
            }
        });
        throw fovea::Error("network '" + std::string(network) + "' does not fit data set '" + std::string(data_set) +
                           "': it " + needs +
                           (fitting.empty() ? "; that data set is unknown"
                                            : "; for " + std::string(data_set) + " take " + fitting));
    }
    return made;
}

std::string list_of_models() {
    std::ostringstream out;
    out << "networks          parameters   field   million MACs   data sets\n";
    hana::for_each(networks, [&]<class Network>(const named_network<Network>& entry) {
        const auto column = [&](std::string_view text, std::size_t width) {
            out << std::string(width - std::min(width, text.size()), ' ') << text;
        };
        out << "  " << entry.name << std::string(14 - entry.name.size(), ' ');
        column(std::to_string(fovea::parameter_count<Network>), 12);
        column(std::to_string(fovea::receptive_field<Network>.height.size), 8);
        std::ostringstream macs;
        macs.precision(1);
        macs << std::fixed << static_cast<double>(fovea::mac_count<Network>) / 1e6;
        column(macs.str(), 15);
        out << "   " << joined([](auto add) { for_each_fitting_set<Network>(add); }) << '\n';
    });
    out << "(with the input and the number of classes of the first data set named)\n\ndata sets\n";
    hana::for_each(data_sets, [&](auto set) {
        using data = decltype(set);
        constexpr fovea::Shape in = fovea::input_shape<fovea::Network<typename data::input, fovea::Identity>>;
        out << "  " << data::name << std::string(12 - data::name.size(), ' ') << in.channels << "x" << in.height << "x"
            << in.width << ", " << data::classes << " classes" << (data::per_pixel ? ", one a pixel" : "") << '\n';
    });
    return out.str();
}

}  // namespace examples
