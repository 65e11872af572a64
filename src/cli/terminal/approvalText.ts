import type { Approval } from "../../protocol/approval.ts";
import { visible } from "../../base/visible.ts";

/** What an answer would allow, whole: the exact command, or the exact change as a unified diff. Hidden characters show. */
export async function toApprovalText({ subject }: Pick<Approval, "subject">): Promise<string> {
  if (subject.type === "command") return visible(`${subject.cwd}$ ${subject.command}`);
  if (subject.type === "other") return visible(subject.text);
  // Not at the top: no other verb needs it.
  const { createTwoFilesPatch } = await import("diff");
  const { path, before, after } = subject;
  if (before === after) return visible(`${path}: nothing changes`);
  // Two texts that have little in common take for ever to compare: they are shown one after the other then.
  const patch = createTwoFilesPatch(path, path, before, after, "", "", { context: 3, timeout: 2_000 });
  const whole = () => `--- ${path}\n${mark("-", before)}+++ ${path}\n${mark("+", after)}`;
  return visible((patch ?? whole()).replace(/^Index: .*\n=+\n/, "").trimEnd());
}

/** How to answer, as lines to copy. */
export function toAnswerWords({ id }: Pick<Approval, "id">): string {
  return `pincer approvals allow ${id}\npincer approvals deny ${id}`;
}

function mark(sign: string, text: string): string {
  return text === "" ? "" : `${text.replace(/\n$/, "").replace(/^/gm, sign)}\n`;
}
