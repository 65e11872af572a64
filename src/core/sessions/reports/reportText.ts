import { cutText } from "../../../base/cutText.ts";
import { fencedMarkdown, inlineMarkdown } from "../../../base/text/markdown.ts";
import type { Usage } from "../../../protocol/usage.ts";
import type { RunReport } from "../../../protocol/written/runReport.ts";
import { totalTokens } from "../../models/usageSum.ts";

const CUT_LINE = "The rest is left out: the report is too long.";

/**
 * A report as Markdown. What the model, a user or a file wrote stands in it as text, whatever it looks like: in tables
 * escaped and on one line, whole texts in a fence that they cannot end. Cut to `maxChars`, it is whole Markdown still.
 */
export function reportText(report: RunReport, maxChars: number): string {
  const { ended, state, error, files, refused, lacked, notices, subagents, leftOut } = report;
  const parts = [
    `# Report of run ${inlineMarkdown(report.runId)}`,
    facts(report),
    ...section("Asked", fencedMarkdown(report.asked, "text")),
    ...(error ? section("Error", `${inlineMarkdown(error.code)}: ${inlineMarkdown(error.message)}`) : []),
    ...section("Answer", report.answer === "" ? "" : fencedMarkdown(report.answer, "text")),
    ...section("Commands", commandTable(report)),
    ...section("Tools", toolTable(report)),
    ...section(
      "Files changed",
      table(
        ["File", "What"],
        files.map(({ path, kind, state: now }) => [
          path,
          now === "changed_since" ? `${kind}, and changed since` : kind,
        ]),
      ),
    ),
    ...section(
      "Refused",
      table(
        ["Tool", "What", "Why"],
        refused.map(({ tool, what, why }) => [tool, what, why]),
      ),
    ),
    ...section("Lacked", list(lacked)),
    ...section("Errors and retries", list(notices)),
    ...section(
      "Sub-agents",
      table(
        ["Session", "Run", "State", "Cost"],
        subagents.map((one) => [one.sessionKey, one.runId, one.state, costText(one.usage)]),
      ),
    ),
    ...(leftOut > 0 ? [`${leftOut} more entries are not listed.`] : []),
    ...(ended === null ? [`The run is ${state}: this is how far it has come.`] : []),
  ];
  return cutReport(parts.join("\n\n"), maxChars - 1) + "\n";
}

function facts(report: RunReport): string {
  const { title, sessionKey, origin, ended, state, usage, durationMs } = report;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  return table(
    ["", ""],
    [
      ["Session", title === null ? sessionKey : `${title} (${sessionKey})`],
      ["Started by", [origin.via, origin.id, origin.rehearsal && "(a rehearsal)"].filter(Boolean).join(" ")],
      ["Ended", ended === null ? state : ended.replace("_", " ")],
      ["Model", report.model],
      ["Began", report.startedAt ?? "not yet"],
      ["Took", durationMs === null ? "" : secondsText(durationMs)],
      ["Steps", String(report.steps)],
      ["Cost", costText(usage)],
      [
        "Tokens",
        `${totalTokens(usage)}: ${inputTokens} in, ${outputTokens} out, ${cacheReadTokens} from a cache, ${cacheWriteTokens} into one`,
      ],
    ].filter(([, value]) => value !== ""),
  );
}

function commandTable({ commands }: RunReport): string {
  return table(
    ["Command", "Ended", "Took"],
    commands.map(({ command, ended, exitCode, durationMs }) => [
      command,
      exitCode === null ? ended : `exit code ${exitCode}`,
      durationMs === null ? "" : secondsText(durationMs),
    ]),
  );
}

function toolTable({ tools }: RunReport): string {
  return table(
    ["Tool", "Calls", "Failed", "Refused"],
    tools.map(({ name, calls, failed, refused }) => [name, String(calls), String(failed), String(refused)]),
  );
}

function section(title: string, body: string): string[] {
  return body === "" ? [] : [`## ${title}`, body];
}

function table(heads: string[], rows: string[][]): string {
  if (rows.length === 0) return "";
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(heads),
    line(heads.map(() => "---")),
    ...rows.map((row) => line(row.map((cell) => inlineMarkdown(cell)))),
  ].join("\n");
}

function list(texts: string[]): string {
  return texts.map((text) => `- ${inlineMarkdown(text)}`).join("\n");
}

/** Cut between lines; where that opens a fence, it is closed. */
function cutReport(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  // A fence that is cut is closed by one as long.
  const longest = Math.max(3, ...[...text.matchAll(/^`+/gm)].map(([run]) => run.length));
  const lines = cutText(text, Math.max(0, maxChars - CUT_LINE.length - longest - 3), "")
    .split("\n")
    .slice(0, -1);
  let fence = "";
  for (const line of lines) {
    const [mark = ""] = /^`{3,}/.exec(line) ?? [];
    if (fence === "" && mark !== "") fence = mark;
    else if (fence !== "" && line === fence) fence = "";
  }
  return [...lines, ...(fence === "" ? [] : [fence]), "", CUT_LINE].join("\n");
}

function costText({ costUsd, knownUsd, estimated }: Usage): string {
  const dollars = (amount: number) => `$${amount.toFixed(amount > 0 && amount < 0.1 ? 4 : 2)}`;
  if (costUsd === null) return knownUsd === undefined ? "not known" : `at least ${dollars(knownUsd)}`;
  return `${estimated ? "about " : ""}${dollars(costUsd)}`;
}

function secondsText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
