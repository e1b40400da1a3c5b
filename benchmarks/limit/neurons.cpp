// The tasks of neurons.py as loops written by hand, in float32: what a compiler makes of the same steps.
//
//     g++ -O3 -march=native -ffast-math -o neurons neurons.cpp
//     ./neurons HH exp_euler 1000 4000 0.025 1000 -75 -55
//
// (model, method, neurons, steps, dt in ms, I in pA, first and last V in mV.)
//
// Each line on standard input runs it once and answers with a line of JSON: seconds of the loop, number of spikes.
// -ffast-math lets it vectorize exp (libmvec), whose error is then up to 4 units in the last place.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

using Floats = std::vector<float>;

// Exponential Euler, the gates first, with the V of the step's start. A spike where V comes over 0 mV, rearmed at -20.
static long hh(int n, int steps, float dt, float I, Floats &V, Floats &m, Floats &h, Floats &k, std::vector<int> &above) {
    std::vector<int> counts(n, 0);
    const float density = I / 1e4f * 100;  // pA over 10 000 um2, in uA / cm2
    for (int step = 0; step < steps; step++) {
        for (int i = 0; i < n; i++) {
            float v = V[i];
            float x = -(v + 40) / 10, y = -(v + 55) / 10;
            float am = x / (std::exp(x) - 1), bm = 4 * std::exp(-(v + 65) / 18);
            float ah = 0.07f * std::exp(-(v + 65) / 20), bh = 1 / (1 + std::exp(-(v + 35) / 10));
            float an = 0.1f * y / (std::exp(y) - 1), bn = 0.125f * std::exp(-(v + 65) / 80);
            float sm = am + bm, sh = ah + bh, sn = an + bn;
            float M = am / sm + (m[i] - am / sm) * std::exp(-dt * sm);
            float H = ah / sh + (h[i] - ah / sh) * std::exp(-dt * sh);
            float N = an / sn + (k[i] - an / sn) * std::exp(-dt * sn);
            float na = 120 * M * M * M * H, pot = 36 * N * N * N * N, g = na + pot + 0.3f;
            float rest = (density + na * 50 - pot * 77 - 0.3f * 54.387f) / g;
            v = rest + (v - rest) * std::exp(-dt * g);
            int now = v >= 0, stays = above[i] & (v >= -20);
            counts[i] += now & !above[i];
            above[i] = now | stays;
            V[i] = v, m[i] = M, h[i] = H, k[i] = N;
        }
    }
    long total = 0;
    for (int c : counts) total += c;
    return total;
}

// Brette and Gerstner's neuron: exponential Euler with w first, or Euler.
template <bool exponential>
static long adex(int n, int steps, float dt, float I, Floats &V, Floats &w) {
    std::vector<int> counts(n, 0);
    const float tau = 281 / 30.0f, gL = 30, decay = std::exp(-dt / 144);
    for (int step = 0; step < steps; step++) {
        for (int i = 0; i < n; i++) {
            int spike = V[i] >= -40.4f;  // of the step before
            float v = spike ? -70.6f : V[i], W = w[i] + (spike ? 80.5f : 0);
            float goal = 4 * (v + 70.6f), old = W;
            W = exponential ? goal + (W - goal) * decay : W + dt / 144 * (goal - W);
            float up = std::exp((v + 50.4f) / 2);
            float rate = (-(v + 70.6f) + 2 * up + (I - (exponential ? W : old)) / gL) / tau, z = dt * (up - 1) / tau;
            float phi = std::fabs(z) < 1e-3f ? 1 + z / 2 : (std::exp(std::fmin(z, 20.0f)) - 1) / z;
            phi = exponential ? phi : 1;
            v = std::fmin(v + dt * phi * rate, -40.4f);
            counts[i] += v >= -40.4f;
            V[i] = v, w[i] = W;
        }
    }
    long total = 0;
    for (int c : counts) total += c;
    return total;
}

int main(int, char **arg) {
    bool is_hh = !std::strcmp(arg[1], "HH"), exponential = !std::strcmp(arg[2], "exp_euler");
    int n = std::atoi(arg[3]), steps = std::atoi(arg[4]);
    float dt = std::atof(arg[5]), I = std::atof(arg[6]), first = std::atof(arg[7]), last = std::atof(arg[8]);
    while (std::getchar() != EOF) {
        Floats V(n), w(n, 0), m(n, 0.05293f), h(n, 0.59612f), k(n, 0.31768f);
        std::vector<int> above(n, 0);
        for (int i = 0; i < n; i++) V[i] = first + (last - first) * i / (n - 1);
        auto start = std::chrono::steady_clock::now();
        long spikes = is_hh         ? hh(n, steps, dt, I, V, m, h, k, above)
                      : exponential ? adex<true>(n, steps, dt, I, V, w)
                                    : adex<false>(n, steps, dt, I, V, w);
        std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        std::printf("{\"seconds\": %g, \"counts\": %ld, \"version\": \"" __VERSION__ "\"}\n", taken.count(), spikes);
        std::fflush(stdout);
    }
}
