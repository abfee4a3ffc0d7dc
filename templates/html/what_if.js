// The panel: reads sliders and switches, decides anew (smaa.js), and writes the outcome. Texts become text, never HTML.

const WORDS = {
  clear: "Clear",
  lean: "Leaning",
  too_close: "Too close to call",
  conditional: "Conditional",
  none_feasible: "None feasible",
  insufficient: "Not enough evidence",
};

/** A share as the report writes it: what is nearly 0 or 1 is not rounded to it. */
function percent(share) {
  if (share > 0 && share < 0.005) return "under 1%";
  if (share >= 0.995 && share < 1) return "over 99%";
  return `${Math.round(share * 100)}%`;
}

function joined(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What the report itself says, from twice the draws: until something moves, the panel says the same to the digit. */
function reported(study, { first }) {
  const probability = study.candidates.map((candidate) => candidate.probability);
  const family = study.candidates[first]?.family;
  const familyProbability = study.candidates.reduce(
    (sum, candidate) => sum + (candidate.family === family ? (candidate.probability ?? 0) : 0),
    0,
  );
  return { verdict: study.verdict, probability, familyProbability };
}

/** The verdict in a sentence. */
function sentenceOf(study, decision) {
  const title = (place) => study.candidates[place].title;
  if (decision.verdict === "none_feasible") return "Every candidate fails at least one requirement.";
  if (decision.verdict === "insufficient") {
    return `What nobody has measured, answered or looked up carries ${percent(decision.missing)} of the weight.`;
  }
  const leader = study.candidates[decision.first];
  const byFamily = decision.siblings && decision.verdict !== "too_close";
  const name = byFamily ? study.families[leader.family] : leader.title;
  const own = decision.probability[decision.first];
  const likely = percent(byFamily ? decision.familyProbability : own);
  const within = byFamily ? `; within ${name}, ${leader.title} is ahead (${percent(own)})` : "";
  switch (decision.verdict) {
    case "clear":
      return decision.second === null
        ? `${leader.title} is the only candidate that meets every requirement.`
        : `${name} is the clear choice: it comes out best in ${likely} of the readings, by a margin that matters${within}.`;
    case "lean":
      return `${name} is the better choice but not a certain one: it comes out best in ${likely} of the readings${within}.`;
    case "conditional": {
      const open = joined([...new Set(decision.open.map((check) => study.constraints[check.constraint]))]);
      return `${name} is ahead, best in ${likely} of the readings${within}, but this is still open: ${open}.`;
    }
    default:
      return decision.shortlist.length < 2
        ? `${name} is ahead, but too narrowly to call: it comes out best in only ${likely} of the readings.`
        : `${joined(decision.shortlist.map(title))} are too close to call: ` +
            `${name} is ahead, but comes out best in only ${likely} of the readings.`;
  }
}

/** What would turn the answer, the two nearest weights, in a sentence. */
function flipSentence(study, decision) {
  if (decision.second === undefined || decision.second === null) return "";
  const nearest = decision.flips
    .map((flip, k) => ({ k, flip, distance: flip === null ? Infinity : Math.abs(flip - decision.meanWeights[k]) }))
    .filter(({ flip }) => flip !== null)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 2)
    .map(({ k, flip }) => {
      const now = decision.meanWeights[k];
      return `${study.criteria[k].title} mattered ${flip < now ? "less" : "more"} (${percent(flip)}, now ${percent(now)})`;
    });
  const rival = study.candidates[decision.second].title;
  return nearest.length
    ? `${rival} catches up if ${nearest.join(" or ")}.`
    : `No weight of a single criterion lets ${rival} catch up.`;
}

/** The points as answers, largest first. */
function answersOf(study, points) {
  const given = ranked(study, points).filter(({ value }) => value > 0);
  return ["[priorities.points]", ...given.map(({ id, value }) => `${id} = ${value}`), ""].join("\n");
}

/** The command that decides the same; empty where points alone would not do. */
function commandOf(study, points, lifted) {
  if (!study.command) return "";
  const told = ranked(study, points ?? []).filter(({ id, value }) => value > 0 || study.stated.includes(id));
  const options = [
    ...told.map(({ id, value }) => `--what-if priorities.points.${id}=${value}`),
    ...[...lifted].map((constraint) => `--lift ${constraint}`),
  ];
  return [study.command, ...options].join(" \\\n  ");
}

function ranked(study, points) {
  return points.map((value, k) => ({ id: study.criteria[k].id, value })).sort((a, b) => b.value - a.value);
}

async function startPanel() {
  const study = JSON.parse(document.getElementById("what-if-study").textContent);
  const panel = document.getElementById("what-if");
  const part = (name) => panel.querySelector(`[data-part="${name}"]`);
  const sliders = study.criteria.map(({ id }) => document.getElementById(`points-${id}`));
  const switches = [...panel.querySelectorAll("input[data-constraint]")];
  const draws = await unpackDraws(study);
  let moved = false; // until a slider moves, the weights are those of the report
  let pending = false;

  function show() {
    pending = false;
    const points = sliders.map((slider) => slider.valueAsNumber);
    const weightless = !points.some((value) => value > 0);
    part("weightless").hidden = !weightless;
    sliders.forEach((slider, k) => (part(`points-${study.criteria[k].id}`).value = slider.value));
    if (weightless) return;
    const lifted = new Set(switches.filter((one) => !one.checked).map((one) => one.dataset.constraint));
    const weights = moved ? weightsFromPoints(points, draws.chances, study) : draws.weights;
    const decision = decide(study, draws, weights, lifted);
    if (!moved && !lifted.size) Object.assign(decision, reported(study, decision));
    panel.dataset.verdict = decision.verdict;
    part("word").textContent = WORDS[decision.verdict];
    part("sentence").textContent = sentenceOf(study, decision);
    part("flips").textContent = flipSentence(study, decision);
    study.candidates.forEach(({ id }, place) => {
      const share = decision.probability[place];
      part(`meter-${id}`).value = share ?? 0;
      part(`share-${id}`).textContent = share === null ? "ruled out" : percent(share);
    });
    study.criteria.forEach(({ id }, k) => {
      const flip = decision.flips[k] ?? null;
      const ties = flip === null ? "never ties" : `ties at ${percent(flip)}`;
      part(`weight-${id}`).textContent = percent(decision.meanWeights[k]);
      part(`flip-${id}`).textContent = decision.flips.length ? ties : "";
    });
    part("mode").textContent = moved
      ? `Your points: each within ${study.half_width} of where its slider stands, the largest counting ${study.top}.`
      : "The weights are still those of the report.";
    part("toml").value = moved ? answersOf(study, points) : "";
    part("command").value = moved || lifted.size ? commandOf(study, moved ? points : null, lifted) : "";
    for (const name of ["toml", "command"]) {
      part(name).rows = part(name).value.trim().split("\n").length;
      part(`${name}-copy`).disabled = !part(name).value;
    }
  }

  /** At most once per frame, however fast a slider moves. */
  function changed() {
    if (!pending) requestAnimationFrame(show);
    pending = true;
  }

  /** Screen readers hear the verdict once a control comes to rest, not at every step on the way. */
  function announce() {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      part("announced").textContent = `${part("word").textContent}. ${part("sentence").textContent}`;
    }));
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      moved = true;
      changed();
    });
    slider.addEventListener("change", announce);
  }
  for (const one of switches) {
    one.addEventListener("input", changed);
    one.addEventListener("change", announce);
  }
  part("reset").addEventListener("click", () => {
    study.criteria.forEach(({ points }, k) => (sliders[k].value = points));
    for (const one of switches) one.checked = true;
    moved = false;
    changed();
    announce();
  });
  for (const name of ["toml", "command"]) {
    part(`${name}-copy`).addEventListener("click", async () => {
      part(name).select();
      const done = await navigator.clipboard.writeText(part(name).value).then(
        () => true,
        () => document.execCommand("copy"), // where the clipboard may not be written to directly
      );
      part("copied").textContent = done ? "Copied." : "Selected: copy it with your keyboard.";
    });
  }
  // A browser that goes back restores sliders and switches, but not what they meant.
  study.criteria.forEach(({ points }, k) => (sliders[k].value = points));
  for (const one of switches) one.checked = true;
  show();
  panel.hidden = false;
}

/** Tables wider than the page can be scrolled with the keyboard. */
function letWideTablesBeReached() {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

letWideTablesBeReached();
addEventListener("resize", letWideTablesBeReached);
if (document.getElementById("what-if")) startPanel();
