const cores = 2;

/**
 * Runs steps side by side, in the order of the list: each as soon as what it `needs` has passed and its `cores` (1 unless
 * said, 0 for waiting on the network) are free. A step resolves with `{passed, failed, output?}`; one that throws has
 * failed. Steps whose needs failed are not run and count as failed. Resolves with the sums.
 */
export async function runPlan(steps) {
  const results = new Map();
  const running = new Map();
  let free = cores;
  while (results.size < steps.length) {
    for (const step of steps) {
      if (results.has(step.name) || running.has(step.name)) continue;
      const broken = step.needs?.find((name) => results.get(name)?.failed > 0);
      if (broken) {
        results.set(step.name, report(step, { passed: 0, failed: 1, output: `not run, because ${broken} failed` }));
        continue;
      }
      const ready = (step.needs ?? []).every((name) => results.has(name));
      const weight = step.cores ?? 1;
      if (!ready) continue;
      // What comes first in the list is not overtaken by what needs less.
      if (weight > free) break;
      free -= weight;
      running.set(
        step.name,
        runStep(step).then((result) => {
          results.set(step.name, result);
          running.delete(step.name);
          free += weight;
        }),
      );
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  const sum = (field) => [...results.values()].reduce((total, result) => total + result[field], 0);
  return { passed: sum("passed"), failed: sum("failed") };
}

async function runStep(step) {
  const started = performance.now();
  const result = await step.run().catch((error) => ({ passed: 0, failed: 1, output: error.stack ?? String(error) }));
  return report(step, result, (performance.now() - started) / 1000);
}

function report(step, result, seconds) {
  const mark = result.failed > 0 ? "FAIL" : "ok";
  const time = seconds === undefined ? "" : `${seconds.toFixed(1)} s`;
  const note =
    result.note ?? (result.passed + result.failed > 1 ? `${result.passed} passed, ${result.failed} failed` : "");
  console.log(`${mark.padEnd(5)} ${step.name.padEnd(10)} ${time.padStart(8)}  ${note}`.trimEnd());
  if (result.failed > 0 && result.output) console.log(indent(tail(result.output, 250)));
  return result;
}

function tail(text, lines) {
  const all = text.trimEnd().split("\n");
  return all.length > lines
    ? [`(${all.length - lines} lines before this)`, ...all.slice(-lines)].join("\n")
    : all.join("\n");
}

function indent(text) {
  return text.replaceAll(/^/gm, "      ");
}
