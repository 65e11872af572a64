import type { Approval } from "../../protocol/approval.ts";
import { visibleLine } from "./visible.ts";

/** Whether an approval's one line tells all that would happen, so that it may be answered by who reads nothing else. */
export function isToldWhole({ summary, subject }: Pick<Approval, "summary" | "subject">): boolean {
  if (subject.type === "edit") return false;
  const whole = subject.type === "command" ? `run ${subject.command}` : subject.text;
  return visibleLine(whole, Infinity) === summary;
}
