// An AOTInductor package in a C++ program. Arguments: package, data type, threads. What is said over the pipe is the
// same as in saved_model.c.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

bool receive(void* to, size_t size) { return std::fread(to, 1, size, stdin) == size; }

void answer(const void* from, size_t size) {
    if (std::fwrite(from, 1, size, stdout) != size) std::exit(1);
}

at::ScalarType type_of(const std::string& name) {
    if (name == "float32") return at::kFloat;
    if (name == "int64") return at::kLong;
    if (name == "int32") return at::kInt;
    throw std::invalid_argument("rows of type " + name);
}

void serve(const char* package, at::ScalarType type, int threads) {
    at::set_num_threads(threads);
    at::set_num_interop_threads(1);
    c10::InferenceMode guard;
    torch::inductor::AOTIModelPackageLoader model(package);
    const int64_t ready = 0;
    answer(&ready, sizeof ready);
    std::fflush(stdout);
    int64_t head[3];
    while (receive(head, sizeof head)) {
        const int64_t calls = head[0], rank = head[2];
        if (calls < 1 || rank > 16) throw std::invalid_argument("a request of another shape");
        std::vector<int64_t> sizes(rank);
        if (!receive(sizes.data(), rank * sizeof(int64_t))) return;
        const at::Tensor rows = at::empty(sizes, type);
        if (static_cast<int64_t>(rows.nbytes()) != head[1] || !receive(rows.data_ptr(), head[1])) return;
        std::vector<double> times(calls);
        at::Tensor outputs;
        for (double& time_ms : times) {
            const auto start = std::chrono::steady_clock::now();
            outputs = model.run({rows}).at(0);
            time_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        }
        outputs = outputs.to(at::kFloat).contiguous();
        const int64_t found[2] = {static_cast<int64_t>(outputs.nbytes()), outputs.dim()};
        answer(found, sizeof found);
        answer(outputs.sizes().data(), outputs.dim() * sizeof(int64_t));
        answer(outputs.data_ptr(), outputs.nbytes());
        answer(times.data(), calls * sizeof(double));
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    try {
        serve(argv[1], type_of(argv[2]), std::atoi(argv[3]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "RuntimeError: %s\n", error.what());
        return 1;
    }
    return 0;
}
