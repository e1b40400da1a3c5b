// Cases of cases.py as loops written by hand, in float32 on one core: what a compiler makes of the same steps.
//
//     g++ -O3 -march=native -ffast-math -o networks networks.cpp
//     ./networks coba 4000 one 5000     (or cuba; neurons, one delay of 1.5 ms, steps)
//     ./networks coba 4000 each 5000    (delays from 0.1 to 3 ms, a ring of arrivals)
//     ./networks stdp 15 230 3000       (rate in Hz, drive of the targets in pA, steps: 1 000 x 1 000 synapses)
//     ./networks noise 1000 5000        (leaky neurons with white noise, steps)
//
// It answers once when it is ready. Each line on standard input runs it on from where it is and answers with the us of
// a step, of noise with the ns of a neuron and step.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

using Floats = std::vector<float>;
using Numbers = std::vector<unsigned>;
static std::mt19937 draw(1);
static float uniform(float low, float high) { return std::uniform_real_distribution<float>(low, high)(draw); }

// Brette et al. (2007), benchmarks 1 and 2; ms, mV, pA, nS, Gohm. Exponential Euler, refractory 5 ms.
struct Brette {
    bool coba, each;
    int n, steps, t = 0;
    static const int LAG = 15, SLOTS = 31, SYNAPSES = 80;
    Floats V, ge, gi, ring;
    std::vector<int> since;
    Numbers start, target;
    std::vector<unsigned char> delay;
    std::vector<Numbers> sent;

    Brette(bool coba, bool each, int n, int steps)
        : coba(coba), each(each), n(n), steps(steps), V(n), ge(n, 0), gi(n, 0), since(n, 1 << 20), sent(LAG + 1) {
        for (float &v : V) v = uniform(-60, -50);
        std::binomial_distribution<int> count(n, SYNAPSES / double(n));
        for (int i = 0; i < n; i++) {
            start.push_back(target.size());
            for (int k = count(draw); k > 0; k--) {
                target.push_back(draw() % n);
                if (each) delay.push_back(1 + draw() % (SLOTS - 1));
            }
        }
        start.push_back(target.size());
        if (each) ring.assign(size_t(SLOTS) * 2 * n, 0);
    }

    long run() {
        const float dt = 0.1f, tau = 20, de = std::exp(-dt / 5), di = std::exp(-dt / 10), R = 0.1f;
        const float me = (1 - de) * 5 / dt, mi = (1 - di) * 10 / dt, rest = coba ? -60 : -49, drive = coba ? 200 : 0;
        const float we = coba ? 6 : 16.2f, wi = coba ? 67 : -90, fixed = std::exp(-dt / tau);
        long spikes = 0;
        for (int k = 0; k < steps; k++, t++) {
            Numbers &now = sent[t % (LAG + 1)];
            now.clear();
            float *v = V.data(), *e = ge.data(), *i = gi.data();
            int *s = since.data();
            if (coba) {
                for (int j = 0; j < n; j++) {
                    float a = e[j] * me, b = i[j] * mi, g = 1 + R * (a + b);
                    float goal = (rest + R * (b * -80 + drive)) / g;
                    float next = goal + (v[j] - goal) * std::exp(-dt / tau * g);
                    v[j] = s[j] < 50 ? v[j] : next;
                    e[j] *= de, i[j] *= di;
                }
            } else {
                for (int j = 0; j < n; j++) {
                    float goal = rest + R * (e[j] * me + i[j] * mi), next = goal + (v[j] - goal) * fixed;
                    v[j] = s[j] < 50 ? v[j] : next;
                    e[j] *= de, i[j] *= di;
                }
            }
            int any[64], m = 0;  // in blocks, so that the test is a vector
            for (int begin = 0; begin < n; begin += 64) {
                int end = begin + 64 < n ? begin + 64 : n, found = 0;
                for (int j = begin; j < end; j++) s[j]++, found |= (v[j] >= -50) & (s[j] > 50);
                if (!found) continue;
                m = 0;
                for (int j = begin; j < end; j++)
                    if (v[j] >= -50 && s[j] > 50) any[m++] = j;
                for (int l = 0; l < m; l++) now.push_back(any[l]), v[any[l]] = -60, s[any[l]] = 0;
            }
            spikes += now.size();
            if (each) {
                float *slots = ring.data(), *due = slots + size_t(t % SLOTS) * 2 * n;
                for (unsigned j : now) {
                    bool excites = j < unsigned(n * 4L / 5);
                    float w = excites ? we : wi;
                    for (unsigned l = start[j]; l < start[j + 1]; l++)
                        slots[(size_t((t + delay[l]) % SLOTS) * 2 + !excites) * n + target[l]] += w;
                }
                for (int j = 0; j < n; j++) e[j] += due[j], i[j] += due[n + j], due[j] = due[n + j] = 0;
            } else if (t >= LAG) {
                for (unsigned j : sent[(t - LAG) % (LAG + 1)]) {
                    float *g = j < unsigned(n * 4L / 5) ? e : i, w = j < unsigned(n * 4L / 5) ? we : wi;
                    for (unsigned l = start[j]; l < start[j + 1]; l++) g[target[l]] += w;
                }
            }
        }
        return spikes;
    }
};

// Pairs of spikes of 1 000 Poisson trains and 1 000 leaky neurons that are driven, all connected.
struct Stdp {
    static const int N = 1000;
    float rate, drive;
    int steps;
    Floats V, x, y, w;

    Stdp(float rate, float drive, int steps) : rate(rate), drive(drive), steps(steps), V(N, 0), x(N, 0), y(N, 0), w(N * N, 1e-4f) {
        for (float &v : V) v = uniform(0, 10);
    }

    long run() {
        const float dt = 0.1f, decay = std::exp(-dt / 20), high = 0.02f, p = rate * 1e-3f * dt;
        const float goal = 0.1f * drive, leak = std::exp(-dt / 20);
        long spikes = 0;
        for (int k = 0; k < steps; k++) {
            Numbers pre, post;
            for (int j = 0; j < N; j++) {
                if (draw() < p * 4294967296.0f) pre.push_back(j);
                V[j] = goal + (V[j] - goal) * leak;
                if (V[j] >= 10) post.push_back(j);
                x[j] *= decay, y[j] *= decay;
            }
            for (unsigned i : pre)
                for (int j = 0; j < N; j++) {
                    float &s = w[i * N + j];
                    V[j] += s;
                    s = std::fmax(s - 0.0105f * high * y[j], 0.0f);
                }
            for (unsigned j : post)
                for (int i = 0; i < N; i++) w[i * N + j] = std::fmin(w[i * N + j] + 0.01f * high * x[i], high);
            for (unsigned i : pre) x[i] += 1;
            for (unsigned j : post) y[j] += 1, V[j] = 0;
            spikes += post.size();
        }
        return spikes;
    }
};

// Leaky neurons with white noise: random words of xoshiro, normal numbers by Box and Muller.
struct Noise {
    int n, steps;
    Floats V;
    std::vector<unsigned> a, b, c, d;

    Noise(int n, int steps) : n(n), steps(steps), V(n, 0), a(n), b(n), c(n), d(n) {
        for (int i = 0; i < n; i++) a[i] = draw(), b[i] = draw(), c[i] = draw(), d[i] = draw();
    }

    long run() {
        const float leak = std::exp(-0.1f / 20), size = std::sqrt(0.1f);
        long spikes = 0;
        for (int k = 0; k < steps; k++) {
            int count = 0;
            for (int i = 0; i < n; i++) {
                unsigned sum = a[i] + d[i], t = b[i] << 9;  // xoshiro128+, a generator for each neuron
                c[i] ^= a[i], d[i] ^= b[i], b[i] ^= c[i], a[i] ^= d[i], c[i] ^= t, d[i] = (d[i] << 11) | (d[i] >> 21);
                // Box and Muller, of which one number is used: log, sqrt and cos are those of libmvec.
                float u = (sum >> 8) * 0x1p-24f + 0x1p-25f, angle = (sum & 0xffff) * (6.2831853f / 65536);
                float z = std::sqrt(-2 * std::log(u)) * std::cos(angle);
                float v = 9 + (V[i] - 9) * leak + size * z;
                count += v >= 10;
                V[i] = v >= 10 ? 0 : v;
            }
            spikes += count;
        }
        return spikes;
    }
};

template <class Model> static int answer(Model model, double us) {
    std::printf("0\n");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
        auto begin = std::chrono::steady_clock::now();
        long spikes = model.run();
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::printf("%g\n", took.count() * us + 0 * spikes);
        std::fflush(stdout);
    }
    return 0;
}

int main(int count, char **arg) {
    int steps = std::atoi(arg[count - 1]);
    if (!std::strcmp(arg[1], "stdp")) return answer(Stdp(std::atof(arg[2]), std::atof(arg[3]), steps), 1e6 / steps);
    int n = std::atoi(arg[2]);
    if (!std::strcmp(arg[1], "noise")) return answer(Noise(n, steps), 1e9 / steps / n);
    return answer(Brette(!std::strcmp(arg[1], "coba"), !std::strcmp(arg[3], "each"), n, steps), 1e6 / steps);
}
