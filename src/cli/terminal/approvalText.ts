import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";

/**
 * What an answer would allow, whole: the exact command, or the exact change as a unified diff. Hidden characters show, and
 * each line stands behind a bar, so that none of it reads like what the command line says itself.
 */
export async function toApprovalText(approval: Pick<Approval, "subject">): Promise<string> {
  return visible(await wholeOf(approval)).replace(/^/gm, "│ ");
}

async function wholeOf({ subject }: Pick<Approval, "subject">): Promise<string> {
  if (subject.type === "command") return `${subject.cwd}$ ${subject.command}`;
  if (subject.type === "other") return subject.text;
  // Not at the top: no other verb needs it.
  const { createTwoFilesPatch } = await import("diff");
  const { before, after } = subject;
  const path = visibleLine(subject.path, Infinity);
  if (before === after) return `${path}: nothing changes`;
  // Two texts that have little in common take for ever to compare: they are shown one after the other then.
  const patch = createTwoFilesPatch("", "", before, after, "", "", { context: 3, timeout: 2_000 });
  const changes = patch?.slice(patch.indexOf("@@")).trimEnd();
  return `--- ${path}\n+++ ${path}\n${changes ?? `${mark("-", before)}${mark("+", after)}`.trimEnd()}`;
}

/** How to answer, as lines to copy; beneath each what it covers, where that is more than this call. */
export function toAnswerWords({ id, offers }: Pick<Approval, "id" | "offers">): string {
  return offers
    .map(({ decision, rule, words }, at) => {
      const isSecond = offers.findIndex((other) => other.decision === decision) < at;
      const flag = FLAGS[decision] === "" ? "" : ` ${FLAGS[decision]}`;
      const choice = isSecond ? ` --rule '${JSON.stringify(rule).replaceAll("'", "'\\''")}'` : "";
      const line = `pincer approvals ${decision === "deny" ? "deny" : "allow"} ${id}${flag}${choice}`;
      // On a line of its own, so that nothing of it is run with a copied command.
      return rule ? `${line}\n    to ${words}` : line;
    })
    .join("\n");
}

const FLAGS: Record<ApprovalDecision, string> = {
  allow: "",
  allow_session: "--session",
  allow_job: "--job",
  allow_always: "--always",
  deny: "",
};

function mark(sign: string, text: string): string {
  return text === "" ? "" : `${text.replace(/\n$/, "").replace(/^/gm, sign)}\n`;
}
