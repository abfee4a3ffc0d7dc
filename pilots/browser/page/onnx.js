// ONNX files in onnxruntime-web, on the processor.

import * as ort from "./npm/onnxruntime-web/dist/ort.wasm.min.mjs";

export async function load(address, threads) {
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL("./npm/onnxruntime-web/dist/", import.meta.url).href;
  const session = await ort.InferenceSession.create(address, {executionProviders: ["wasm"]});
  const [input] = session.inputMetadata;
  const size = input.shape[0];
  return {
    batchSize: typeof size === "number" && size > 0 ? size : null,
    async run(rows, shape) {
      const found = await session.run({[input.name]: new ort.Tensor(rows, shape)});
      const output = found[session.outputNames[0]];
      return {data: output.data, shape: [...output.dims]};
    },
  };
}
