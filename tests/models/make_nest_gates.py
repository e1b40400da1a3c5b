"""Make the numbers of NEST in test_gates.py: `python make_nest_gates.py`, in an environment that has NEST (3.10.0).

A neuron of iaf_bw_2001_exact (Wang 2002) that AMPA input makes spike acts on another one by NMDA receptors, 5 nS, after
1 ms. Printed: when it spikes, and at some times the open share of the receptors and V of the other, which it does not
make spike.
"""

import nest

nest.resolution = 0.05
pre = nest.Create("iaf_bw_2001_exact")
post = nest.Create("iaf_bw_2001_exact", params={"V_th": 100.0})
receptors = post.get("receptor_types")
source = nest.Create("spike_generator", params={"spike_times": [10.0, 13.0, 16.0, 40.0]})
nest.Connect(source, pre, syn_spec={"weight": 120.0, "delay": 1.0, "receptor_type": receptors["AMPA"]})
nest.Connect(pre, post, syn_spec={"weight": 5.0, "delay": 1.0, "receptor_type": receptors["NMDA"]})
trace = nest.Create("multimeter", params={"record_from": ["V_m", "s_NMDA"], "interval": 0.05})
nest.Connect(trace, post)
spikes = nest.Create("spike_recorder")
nest.Connect(pre, spikes)
nest.Simulate(120.0)

print("spikes", spikes.events["times"].tolist())
for time, s, V in zip(trace.events["times"], trace.events["s_NMDA"], trace.events["V_m"], strict=True):
    if round(time / 0.05) in (300, 500, 1000, 2000):
        print(f"{time:.2f} ms: s {s / 5:.6f}, V {V:.6f} mV")
