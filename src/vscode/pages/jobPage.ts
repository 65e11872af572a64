import type { Texts } from "../../base/text/texts.ts";
import type { Job, ToldFiring } from "../../protocol/job.ts";
import { totalOf, tokensOf, tookWords } from "./firingSums.ts";
import { jobChart } from "./jobChart.ts";
import { escapeHtml, pageHead, type PageHead } from "./pageHead.ts";
import { type Locale, scheduleWords, timeWords } from "../../schedule/scheduleWords.ts";
import { waitWords } from "../words/waitWords.ts";

export interface JobPage {
  job: Job;
  /** The name of the job that it follows, where it follows one. */
  follows?: string;
  /** When it fires next, in ISO 8601. */
  next: string[];
  /** Newest first. */
  runs: ToldFiring[];
  locale: Locale;
  texts: Texts;
  head: PageHead;
  statusOf(firing: Pick<ToldFiring, "status">): string;
  causeOf(firing: ToldFiring): string;
}

/** What the page's links may run. */
export const JOB_PAGE_COMMANDS = [
  "pincer.showJob",
  "pincer.runJob",
  "pincer.editJob",
  "pincer.openSession",
  "pincer.showRunReport",
  "pincer.copyRunReport",
];

/** A page without a script of its own: what a job does and when, a chart of its runs, and a table of them. Its links are commands. */
export function jobPage(page: JobPage): string {
  const { job, runs, head, texts } = page;
  const { t } = texts;
  return `<!DOCTYPE html>
<html lang="${texts.spoken}">
${pageHead(job.name, STYLES, head)}
<body>
<header>
<h1>${escapeHtml(job.name)}</h1>
<p class="about">${escapeHtml(whenWords(page))}</p>
<nav aria-label="${t("What to do with it")}">${actions(page)}</nav>
</header>
<main>
<section aria-label="${t("About the job")}">
<dl>${facts(page)}</dl>
</section>
${runs.length === 0 ? `<p>${t("It has not fired yet.")}</p>` : `${totals(page)}\n${jobChart(page.runs, texts, (run) => `${when(run, page)}: ${stateWords(run, page)}`)}\n${table(page)}`}
</main>
</body>
</html>
`;
}

function whenWords({ job, follows, locale, texts: { t } }: JobPage): string {
  const { schedule } = job;
  const named = schedule.kind === "after" && follows !== undefined ? { ...schedule, jobId: follows } : schedule;
  return [
    scheduleWords(named, locale),
    job.enabled ? t("on") : t("off"),
    job.ownedByFile ? t("declared in openclaw.yml") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function actions({ job, runs, texts: { t } }: JobPage): string {
  const last = runs.find(({ runId }) => runId !== undefined);
  return [
    link(t("Run now"), "pincer.runJob", { id: job.id }),
    ...(last?.sessionKey ? [link(t("Open last session"), "pincer.openSession", last.sessionKey)] : []),
    ...(last?.runId ? [link(t("Report of the last run"), "pincer.showRunReport", last.runId)] : []),
    ...(job.ownedByFile ? [] : [link(t("Edit…"), "pincer.editJob", { id: job.id })]),
    link(t("Refresh"), "pincer.showJob", { id: job.id }),
  ].join(" ");
}

function facts({ job, next, locale, texts }: JobPage): string {
  const { t, number } = texts;
  const { payload, delivery, condition, grants, budgetUsd, budgetTokens, state } = job;
  const does =
    payload.kind === "agentTurn"
      ? payload.message
      : payload.kind === "systemEvent"
        ? payload.text
        : (payload.instructions ?? "");
  const budget = [
    ...(budgetUsd === undefined ? [] : [texts.dollars(budgetUsd)]),
    ...(budgetTokens === undefined ? [] : [t("{0} tokens", budgetTokens)]),
  ].join(", ");
  const all: [string, string | undefined][] = [
    [t("Next"), next.map((at) => timeWords(Date.parse(at), locale)).join("\n")],
    [t("Tried again"), state.retryAt && timeWords(Date.parse(state.retryAt), locale)],
    [
      payload.kind === "systemEvent" ? t("Event") : payload.kind === "heartbeat" ? t("Looks after") : t("Message"),
      does,
    ],
    [t("Session"), job.sessionTarget],
    [t("Folder"), job.workspace],
    [t("Model"), job.model],
    [t("Only if"), condition?.command],
    [t("Ceiling of a run"), budget],
    [t("Grants"), grants && grants.length > 0 ? number(grants.length) : undefined],
    [
      t("Result"),
      delivery && delivery.mode !== "none"
        ? [delivery.mode, delivery.channel, delivery.to, delivery.url, delivery.content].filter(Boolean).join(" · ")
        : undefined,
    ],
    [t("Failures in a row"), state.consecutiveErrors > 0 ? number(state.consecutiveErrors) : undefined],
    [t("Last error"), state.lastError],
    [t("In doubt"), state.inDoubt],
    [t("Cannot look at its files"), state.lookFault],
  ];
  return all
    .flatMap(([name, value]) =>
      value ? [`<dt data-key="${name}">${name}</dt><dd data-key="${name}">${escapeHtml(value)}</dd>`] : [],
    )
    .join("\n");
}

function totals({ runs, texts }: JobPage): string {
  const { t, plural } = texts;
  const { ok, failed, other, costUsd, unpriced, median } = totalOf(runs);
  const cost =
    costUsd === null
      ? ""
      : unpriced > 0
        ? t("{0} + {1} unpriced", texts.dollars(costUsd), unpriced)
        : texts.dollars(costUsd);
  const words = [
    plural(runs.length, "{0} firing", "{0} firings"),
    t("{0} done", ok),
    t("{0} failed", failed),
    ...(other > 0 ? [t("{0} skipped, missed or running", other)] : []),
    ...(median === undefined ? [] : [t("typically {0}", tookWords(median, texts))]),
    ...(cost === "" ? [] : [cost]),
  ];
  return `<h2>${t("Runs")}</h2>\n<p class="about">${escapeHtml(words.join(" · "))}</p>`;
}

/** What became of its result, where it is not simply there. */
function deliveryLines({ delivery }: ToldFiring, { locale, texts: { t } }: JobPage): string[] {
  if (!delivery) return [];
  const { status, channel = "", error = "" } = delivery;
  if (status === "queued") return [t("On its way to {0}", channel), ...waitWords(delivery, locale, t)];
  if (status === "in doubt") return [t("May not have arrived: {0}", error)];
  return delivery.error === undefined ? [] : [t("Not delivered: {0}", error)];
}

function table(page: JobPage): string {
  const { runs, texts } = page;
  const { t, number } = texts;
  const rows = runs.map((run) => {
    const tokens = run.usage ? number(tokensOf(run.usage)) : "";
    const cost = run.usage ? (texts.cost(run.usage) ?? t("not known")) : "";
    const said = run.error ?? run.lastLines ?? "";
    const lacked = (run.lacked ?? []).map((line) => t("Lacked: {0}", line));
    const lost = deliveryLines(run, page);
    const text = [said, ...(run.grantsVoid ? [run.grantsVoid] : []), ...lacked, ...lost].filter(Boolean).join("\n");
    const of = when(run, page);
    const links = [
      ...(run.sessionKey
        ? [link(t("Session"), "pincer.openSession", run.sessionKey, t("Open session of {0}", of))]
        : []),
      ...(run.runId
        ? [
            link(t("Report"), "pincer.showRunReport", run.runId, t("Report of {0}", of)),
            link(t("Copy"), "pincer.copyRunReport", run.runId, t("Copy report of {0}", of)),
          ]
        : []),
    ];
    return (
      `<tr class="${run.status}" data-key="${escapeHtml(run.slot)}"><th scope="row">${escapeHtml(of)}</th><td class="state">${escapeHtml(stateWords(run, page))}</td>` +
      `<td>${run.durationMs === undefined ? "" : tookWords(run.durationMs, texts)}</td><td class="detail">${tokens}</td><td>${cost}</td>` +
      `<td class="said">${escapeHtml(text)}</td><td class="links">${links.join(" ")}</td></tr>`
    );
  });
  return `<table>
<caption>${t("Past firings, newest first")}</caption>
<thead><tr><th scope="col">${t("When")}</th><th scope="col" class="state">${t("State")}</th><th scope="col">${t("Took")}</th><th scope="col" class="detail">${t("Tokens")}</th><th scope="col">${t("Cost")}</th><th scope="col" class="said">${t("Result")}</th><th scope="col"><span class="unseen">${t("Look at")}</span></th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function when(run: ToldFiring, { locale }: JobPage): string {
  return timeWords(Date.parse(run.status === "missed" ? run.slot : run.startedAt), locale);
}

function stateWords(run: ToldFiring, page: JobPage): string {
  return [page.statusOf(run), page.causeOf(run)].filter(Boolean).join(", ");
}

function link(label: string, command: string, argument: unknown, spoken?: string): string {
  const href = `command:${command}?${encodeURIComponent(JSON.stringify([argument]))}`;
  return `<a href="${escapeHtml(href)}" data-key="${command}"${spoken === undefined ? "" : ` aria-label="${escapeHtml(spoken)}"`}>${label}</a>`;
}

const STYLES = `
body { max-width: 980px; margin: 0 auto; padding: 16px 24px 40px; line-height: 1.5; }
h1 { margin: 0 0 4px; font-size: 1.5em; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 24px 0 4px; font-size: 1.15em; font-weight: 600; }
.about { margin: 0 0 12px; color: var(--vscode-descriptionForeground); overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 6px; }
nav a { padding: 2px 10px; border-radius: 4px; text-decoration: none; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-contrastBorder, transparent); }
nav a:first-child { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
nav a:hover { background: var(--vscode-button-secondaryHoverBackground); }
nav a:first-child:hover { background: var(--vscode-button-hoverBackground); }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 16px 0 0; }
dt { color: var(--vscode-descriptionForeground); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 12em; overflow-y: auto; }
figure { margin: 12px 0 24px; }
figcaption, .axis { display: flex; justify-content: space-between; color: var(--vscode-descriptionForeground); font-size: 0.9em; }
figure svg { display: block; width: 100%; height: 120px; }
figure line { stroke: var(--vscode-widget-border, var(--vscode-descriptionForeground)); }
.bar { fill: var(--vscode-charts-blue); }
.bar.failed { fill: var(--vscode-charts-red); }
.bar.running { fill: var(--vscode-charts-yellow); }
.cross { stroke: var(--vscode-charts-red); stroke-width: 2; fill: none; }
.none { fill: var(--vscode-descriptionForeground); }
.slot { fill: transparent; }
g:hover .slot { fill: var(--vscode-list-hoverBackground, transparent); }
.key { margin: 4px 0 0; color: var(--vscode-descriptionForeground); font-size: 0.9em; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 6px; text-align: left; font-weight: 600; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { color: var(--vscode-descriptionForeground); font-weight: normal; }
th:first-child { padding-left: 0; text-align: left; font-weight: normal; }
.state, .said { text-align: left; white-space: pre-wrap; overflow-wrap: anywhere; }
.state { min-width: 90px; }
.said { width: 40%; min-width: 160px; }
tr.failed .state { color: var(--vscode-errorForeground); }
.links a { margin-left: 8px; }
main { overflow-x: auto; }
@media (max-width: 620px) { .detail { display: none; } th:first-child { min-width: 100px; white-space: normal; } .links a { display: block; margin: 0; }  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
