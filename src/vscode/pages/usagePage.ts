import type { Texts } from "../../base/text/texts.ts";
import { escapeHtml, pageHead, type PageHead } from "./pageHead.ts";
import {
  costWords,
  type Measure,
  sumBy,
  sumByDay,
  sumUsage,
  type UsageEntry,
  type UsageSum,
  valueOf,
  USAGE_DAYS,
} from "./usageSums.ts";

export interface UsagePage {
  rows: UsageEntry[];
  days: number;
  measure: Measure;
  now: number;
  texts: Texts;
  head: PageHead;
  titleOf(sessionKey: string): string;
}

/**
 * A page without a script of its own: a chart of the days, and tables of days, sessions and models. Its links run
 * `pincer.showUsage` with another choice.
 */
export function usagePage(page: UsagePage): string {
  const { rows, days, measure, now, head, texts } = page;
  const { t } = texts;
  const byDay = sumByDay(rows, days, now);
  const total = sumUsage("total", rows);
  const body =
    rows.length === 0
      ? `<p>${t("Nothing was used in the last {0} days.", days)}</p>`
      : [
          chart(byDay, page),
          table(t("By model"), t("Model"), sumBy(rows, "model", measure), (key) => key, page),
          table(t("By session"), t("Session"), sumSessions(rows, measure), page.titleOf, page),
          table(
            t("By day (UTC)"),
            t("Day"),
            byDay.filter(({ requests }) => requests > 0).toReversed(),
            (key) => key,
            page,
          ),
        ].join("\n");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(texts.spoken)}">
${pageHead(t("Usage"), STYLES, head)}
<body>
<header>
<h1>${t("Usage of the last {0} days", days)}</h1>
<p class="total">${totalWords(total, texts)} · <strong>${escapeHtml(costWords(total, texts))}</strong></p>
<nav aria-label="${t("What is shown")}">
${USAGE_DAYS.map((other) => choice(t("{0} days", other), { days: other, measure }, other === days)).join(" ")}
<span class="gap"></span>
${choice(t("Tokens"), { days, measure: "tokens" }, measure === "tokens")} ${choice(t("Money"), { days, measure: "cost" }, measure === "cost")}
<span class="gap"></span>
${choice(t("Refresh"), { days, measure }, false)}
</nav>
</header>
<main>
${body}
</main>
</body>
</html>
`;
}

const MOST_SESSIONS = 50;

/** The keys of the sessions that a page names. */
export function shownSessions(rows: UsageEntry[], measure: Measure): string[] {
  return sumSessions(rows, measure).map(({ key }) => key);
}

function sumSessions(rows: UsageEntry[], measure: Measure): UsageSum[] {
  return sumBy(rows, "sessionKey", measure).slice(0, MOST_SESSIONS);
}

function choice(label: string, to: { days: number; measure: Measure }, isCurrent: boolean): string {
  const href = `command:pincer.showUsage?${encodeURIComponent(JSON.stringify([to]))}`;
  return `<a href="${escapeHtml(href)}" data-key="${label}"${isCurrent ? ' aria-current="true"' : ""}>${label}</a>`;
}

const WIDTH = 720;
const HEIGHT = 160;

/** Bars of the days; whoever cannot see them has the table of days. */
function chart(byDay: UsageSum[], page: UsagePage): string {
  const { measure, texts } = page;
  const { t } = texts;
  const most = Math.max(...byDay.map((sum) => valueOf(sum, measure)));
  const step = WIDTH / byDay.length;
  const bars = byDay.map((sum, at) => {
    const height = most > 0 ? Math.round((valueOf(sum, measure) / most) * HEIGHT) : 0;
    const drawn = valueOf(sum, measure) > 0 ? Math.max(2, height) : 0;
    const label = t("{0}: {1} tokens, {2}", sum.key, sum.tokens, costWords(sum, texts));
    const x = (at * step + step * 0.15).toFixed(1);
    return (
      `<g><title>${escapeHtml(label)}</title>` +
      `<rect class="slot" x="${(at * step).toFixed(1)}" y="0" width="${step.toFixed(1)}" height="${HEIGHT}"/>` +
      `<rect class="bar" x="${x}" y="${HEIGHT - drawn}" width="${(step * 0.7).toFixed(1)}" height="${drawn}" rx="1.5"/></g>`
    );
  });
  const top =
    measure === "tokens" ? t("{0} tokens", most) : costWords({ ...byDay[0]!, costUsd: most, unpriced: 0 }, texts);
  const label =
    measure === "tokens"
      ? t("Tokens of each day; at most {0}. The table by day has the figures.", top)
      : t("Dollars of each day; at most {0}. The table by day has the figures.", top);
  return `<figure>
<figcaption><span>${escapeHtml(top)}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}">
<line x1="0" y1="${HEIGHT + 0.5}" x2="${WIDTH}" y2="${HEIGHT + 0.5}"/>
${bars.join("\n")}
</svg>
<div class="axis" aria-hidden="true"><span>${byDay[0]!.key}</span><span>${byDay.at(-1)!.key}</span></div>
</figure>`;
}

function table(
  caption: string,
  head: string,
  sums: UsageSum[],
  nameOf: (key: string) => string,
  page: UsagePage,
): string {
  const { t, tAs } = page.texts;
  const most = Math.max(...sums.map((sum) => valueOf(sum, page.measure)));
  const share = (sum: UsageSum) => (most > 0 ? ((valueOf(sum, page.measure) / most) * 100).toFixed(1) : "0");
  const rows = sums.map(
    (sum) =>
      `<tr data-key="${escapeHtml(sum.key)}"><th scope="row" title="${escapeHtml(sum.key)}">${escapeHtml(nameOf(sum.key))}</th>` +
      `<td class="share"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${share(sum)}" height="8"/></svg></td>` +
      [sum.requests, sum.inputTokens, sum.outputTokens, sum.cachedTokens, sum.tokens]
        .map((value, at) => `<td${isDetail(at) ? ' class="detail"' : ""}>${page.texts.number(value)}</td>`)
        .join("") +
      `<td>${escapeHtml(costWords(sum, page.texts))}</td></tr>`,
  );
  const columns = [
    t("Requests"),
    tAs("tokens", "In"),
    tAs("tokens", "Out"),
    tAs("tokens", "Cached"),
    t("Tokens"),
    t("Cost"),
  ].map((name, at) => `<th scope="col"${isDetail(at) ? ' class="detail"' : ""}>${name}</th>`);
  return `<table data-key="${head}">
<caption>${caption}</caption>
<thead><tr><th scope="col">${head}</th><th scope="col" class="share"><span class="unseen">${t("Share")}</span></th>${columns.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

/** In, out and cached, which a narrow page leaves to the sum. */
function isDetail(column: number): boolean {
  return column >= 1 && column <= 3;
}

/** "1,234 tokens in 5 requests", the tokens in strong letters. */
function totalWords({ tokens, requests }: UsageSum, { plural, number, t }: Texts): string {
  const [amount, calls] = [number(tokens), plural(requests, "{0} request", "{0} requests")];
  return escapeHtml(t("{0} tokens in {1}", amount, calls)).replace(amount, `<strong>${amount}</strong>`);
}

const STYLES = `
body { max-width: 860px; margin: 0 auto; padding: 16px 24px 40px; line-height: 1.5; }
h1 { margin: 0 0 4px; font-size: 1.5em; font-weight: 600; }
.total { margin: 0 0 12px; color: var(--vscode-descriptionForeground); }
.total strong { color: var(--vscode-foreground); }
nav { display: flex; flex-wrap: wrap; gap: 4px; }
nav a { padding: 2px 10px; border-radius: 4px; text-decoration: none; }
nav a:hover { background: var(--vscode-toolbar-hoverBackground); }
nav a[aria-current] { color: var(--vscode-button-foreground); background: var(--vscode-button-background); outline: 1px solid var(--vscode-contrastBorder, transparent); }
nav .gap { width: 12px; }
figure { margin: 20px 0 28px; }
figcaption, .axis { display: flex; justify-content: space-between; color: var(--vscode-descriptionForeground); font-size: 0.9em; }
figure svg { display: block; width: 100%; height: 160px; }
figure line { stroke: var(--vscode-widget-border, var(--vscode-descriptionForeground)); }
.bar { fill: var(--vscode-charts-blue); }
.slot { fill: transparent; }
g:hover .slot { fill: var(--vscode-list-hoverBackground, transparent); }
table { width: 100%; margin: 0 0 28px; border-collapse: collapse; }
caption { padding: 0 0 6px; text-align: left; font-weight: 600; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { color: var(--vscode-descriptionForeground); font-weight: normal; }
th:first-child { max-width: 260px; padding-left: 0; overflow: hidden; text-align: left; text-overflow: ellipsis; font-weight: normal; }
.share { width: 20%; min-width: 60px; }
.share svg { display: block; width: 100%; height: 8px; }
main { overflow-x: auto; }
@media (max-width: 800px) { .share { display: none; } }
@media (max-width: 620px) { .detail { display: none; } th:first-child { max-width: 160px; } }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
