// LiteRT files in LiteRT.js, on the processor.

import {loadAndCompile, loadLiteRt, Tensor} from "./npm/@litertjs/core/dist/index.js";

export async function load(address, threads) {
  await loadLiteRt(new URL("./npm/@litertjs/core/wasm/", import.meta.url).href, {threads: threads > 1});
  const model = await loadAndCompile(address, {accelerator: "wasm", cpuOptions: {numThreads: threads}});
  const size = model.getInputDetails()[0].shape[0];
  return {
    batchSize: size > 0 ? size : null,
    async run(rows, shape) {
      const input = new Tensor(rows, shape);
      const outputs = await model.run(input);
      const found = {data: outputs[0].toTypedArray().slice(), shape: [...outputs[0].type.layout.dimensions]};
      for (const tensor of [input, ...outputs]) tensor.delete(); // nobody else frees them
      return found;
    },
  };
}
