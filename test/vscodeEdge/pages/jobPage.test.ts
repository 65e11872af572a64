import { expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import type { Job, ToldFiring } from "../../../src/protocol/job.ts";
import { tookWords, totalOf } from "../../../src/vscode/pages/firingSums.ts";
import { JOB_PAGE_COMMANDS, type JobPage, jobPage } from "../../../src/vscode/pages/jobPage.ts";

const now = Date.parse("2026-11-23T10:00:00Z");

const job: Job = {
  id: "job-1",
  name: 'Nightly <img src=x onerror="1">',
  schedule: { kind: "cron", expr: "0 9 * * 1-5", tz: "UTC" },
  payload: { kind: "agentTurn", message: "Look & say" },
  sessionTarget: "isolated",
  enabled: true,
  budgetUsd: 0.5,
  createdBy: { via: "api" },
  createdAt: "2026-11-01T00:00:00.000Z",
  updatedAt: "2026-11-01T00:00:00.000Z",
  nextRunAt: "2026-11-24T09:00:00.000Z",
  lastRunAt: null,
  lastStatus: null,
  state: { consecutiveErrors: 1, lastError: "No key" },
};

const usage = { inputTokens: 1200, outputTokens: 34, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.01 };
const firing = (day: number, more: Partial<ToldFiring>): ToldFiring => ({
  jobId: "job-1",
  slot: `2026-11-${day}T09:00:00.000Z`,
  startedAt: `2026-11-${day}T09:00:00.000Z`,
  status: "ok",
  cause: "schedule",
  runId: `run-${day}`,
  sessionKey: `s-${day}`,
  durationMs: day * 1000,
  usage,
  lastLines: "All is well",
  ...more,
});

const runs = [
  firing(23, {
    status: "failed",
    error: "</td><script>alert(1)</script>",
    durationMs: 400,
    lacked: ["exec: npm publish"],
  }),
  firing(22, {
    status: "skipped",
    runId: undefined,
    sessionKey: undefined,
    durationMs: undefined,
    usage: undefined,
    lastLines: undefined,
  }),
  firing(21, { usage: { ...usage, costUsd: null, knownUsd: 0.005 } }),
  firing(20, {}),
];

const page = (more: Partial<JobPage> = {}): JobPage => ({
  job,
  next: ["2026-11-24T09:00:00.000Z", "2026-11-25T09:00:00.000Z"],
  runs,
  locale: { language: "en", timeZone: "UTC", now },
  texts: english,
  head: { nonce: "n0", script: "page.js" },
  statusOf: ({ status }) => status,
  causeOf: ({ cause }) => (cause === "schedule" ? "" : cause),
  ...more,
});

test("sums tell what is known: a run without a price is none for nothing", () => {
  expect(totalOf(runs)).toEqual({ ok: 2, failed: 1, other: 1, costUsd: 0.025, unpriced: 1, median: 20_000 });
  expect(totalOf([])).toEqual({ ok: 0, failed: 0, other: 0, costUsd: null, unpriced: 0 });
  expect([400, 1500, 200_000, 7_500_000].map((ms) => tookWords(ms, english))).toEqual([
    "400 ms",
    "1.5 s",
    "3 min 20 s",
    "2 h 5 min",
  ]);
});

test("the page tells schedule, next times and runs, holds no script, and takes nothing of a text for markup", () => {
  const html = jobPage(page());
  expect(html).toContain(
    "default-src 'none'; style-src 'nonce-n0'; script-src 'nonce-n0'; form-action 'none'; base-uri 'none'",
  );
  expect(html).not.toMatch(/<img|style="/);
  expect(html.match(/<script[^>]*>/g)).toEqual([`<script type="module" nonce="n0" src="page.js">`]);
  expect(html).toContain("every weekday at 09:00 · on");
  const next = '<dt data-key="Next">Next</dt><dd data-key="Next">';
  expect(html).toContain(`${next}Tue, Nov 24, 09:00 UTC\nWed, Nov 25, 09:00 UTC</dd>`);
  expect(html).toContain(
    "4 firings · 2 done · 1 failed · 1 skipped, missed or running · typically 20.0 s · $0.0250 + 1 unpriced",
  );
  expect(html).toContain("&#60;/td&#62;&#60;script&#62;alert(1)&#60;/script&#62;\nLacked: exec: npm publish");
  expect(html).toContain('<td>21.0 s</td><td class="detail">1,234</td><td>≥ $0.0050</td>');
});

test("it says where a result goes", () => {
  const delivery = { mode: "announce", channel: "telegram", to: "123:4", content: "report" } as const;
  const html = jobPage(page({ job: { ...job, delivery } }));
  expect(html).toContain('<dd data-key="Result">announce · telegram · 123:4 · report</dd>');
});

test("a result that waits says why, and until when", () => {
  const [first] = page().runs;
  const delivery = {
    status: "queued",
    channel: "telegram",
    why: "<gone>",
    givenUpAt: "2026-11-30T09:00:00.000Z",
  } as const;
  const html = jobPage(page({ runs: [{ ...first!, delivery }] }));
  expect(html).toContain("On its way to telegram\nIt waits: &#60;gone&#62;\nGiven up: Mon, Nov 30, 09:00 UTC");
});

test("the chart has a text for those who do not see it, and tells failures by more than a colour", () => {
  const html = jobPage(page());
  expect(html).toContain(
    'aria-label="Time that the last 4 firings took: 2 done, 1 failed, 1 others. At most 21.0 s, typically 20.0 s. The table has the figures."',
  );
  expect(html.match(/<g><title>/g)).toHaveLength(4);
  expect(html.match(/class="cross"/g)).toHaveLength(1);
  expect(html.match(/<circle/g)).toHaveLength(1);
  expect(html).toContain("<title>Sat, Nov 21, 09:00 UTC: ok, 21.0 s</title>");
});

test("its links are commands that it may run, each with a name of its own for a screen reader", () => {
  const html = jobPage(page());
  const links = [
    ...html.matchAll(/<a href="command:([\w.]+)\?([^"]*)" data-key="[\w.]+"(?: aria-label="([^"]*)")?>([^<]*)</g),
  ];
  expect(links.length).toBe(html.match(/<a /g)!.length);
  for (const [, command] of links) expect(JOB_PAGE_COMMANDS).toContain(command);
  const [runNow] = links;
  expect(JSON.parse(decodeURIComponent(runNow![2]!))).toEqual([{ id: "job-1" }]);
  const names = links.map(([, , , spoken, label]) => spoken ?? label);
  expect(new Set(names).size).toBe(names.length);
});

test("a job without runs, of a file, or that follows another, says so", () => {
  const html = jobPage(
    page({
      job: { ...job, ownedByFile: true, enabled: false, schedule: { kind: "after", jobId: "job-2", on: "ok" } },
      follows: "Build",
      next: [],
      runs: [],
    }),
  );
  expect(html).toContain("after Build has succeeded · off · declared in openclaw.yml");
  expect(html).toContain("It has not fired yet.");
  expect(html).not.toContain("pincer.editJob");
  expect(html).not.toContain("<svg");
});

test("a job that has fired often, and at once, has bars that fit", () => {
  const many = Array.from({ length: 100 }, (_, at) => firing(20, { durationMs: 0, runId: `r${at}` }));
  const html = jobPage(page({ runs: many }));
  expect(html.match(/<g><title>/g)).toHaveLength(60);
  expect(html).not.toContain("NaN");
});
