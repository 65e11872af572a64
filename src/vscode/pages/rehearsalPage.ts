import { fencedMarkdown, plainMarkdown } from "../../base/text/markdown.ts";
import type { RehearsalReport } from "../../protocol/written/rehearsal.ts";

/** What the page says beside commands and paths, in the editor's language. */
export interface RehearsalWords {
  title(name: string): string;
  asked: string;
  nothing: string;
  times(count: number): string;
  grant: string;
  granted: string;
  ungranted: string;
  mayDo: string;
  condition: string;
  holds: string;
  delivery: string;
  write(file: string): string;
  goesOn: string;
  decision(decision: RehearsalReport["asked"][number]["decision"]): string;
}

/** A rehearsal as Markdown: what has to be known of it, each thing that it asked with its answer, and what would be delivered. */
export function rehearsalPage(report: RehearsalReport, words: RehearsalWords): string {
  const { name, jobId, asked, notes, state, mayDo, condition, delivery, yaml, file = "openclaw.yml" } = report;
  const lines = [`# ${words.title(plainMarkdown(name ?? jobId, 80))}`, ""];
  if (state !== "finished") lines.push(words.goesOn, "");
  for (const note of notes) lines.push(`> ${plainMarkdown(note, 1000)}`, "");
  lines.push(`## ${words.asked}`, "");
  if (asked.length === 0) lines.push(words.nothing, "");
  for (const one of asked) lines.push(...askedLines(one, words));
  if (condition)
    lines.push(
      `## ${words.condition}`,
      "",
      ...block(condition.command),
      condition.unmet === null ? words.holds : plainMarkdown(condition.unmet, 1000),
      "",
    );
  if (mayDo !== null) lines.push(`## ${words.mayDo}`, "", plainMarkdown(mayDo, 10_000), "");
  if (yaml !== undefined) lines.push(words.write(plainMarkdown(file, 300)), "", ...block(yaml, "yaml"));
  if (delivery) {
    const { mode, channel = "", to = "", url = "", why, error } = delivery;
    const said = why ?? error;
    lines.push(
      `## ${words.delivery}`,
      "",
      plainMarkdown([mode, channel, to, url].filter(Boolean).join(" ")),
      "",
      ...(said === undefined ? [] : [`> ${plainMarkdown(said, 1000)}`, ""]),
      ...block(delivery.text),
    );
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function askedLines(one: RehearsalReport["asked"][number], words: RehearsalWords): string[] {
  const { number, tool, exact, cwd, times, decision, grants, granted, words: covers } = one;
  const often = times > 1 ? `, ${words.times(times)}` : "";
  const may = grants.length === 0 ? words.ungranted : granted ? words.granted : words.grant;
  return [
    `### ${number}. ${plainMarkdown(tool, 80)}: ${words.decision(decision)}${often}`,
    "",
    ...block(exact),
    ...(cwd === undefined ? [] : [plainMarkdown(cwd, 300), ""]),
    `${may}: ${plainMarkdown(covers, 2000)}`,
    "",
  ];
}

function block(text: string, language = ""): string[] {
  return [fencedMarkdown(text, language), ""];
}
