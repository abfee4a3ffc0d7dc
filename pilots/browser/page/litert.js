// LiteRT files in LiteRT.js, on the processor.

import {loadAndCompile, loadLiteRt, Tensor} from "./npm/@litertjs/core/dist/index.js";

export async function load(address, threads) {
  await loadLiteRt(new URL("./npm/@litertjs/core/wasm/", import.meta.url).href, {threads: threads > 1});
  const model = await loadAndCompile(address, {accelerator: "wasm", cpuOptions: {numThreads: threads}});
  const [{shape: [size], dtype}] = model.getInputDetails();
  return {
    batchSize: size > 0 ? size : null,
    async run(rows, shape) {
      // What was made from PyTorch takes whole numbers of 32 bits where the model takes 64.
      const taken = dtype === "int32" && rows instanceof BigInt64Array ? Int32Array.from(rows, Number) : rows;
      const input = new Tensor(taken, shape);
      const outputs = await model.run(input);
      const found = {data: outputs[0].toTypedArray().slice(), shape: [...outputs[0].type.layout.dimensions]};
      for (const tensor of [input, ...outputs]) tensor.delete(); // nobody else frees them
      return found;
    },
  };
}
