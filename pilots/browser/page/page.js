// Loads a runtime and a model, then carries out what the server asks for: predict rows, or time that.

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array, uint8: Uint8Array,
};

// The head of a message is JSON, its body bytes.
async function answer(head, body) {
  await fetch("./answer", {method: "POST", headers: {"Advisor-Head": JSON.stringify(head)}, body});
}

// Predicts any number of rows. An artifact for a fixed number gets them in portions, the last one filled up with its
// last row, whose surplus outputs are dropped.
async function predict(model, rows, shape) {
  const [count, ...rest] = shape;
  const portion = model.batchSize ?? count;
  if (portion === count) return model.run(rows, shape);
  const width = rest.reduce((product, size) => product * size, 1);
  let outputs = null;
  for (let start = 0; start < count; start += portion) {
    const here = Math.min(portion, count - start);
    const part = new rows.constructor(portion * width);
    part.set(rows.subarray(start * width, (start + here) * width));
    const last = part.slice((here - 1) * width, here * width);
    for (let surplus = here; surplus < portion; surplus += 1) part.set(last, surplus * width);
    const found = await model.run(part, [portion, ...rest]);
    const outputWidth = found.data.length / portion;
    outputs ??= {data: new found.data.constructor(count * outputWidth), shape: [count, ...found.shape.slice(1)]};
    outputs.data.set(found.data.subarray(0, here * outputWidth), start * outputWidth);
  }
  return outputs;
}

function nameOf(array) {
  const name = Object.keys(ARRAYS).find((one) => array instanceof ARRAYS[one]);
  if (!name) throw new TypeError(`outputs of the type ${array.constructor.name} cannot be sent`);
  return name;
}

async function carryOut(model, job, body) {
  if (!(job.dtype in ARRAYS)) throw new TypeError(`rows of the type ${job.dtype} cannot be taken`);
  const rows = new ARRAYS[job.dtype](body);
  if (job.calls === undefined) {
    const found = await predict(model, rows, job.shape);
    return [{kind: "outputs", dtype: nameOf(found.data), shape: found.shape}, found.data];
  }
  const times = new Float64Array(job.calls);
  for (let call = 0; call < job.calls; call += 1) {
    const started = performance.now();
    await predict(model, rows, job.shape);
    times[call] = performance.now() - started;
  }
  return [{kind: "times"}, times];
}

try {
  const options = new URLSearchParams(location.search);
  const {load} = await import(`./${options.get("runtime")}.js`);
  const model = await load(new URL("./model", location.href).href, Number(options.get("threads")));
  await answer({kind: "loaded"}, "");
  for (;;) {
    const response = await fetch("./job");
    if (response.status === 204) continue; // nothing to do yet
    const job = JSON.parse(response.headers.get("Advisor-Head"));
    await answer(...await carryOut(model, job, await response.arrayBuffer()));
  }
} catch (error) {
  await answer({kind: "error"}, error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${error}`);
}
