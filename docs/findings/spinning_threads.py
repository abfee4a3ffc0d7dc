"""A neighbour that takes part of a core costs PyTorch far more than JAX: the time of a step, alone and beside one."""

import statistics
import subprocess
import sys
import time

SPIN = """import sys, time
while True:
    end = time.process_time() + float(sys.argv[1]) * 0.04
    while time.process_time() < end: pass
    time.sleep((1 - float(sys.argv[1])) * 0.04)"""

if len(sys.argv) == 1:  # a process for each framework, so that neither has the other's threads
    for share in ("0", "0.25", "0.5"):
        neighbour = subprocess.Popen([sys.executable, "-c", SPIN, share]) if share != "0" else None
        for name in ("torch", "jax"):
            print(f"{share} of a core taken:", end=" ", flush=True)
            subprocess.run([sys.executable, __file__, name], check=True)
        if neighbour:
            neighbour.kill()
    sys.exit()
if sys.argv[1] == "torch":
    import torch

    x, w, v = torch.randn(256, 30), torch.randn(30, 512, requires_grad=True), torch.randn(512, 1, requires_grad=True)
    step = lambda: torch.autograd.grad((torch.relu(x @ w) @ v).square().mean(), (w, v))  # noqa: E731
else:
    import jax

    x, w, v = jax.numpy.ones((256, 30)), jax.numpy.ones((30, 512)), jax.numpy.ones((512, 1))
    grad = jax.jit(jax.grad(lambda w, v: ((jax.nn.relu(x @ w) @ v) ** 2).mean(), (0, 1)))
    step = lambda: jax.block_until_ready(grad(w, v))  # noqa: E731
blocks = []
for _ in range(20):  # of which the first warm up
    began = time.perf_counter()
    for _ in range(50):
        step()
    blocks.append(20 * (time.perf_counter() - began))
print(f"{sys.argv[1]} {statistics.median(blocks[5:]):.2f} ms")
