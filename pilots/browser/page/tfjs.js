// Graph models in TensorFlow.js, on the processor. Its builds for browsers put all they have into the global `tf`.

import "./npm/@tensorflow/tfjs-core/dist/tf-core.es2017.min.js";
import "./npm/@tensorflow/tfjs-converter/dist/tf-converter.es2017.min.js";
import "./npm/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js";

const {tf} = globalThis;

// Einstein sums of two tensors as one product of matrices: WebAssembly has no kernel for them, and attention in Keras is
// made of them.
function einsum({inputs: [x, y], attrs: {equation}}) {
  const [, a, b, result] = equation.match(/^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/) ?? [];
  if (!a) throw new Error(`the page cannot put together Einsum ${equation}`);
  const size = {};
  [[a, x], [b, y]].forEach(([term, tensor]) => [...term].forEach((one, axis) => { size[one] = tensor.shape[axis]; }));
  const shared = [...a].filter((one) => b.includes(one));
  const kept = shared.filter((one) => result.includes(one));
  const summed = shared.filter((one) => !result.includes(one));
  const left = [...a].filter((one) => !shared.includes(one));
  const right = [...b].filter((one) => !shared.includes(one));
  const volume = (axes) => axes.reduce((product, one) => product * size[one], 1);
  const matrices = (tensor, term, ...groups) => tf.reshape(
    tf.transpose(tensor, groups.flat().map((one) => term.indexOf(one))), groups.map(volume));
  return tf.tidy(() => {
    const products = tf.matMul(matrices(x, a, kept, left, summed), matrices(y, b, kept, summed, right));
    const axes = [...kept, ...left, ...right];
    return tf.transpose(tf.reshape(products, axes.map((one) => size[one])), [...result].map((one) => axes.indexOf(one)));
  });
}

export async function load(address, threads) {
  tf.wasm.setWasmPaths(new URL("./npm/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).href);
  tf.wasm.setThreadsCount(threads);
  if (!await tf.setBackend("wasm")) throw new Error("TensorFlow.js cannot start in WebAssembly");
  tf.registerKernel({kernelName: "Einsum", backendName: "wasm", kernelFunc: einsum});
  const model = await tf.loadGraphModel(`${address}/model.json`);
  const [{shape: [size], dtype}] = model.inputs;
  let loops = false;
  async function predict(input) {
    try {
      if (!loops) return model.execute(input);
    } catch (error) {
      if (!error.message.includes("executeAsync")) throw error; // which it names for graphs with loops
      loops = true;
    }
    return model.executeAsync(input);
  }
  return {
    batchSize: size > 0 ? size : null,
    async run(rows, shape) {
      const taken = rows instanceof Float32Array || rows instanceof Int32Array ? rows : Array.from(rows, Number);
      const input = tf.tensor(taken, shape, dtype);
      const output = await predict(input);
      const found = {data: await output.data(), shape: output.shape};
      tf.dispose([input, output]); // nobody else frees them
      return found;
    },
  };
}
