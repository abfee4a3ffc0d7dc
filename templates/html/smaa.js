"use strict";
// Stochastic multicriteria acceptability analysis on the draws that the report was made from: what
// advisor/deciding does in Python (weights.py, acceptability.py, verdict.py, sensitivity.py), in numbers only.

/** The draws of a study: values[criterion][candidate], chances[criterion] and weights[criterion], one entry per draw. */
async function unpackDraws(study) {
  const packed = Uint8Array.from(atob(study.packed), (character) => character.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer());
  let at = 0;
  const next = () => bytes.subarray(at, (at += study.draws));
  const values = study.criteria.map(() => study.candidates.map(() => next()));
  const chances = study.criteria.map(() => Float64Array.from(next(), (step) => (step + 0.5) / study.chance_steps));
  const weights = study.criteria.map(({ heaviest }) =>
    Float64Array.from(next(), (step) => (step / study.weight_steps) * heaviest),
  );
  return { values, chances, weights: addUpToOne(weights) };
}

/**
 * Weights from points: the top counts 100; each other is drawn within a few points of what was given, but never past
 * half-way to its neighbour, so that the order is kept. No points, no weight.
 */
function weightsFromPoints(points, chances, { top, half_width: halfWidth }) {
  const most = Math.max(...points);
  const scaled = points.map((given) => (given / most) * top);
  const steps = [...new Set([0, ...scaled])].sort((a, b) => a - b);
  return addUpToOne(
    scaled.map((centre, k) => {
      if (centre === 0) return new Float64Array(chances[k].length);
      let [low, high] = [centre, centre];
      if (centre < top) {
        const place = steps.indexOf(centre);
        low = Math.max(centre - halfWidth, (steps[place - 1] + centre) / 2);
        high = Math.min(centre + halfWidth, (steps[place + 1] + centre) / 2);
      }
      return chances[k].map((chance) => low + (high - low) * chance);
    }),
  );
}

/** Scale the weights of every draw to a sum of 1, in place. */
function addUpToOne(weights) {
  for (let draw = 0; draw < weights[0].length; draw++) {
    let sum = 0;
    for (const ofCriterion of weights) sum += ofCriterion[draw];
    for (const ofCriterion of weights) ofCriterion[draw] /= sum;
  }
  return weights;
}

/** The utility of some candidates, by their places, in every draw. */
function utilitiesOf(places, draws, weights, steps) {
  return places.map((place) => {
    const utility = new Float64Array(weights[0].length);
    weights.forEach((weight, k) => {
      const value = draws.values[k][place];
      for (let draw = 0; draw < utility.length; draw++) utility[draw] += weight[draw] * value[draw];
    });
    return utility.map((sum) => sum / steps);
  });
}

/** The share of draws in which each has the highest utility; those that tie share the draw. */
function probabilityBest(utilities) {
  const draws = utilities[0].length;
  const wins = utilities.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    let best = -Infinity;
    let ties = 0;
    for (const utility of utilities) {
      if (utility[draw] > best) [best, ties] = [utility[draw], 1];
      else if (utility[draw] === best) ties += 1;
    }
    utilities.forEach((utility, i) => {
      if (utility[draw] === best) wins[i] += 1 / ties;
    });
  }
  return wins.map((count) => count / draws);
}

/**
 * The whole decision.
 *
 * @param {object} study what the page embeds
 * @param {object} draws see unpackDraws
 * @param {Float64Array[]} weights by criterion, one entry per draw
 * @param {Set<string>} lifted constraints that do not count
 */
function decide(study, draws, weights, lifted) {
  const meanWeights = weights.map(mean);
  const checks = study.checks.filter((check) => !lifted.has(check.constraint));
  const everyone = study.candidates.map((_, place) => place);
  const fails = (place) => checks.some((check) => check.candidate === place && check.status === "fail");
  const feasible = everyone.filter((place) => !fails(place));
  const missing = weightOn("missing", study, feasible.length ? feasible : everyone, meanWeights);
  const grounded = weightOn("grounded", study, feasible.length ? feasible : everyone, meanWeights);
  const decision = { meanWeights, missing, grounded, feasible, probability: study.candidates.map(() => null), open: [] };
  if (!feasible.length) return { ...decision, verdict: "none_feasible", shortlist: [], flips: [] };

  const utilities = utilitiesOf(feasible, draws, weights, study.steps);
  const means = utilities.map(mean);
  probabilityBest(utilities).forEach((share, i) => (decision.probability[feasible[i]] = share));
  // Losing least on average and being worth most on average is the same.
  const order = feasible.map((_, i) => i).sort((a, b) => means[b] - means[a]);
  const family = (i) => study.candidates[feasible[i]].family;
  const [first, ...rest] = order;
  const second = rest.find((i) => family(i) !== family(first)) ?? rest[0];
  const margin = second === undefined ? null : median(utilities[first].map((u, draw) => u - utilities[second][draw]));
  const familyProbability = feasible
    .filter((_, i) => family(i) === family(first))
    .reduce((sum, place) => sum + decision.probability[place], 0);
  const open = checks.filter((check) => check.candidate === feasible[first]);
  const verdict = verdictOf(study.thresholds, {
    margin,
    missing,
    grounded,
    open: open.length > 0,
    probability: familyProbability,
  });
  const close = order.filter((i) => means[first] - means[i] <= study.thresholds.shortlist_loss);
  if (verdict === "too_close" && second !== undefined && !close.includes(second)) close.push(second);
  const runnerUp = second === undefined ? null : feasible[second];
  return {
    ...decision,
    verdict,
    open,
    familyProbability,
    first: feasible[first],
    second: runnerUp,
    siblings: feasible.some((_, i) => i !== first && family(i) === family(first)),
    shortlist: close.map((i) => feasible[i]),
    flips: runnerUp === null ? [] : flipWeights(study, meanWeights, feasible[first], runnerUp),
  };
}

/** The verdict by the rules of the method, strongest objection first; margin is null where there is no other. */
function verdictOf(thresholds, { margin, missing, grounded, open, probability }) {
  if (margin !== null && missing > thresholds.missing_weight) return "insufficient";
  if (open) return "conditional";
  if (margin === null) return "clear";
  const leadsClearly = probability >= thresholds.clear_probability && margin >= thresholds.margin;
  if (leadsClearly && grounded >= thresholds.grounded_weight) return "clear";
  return probability >= thresholds.lean_probability ? "lean" : "too_close";
}

/** Mean weight of each criterion times the share of its evidence that is missing, or grounded, candidates alike. */
function weightOn(what, study, places, meanWeights) {
  return meanWeights.reduce((sum, weight, k) => {
    const shares = places.map((place) => study.candidates[place][what][k]);
    return sum + weight * mean(shares);
  }, 0);
}

/** By criterion, the weight at which two candidates tie, all others keeping their proportions; null where none does. */
function flipWeights(study, meanWeights, first, second) {
  const differences = meanWeights.map((_, k) => study.candidates[first].means[k] - study.candidates[second].means[k]);
  const lead = differences.reduce((sum, difference, k) => sum + difference * meanWeights[k], 0);
  return differences.map((difference, k) => {
    const others = 1 - meanWeights[k];
    const rest = (lead - difference * meanWeights[k]) / others;
    const weight = -rest / (difference - rest);
    return others > 1e-12 && Math.abs(difference - rest) > 1e-12 && weight >= 0 && weight <= 1 ? weight : null;
  });
}

function mean(numbers) {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum / numbers.length;
}

function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}
