import type { Texts } from "../../base/text/texts.ts";
import type { ToldFiring } from "../../protocol/job.ts";
import { tookWords, totalOf } from "./firingSums.ts";
import { escapeHtml } from "./pageHead.ts";

const WIDTH = 720;
const HEIGHT = 120;
/** Above the bars, for the crosses of failures. */
const HEAD = 14;
const MOST = 60;

/**
 * A bar for each firing, the oldest first, as high as it took long. A failure has a cross above its bar, so that it is told
 * without its colour; what did not run has a dot. Whoever cannot see them is told the figures, and has the table.
 */
export function jobChart(runs: readonly ToldFiring[], texts: Texts, nameOf: (run: ToldFiring) => string): string {
  const shown = runs.slice(0, MOST).toReversed();
  const took = shown.flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]));
  const most = Math.max(0, ...took);
  const step = Math.min(60, WIDTH / shown.length);
  const bars = shown.map((run, at) => bar(run, { at, step, most, texts }, nameOf(run)));
  const label = chartWords(shown, most, texts);
  return `<figure>
<figcaption><span>${tookWords(most, texts)}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" preserveAspectRatio="xMinYMax meet" role="img" aria-label="${escapeHtml(label)}">
<line x1="0" y1="${HEIGHT + 0.5}" x2="${WIDTH}" y2="${HEIGHT + 0.5}"/>
${bars.join("\n")}
</svg>
<p class="key" aria-hidden="true">${texts.t("Time that each run took, the oldest first. × failed, · did not run")}</p>
</figure>`;
}

function bar(
  run: ToldFiring,
  { at, step, most, texts }: { at: number; step: number; most: number; texts: Texts },
  name: string,
): string {
  const { durationMs, status } = run;
  const x = at * step;
  const width = step * 0.7;
  const left = x + step * 0.15;
  const height =
    durationMs === undefined || most === 0 ? 0 : Math.max(2, Math.round((durationMs / most) * (HEIGHT - HEAD)));
  const top = HEIGHT - height;
  const middle = x + step / 2;
  const arm = Math.min(5, width / 2);
  const cross = `<path class="cross" d="M${fix(middle - arm)} ${fix(top - 12)}l${fix(2 * arm)} 9m0 -9l${fix(-2 * arm)} 9"/>`;
  const drawn =
    durationMs === undefined && status !== "failed"
      ? `<circle class="none" cx="${fix(middle)}" cy="${HEIGHT - 4}" r="2"/>`
      : `<rect class="bar ${status}" x="${fix(left)}" y="${top}" width="${fix(width)}" height="${height}" rx="1.5"/>`;
  const title = durationMs === undefined ? name : `${name}, ${tookWords(durationMs, texts)}`;
  return (
    `<g><title>${escapeHtml(title)}</title><rect class="slot" x="${fix(x)}" y="0" width="${fix(step)}" height="${HEIGHT}"/>` +
    `${drawn}${status === "failed" ? cross : ""}</g>`
  );
}

function chartWords(shown: readonly ToldFiring[], most: number, texts: Texts): string {
  const { t } = texts;
  const { ok, failed, other, median } = totalOf(shown);
  return [
    t("Time that the last {0} firings took: {1} done, {2} failed, {3} others.", shown.length, ok, failed, other),
    ...(median === undefined
      ? []
      : [t("At most {0}, typically {1}.", tookWords(most, texts), tookWords(median, texts))]),
    t("The table has the figures."),
  ].join(" ");
}

function fix(value: number): string {
  return value.toFixed(1);
}
